public import Foundation

/// The text of one input file, with its lines for error messages.
public struct SourceFile: Sendable {
  /// The largest file that is read: real ones are a hundredth of it.
  public static let sizeLimit = 1 << 20

  /// The name that messages print: the path as the user wrote it.
  public let name: String
  /// The whole text.
  public let text: String
  /// The lines of the text without their line ends.
  public let lines: [String]

  /// A file from text that is already in memory.
  public init(name: String, text: String) {
    self.name = name
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.last == "\r" ? line.dropLast() : line)
    }
  }

  /// Decodes the bytes of a file of at most `limit` bytes.
  ///
  /// - Throws: `FileErrors` where the bytes are too many or are not UTF-8.
  public init(name: String, bytes: Data, limit: Int = sizeLimit) throws(FileErrors) {
    func refuse(_ message: String, _ help: String, line: Int = 1) -> FileErrors {
      let location = SourceLocation(line: line, column: 1)
      let diagnostic = Diagnostic(
        file: name, location: location, message: message, help: help, sourceLine: nil)
      return FileErrors([diagnostic])
    }
    guard bytes.count <= limit else {
      throw refuse(
        "the file is larger than the limit of \(limit >> 20) MiB",
        "input files are small; is this the right file?")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let line = Self.lineOfFirstInvalidByte(in: bytes)
      throw refuse("the text is not UTF-8", "save the file as UTF-8", line: line)
    }
    let hasMark = text.unicodeScalars.first == "\u{FEFF}"
    self.init(name: name, text: hasMark ? String(text.unicodeScalars.dropFirst()) : text)
  }

  /// Reads a file of at most `limit` bytes from disk.
  ///
  /// - Throws: `MissingFile` where there is no such file or it cannot be opened, `FileErrors`
  ///   where its bytes are refused.
  public init(path: String, limit: Int = sizeLimit) throws {
    let manager = FileManager.default
    guard manager.fileExists(atPath: path) else {
      throw MissingFile(path: path, reason: "no such file")
    }
    let resolved = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
    let type = try? manager.attributesOfItem(atPath: resolved)[.type] as? FileAttributeType
    guard type != .typeDirectory else {
      throw MissingFile(path: path, reason: "it is a folder, not a file")
    }
    guard type == .typeRegular else {
      throw MissingFile(path: path, reason: "it is not a regular file")
    }
    guard let handle = FileHandle(forReadingAtPath: path),
      let bytes = try? handle.read(upToCount: limit + 1)
    else {
      // An empty file reads as nil on some systems; tell it apart from one that cannot be read.
      guard manager.isReadableFile(atPath: path) else {
        throw MissingFile(path: path, reason: "it cannot be opened")
      }
      self.init(name: path, text: "")
      return
    }
    try self.init(name: path, bytes: bytes, limit: limit)
  }

  /// A line by its number from 1; nil beyond the end.
  public func line(_ number: Int) -> String? {
    lines.indices.contains(number - 1) ? lines[number - 1] : nil
  }

  /// The line, from 1, whose bytes stop being UTF-8.
  private static func lineOfFirstInvalidByte(in bytes: Data) -> Int {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
    return (index ?? 0) + 1
  }
}

/// A place in a text; both numbers count from 1, columns in Unicode scalars.
public struct SourceLocation: Sendable, Hashable, Comparable {
  /// The line.
  public var line: Int
  /// The column.
  public var column: Int
  /// A place.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
  /// Reading order.
  public static func < (left: Self, right: Self) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}
