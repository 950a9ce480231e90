import Foundation
import TrainingCore

/// A checkpoint that was read to its end and found whole.
public struct Checkpoint: Sendable {
  /// The file.
  public let path: String
  /// What it says about itself.
  public let header: CheckpointHeader
  private let start: Int

  /// Opens a checkpoint and verifies every byte of it.
  ///
  /// - Throws: `CheckpointError` that says what is wrong where.
  public init(path: String) throws {
    self.path = path
    do {
      let file = try FileDescriptor(path, O_RDONLY)
      let size = try file.size()
      header = try Self.header(of: file, size: size, path: path)
      let json = size - header.arrayBytes
      start = json
      for section in Self.sections(of: header) {
        try Self.verify(section, in: file, path: path, header: header)
      }
    } catch let error as SystemError {
      throw CheckpointError.cannotRead(path: path, code: error.code)
    }
  }

  private static func header(
    of file: FileDescriptor, size: Int, path: String
  ) throws -> CheckpointHeader {
    let front = try read(min(size, CheckpointFile.preamble), from: file)
    guard front.count == CheckpointFile.preamble, front.starts(with: CheckpointFile.mark) else {
      throw CheckpointError.notACheckpoint(path: path)
    }
    let length = CheckpointFile.number(front[8..<16])
    guard length <= UInt64(size - CheckpointFile.preamble) else {
      throw CheckpointError.damaged(path: path, part: "the header or its length")
    }
    let json = try read(Int(length), from: file)
    guard CheckpointFile.number(front[16..<24]) == XXH64.hash(Array(front[0..<16]) + json) else {
      throw CheckpointError.damaged(path: path, part: "the header")
    }
    struct Form: Decodable {
      var format: Int
    }
    let decoder = JSONDecoder()
    let form = try? decoder.decode(Form.self, from: Data(json))
    if let form, form.format > CheckpointHeader.format {
      throw CheckpointError.newerFormat(path: path, version: form.format)
    }
    guard let header = try? decoder.decode(CheckpointHeader.self, from: Data(json)),
      header.parameters.allSatisfy({ (0...size).contains($0.count) })
    else {
      throw CheckpointError.damaged(path: path, part: "the header's contents")
    }
    let expected = CheckpointFile.preamble + json.count + header.arrayBytes
    guard size == expected else {
      throw CheckpointError.wrongLength(path: path, expected: expected, found: size)
    }
    return header
  }

  // MARK: Arrays

  private typealias Section = (part: CheckpointArrays.Part, parameter: Int)

  private static func sections(of header: CheckpointHeader) -> [Section] {
    CheckpointArrays.Part.allCases.flatMap { part in
      header.parameters.indices.filter { part == .values || header.parameters[$0].isTrained }
        .map { (part, $0) }
    }
  }

  private static func verify(
    _ section: Section, in file: FileDescriptor, path: String, header: CheckpointHeader
  ) throws {
    let parameter = header.parameters[section.parameter]
    var hash = XXH64()
    var left = 4 * parameter.count
    while left > 0 {
      let bytes = try read(min(left, 1 << 20), from: file)
      guard !bytes.isEmpty else { break }
      unsafe bytes.withUnsafeBytes { unsafe hash.update($0) }
      left -= bytes.count
    }
    try compare(hash, section, path: path, header: header)
  }

  private static func compare(
    _ hash: XXH64, _ section: Section, path: String, header: CheckpointHeader
  ) throws {
    let parameter = header.parameters[section.parameter]
    let position = section.part.rawValue
    guard parameter.checksums.indices.contains(position),
      parameter.checksums[position] == CheckpointArrays.hexadecimal(hash.value)
    else {
      throw CheckpointError.damaged(
        path: path, part: "\(section.part.words) of \(parameter.name)")
    }
  }

  private static func read(_ count: Int, from file: FileDescriptor) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var found = 0
    do {
      found = try unsafe bytes.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
    } catch let error as SystemError {
      throw error
    } catch {
      throw SystemError(code: EIO)
    }
    return Array(bytes.prefix(found))
  }

  /// Puts values and moments into an executor, verifying them once more.
  ///
  /// - Throws: `CheckpointError`; where it is one of the file, the executor holds a part of it.
  func load(into executor: StepExecutor) throws {
    if let difference = difference(from: executor.layout) {
      throw CheckpointError.otherModel(path: path, difference: difference)
    }
    do {
      let file = try FileDescriptor(path, O_RDONLY)
      _ = try Self.read(start, from: file)
      for section in CheckpointArrays(executor).sections {
        var hash = XXH64()
        try unsafe CheckpointArrays.fill(section.floats) { bytes in
          _ = try unsafe file.read(into: bytes)
          unsafe hash.update(UnsafeRawBufferPointer(bytes))
        }
        try Self.compare(hash, (section.part, section.parameter), path: path, header: header)
      }
    } catch let error as SystemError {
      throw CheckpointError.cannotRead(path: path, code: error.code)
    }
  }

  /// The first parameter that differs; nil where all are alike.
  private func difference(from layout: ParameterLayout) -> String? {
    for (saved, own) in zip(header.parameters, layout.entries)
    where saved.name != own.name || saved.count != own.count || saved.isTrained != own.isTrained {
      func words(_ name: String, _ count: Int, _ isTrained: Bool) -> String {
        "\(isTrained ? "trained" : "frozen") '\(name)' of \(count) numbers"
      }
      return "it has \(words(saved.name, saved.count, saved.isTrained)) where this one has "
        + words(own.name, own.count, own.isTrained)
    }
    guard header.parameters.count == layout.entries.count else {
      return "it has \(header.parameters.count) parameters, this one \(layout.entries.count)"
    }
    return nil
  }
}
