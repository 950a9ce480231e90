public import Quantities
public import Scenarios

/// One number of an input file: where it stands, what it says, and who says so.
public struct FileNumber: Sendable, Hashable {
  /// The path of keys, for example `accelerator.memory_bandwidth` or `efficiency.gemm.tiles[0].m`.
  public var path: String
  /// The value as written, for example `1555 GB/s`.
  public var text: String
  /// Who vouches for it.
  public var origin: Origin
  /// The citation; empty where the user typed the number.
  public var source: String
  /// The number in front of the unit.
  var number: Double
  /// The rest of the text.
  var unit: String
  /// Line and column from 1.
  var line: Int
  var column: Int

  /// Whether it says 0, of which no per cent is anything.
  var isZero: Bool { number == 0 }

  /// The value as written, with another number.
  func text(with number: Double) -> String {
    let digits =
      number == number.rounded() && number.magnitude < 1e15 ? "\(Int(number))" : "\(number)"
    return digits + unit
  }
}

/// Finds the numbers of an input file, and changes them one at a time.
public struct FileNumbers: Sendable {
  /// The file.
  public let file: SourceFile
  /// Its numbers in the order of the file.
  public private(set) var all: [FileNumber] = []
  private let sources: [String: String]

  /// Keys whose values are no numbers of the model.
  private static let skipped: Set<String> = [
    "schema", "id", "title", "as_of", "name", "note", "price_note", "sources", "defaults", "origin",
    "source",
  ]

  /// Reads a file's numbers.
  ///
  /// - Parameters:
  ///   - file: A file of hardware, of a software stack, or a scenario.
  ///   - fallback: Who vouches for numbers of which the file says nothing.
  /// - Throws: `FileErrors` where the text is no YAML.
  public init(_ file: SourceFile, fallback: Origin = .given) throws(FileErrors) {
    self.file = file
    let root = try Reader.tree(of: file)
    var sources: [String: String] = [:]
    for entry in root.entries?.first(where: { $0.key == "sources" })?.value.entries ?? [] {
      sources[entry.key] = entry.value.scalar ?? ""
    }
    self.sources = sources
    visit(root, path: "", voucher: Voucher(origin: fallback, source: ""))
  }

  private struct Voucher {
    var origin: Origin
    var source: String
  }

  private mutating func visit(_ node: YAMLNode, path: String, voucher: Voucher) {
    switch node.content {
    case .mapping(let entries):
      var own = voucher
      for key in ["defaults", ""] {
        let place = key.isEmpty ? node : entries.first { $0.key == key }?.value
        guard let place, let said = Self.voucher(place) else { continue }
        own = said
      }
      for entry in entries where !Self.skipped.contains(entry.key) {
        let name = path.isEmpty ? entry.key : path + "." + entry.key
        visit(
          entry.value, path: entry.key == "value" ? path : name, voucher: own)
      }
    case .list(let items):
      for (index, item) in items.enumerated() {
        visit(item, path: "\(path)[\(index)]", voucher: voucher)
      }
    case .scalar(let text, isQuoted: false):
      guard let (number, unit) = Self.split(text) else { return }
      all.append(
        FileNumber(
          path: path, text: text, origin: voucher.origin,
          source: sources[voucher.source] ?? voucher.source, number: number, unit: unit,
          line: node.location.line, column: node.location.column))
    case .scalar: break
    }
  }

  private static func voucher(_ node: YAMLNode) -> Voucher? {
    guard let entries = node.entries,
      let word = entries.first(where: { $0.key == "origin" })?.value.scalar,
      let origin = Origin(rawValue: word)
    else { return nil }
    let source = entries.first { $0.key == "source" }?.value.scalar ?? ""
    return Voucher(origin: origin, source: source)
  }

  /// A number and its unit; nil for words.
  private static func split(_ text: String) -> (Double, String)? {
    let digits = text.prefix { "+-0123456789.eE".contains($0) }
    // `1e9` is a number, the `E` of `8 EB` is none: the longest number in front counts.
    var end = digits.endIndex
    while end > text.startIndex {
      if let number = Double(text[..<end]), number.isFinite {
        return (number, String(text[end...]))
      }
      end = text.index(before: end)
    }
    return nil
  }

  /// The file with one number replaced.
  public func text(changing number: FileNumber, to value: Double) -> SourceFile {
    var lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let index = number.line - 1
    guard lines.indices.contains(index) else { return file }
    var scalars = Array(lines[index].unicodeScalars)
    let start = number.column - 1
    let end = start + number.text.unicodeScalars.count
    guard start >= 0, end <= scalars.count else { return file }
    scalars.replaceSubrange(start..<end, with: number.text(with: value).unicodeScalars)
    var line = ""
    line.unicodeScalars.append(contentsOf: scalars)
    lines[index] = line
    return SourceFile(name: file.name, text: lines.joined(separator: "\n"))
  }
}
