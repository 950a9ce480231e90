extension Reader {
  /// Reads a file of JSON objects, one in a line: every line is a mapping for `body`.
  ///
  /// Empty lines are skipped. Keys that `body` does not ask for are errors, as in other files.
  ///
  /// - Parameters:
  ///   - file: The text.
  ///   - body: Makes a value from the mapping of a line and its number.
  /// - Returns: One value per line.
  /// - Throws: `FileErrors` with everything that is wrong in all lines.
  public static func readJSONLines<Value>(
    _ file: SourceFile, _ body: (Section, Int) -> Value
  ) throws(FileErrors) -> [Value] {
    var values: [Value] = []
    var faults: [Diagnostic] = []
    for (index, line) in file.lines.enumerated()
    where line.contains(where: { !$0.isWhitespace }) {
      do throws(FileErrors) {
        let root = try JSONComposer.compose(line, number: index + 1, of: file)
        let value = try Reader.read(file, root: root) { body($0, index + 1) }
        values.append(value)
      } catch {
        faults += error.diagnostics
      }
    }
    if values.isEmpty, faults.isEmpty {
      faults.append(
        Diagnostic(
          file: file.name, location: SourceLocation(line: 1, column: 1),
          message: "the file holds no object", help: "write one JSON object in a line",
          sourceLine: nil))
    }
    guard faults.isEmpty else { throw FileErrors(faults) }
    return values
  }
}

/// One line of JSON to located nodes (RFC 8259).
struct JSONComposer {
  private let scalars: [Unicode.Scalar]
  private let number: Int
  private let file: SourceFile
  private var position = 0

  /// The value that a line holds.
  static func compose(
    _ line: String, number: Int, of file: SourceFile
  ) throws(FileErrors) -> YAMLNode {
    var composer = JSONComposer(line, number: number, file: file)
    let node = try composer.value(depth: 0)
    composer.skipBlanks()
    guard composer.position == composer.scalars.count else {
      throw composer.fault("something follows the value", "write one object in a line")
    }
    return node
  }

  private init(_ line: String, number: Int, file: SourceFile) {
    scalars = Array(line.unicodeScalars)
    self.number = number
    self.file = file
  }

  private var location: SourceLocation { SourceLocation(line: number, column: position + 1) }
  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private func fault(_ message: String, _ help: String) -> FileErrors {
    FileErrors([
      Diagnostic(
        file: file.name, location: location, message: "the JSON cannot be read: " + message,
        help: help, sourceLine: file.line(number))
    ])
  }

  private mutating func skipBlanks() {
    while let scalar = next, scalar == " " || scalar == "\t" || scalar == "\r" { position += 1 }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(FileErrors) -> YAMLNode {
    skipBlanks()
    guard depth <= TextGuard.nestingLimit else {
      throw fault("values are nested too deep", "real files need about 4 levels")
    }
    let start = location
    switch next {
    case "{":
      position += 1
      return YAMLNode(content: .mapping(try members(depth: depth)), location: start)
    case "[":
      position += 1
      var items: [YAMLNode] = []
      if take("]") { return YAMLNode(content: .list(items), location: start) }
      repeat { items.append(try value(depth: depth + 1)) } while take(",")
      guard take("]") else { throw fault("a list does not end", "close it with ']'") }
      return YAMLNode(content: .list(items), location: start)
    case "\"":
      return YAMLNode(content: .scalar(try string(), isQuoted: true), location: start)
    default:
      return YAMLNode(content: .scalar(try word(), isQuoted: false), location: start)
    }
  }

  private mutating func members(depth: Int) throws(FileErrors) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var seen: Set<String> = []
    if take("}") { return entries }
    repeat {
      skipBlanks()
      let start = location
      guard next == "\"" else { throw fault("a key is missing", "write \"key\": value") }
      let key = try string()
      guard seen.insert(key).inserted else {
        throw fault("the key '\(key)' stands twice in one object", "keep one of them")
      }
      guard take(":") else { throw fault("'\(key)' has no value", "write \"\(key)\": value") }
      entries.append(
        YAMLNode.Entry(key: key, keyLocation: start, value: try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw fault("an object does not end", "close it with '}'") }
    return entries
  }

  /// A number, `true`, `false` or `null`, as it is written.
  private mutating func word() throws(FileErrors) -> String {
    let start = position
    while let scalar = next, !" \t\r,]}:[{\"".unicodeScalars.contains(scalar) { position += 1 }
    let text = String(String.UnicodeScalarView(scalars[start..<position]))
    guard ["true", "false", "null"].contains(text) || Double(plain: text) != nil else {
      position = start
      throw fault(
        text.isEmpty ? "a value is missing" : "'\(text)' is no JSON value",
        "quote texts; numbers carry no unit")
    }
    return text
  }

  private mutating func string() throws(FileErrors) -> String {
    position += 1
    var text = String.UnicodeScalarView()
    while let scalar = next {
      position += 1
      switch scalar {
      case "\"": return String(text)
      case "\\": text.append(try escape())
      case _ where scalar.value < 0x20:
        throw fault("a control character in a text", "write it as \\u00XX")
      default: text.append(scalar)
      }
    }
    throw fault("a text does not end", "close it with '\"'")
  }

  private mutating func escape() throws(FileErrors) -> Unicode.Scalar {
    guard let scalar = next else { throw fault("a text does not end", "close it with '\"'") }
    position += 1
    switch scalar {
    case "\"", "\\", "/": return scalar
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      let first = try hexadecimal()
      guard (0xD800..<0xDC00).contains(first) else {
        return Unicode.Scalar(first) ?? "\u{FFFD}"
      }
      guard next == "\\", position + 1 < scalars.count, scalars[position + 1] == "u" else {
        return "\u{FFFD}"
      }
      position += 2
      let second = try hexadecimal()
      return Unicode.Scalar(0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF)) ?? "\u{FFFD}"
    default: throw fault("'\\\(scalar)' is no escape", "write '\\\\' for a backslash")
    }
  }

  private mutating func hexadecimal() throws(FileErrors) -> UInt32 {
    guard position + 4 <= scalars.count else { throw fault("a short '\\u'", "write 4 digits") }
    let digits = String(String.UnicodeScalarView(scalars[position..<position + 4]))
    guard let value = UInt32(digits, radix: 16) else {
      throw fault("'\\u\(digits)' is no character", "write 4 hexadecimal digits")
    }
    position += 4
    return value
  }
}
