extension JSONValue {
  /// Values up to this many characters stay on one line.
  private static let inlineLimit = 88

  /// The value as text: two spaces of indentation, short values on one line, a newline at the end.
  public var text: String {
    var output = ""
    write(into: &output, indentation: 0)
    return output + "\n"
  }

  /// The value on one line.
  public var line: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .number(let value): JSONValue.text(of: value)
    case .string(let value): JSONValue.quoted(value)
    case .array(let values): "[" + values.map(\.line).joined(separator: ", ") + "]"
    case .object(let members):
      "{"
        + members.map { JSONValue.quoted($0.key) + ": " + $0.value.line }
        .joined(separator: ", ") + "}"
    }
  }

  private func write(into output: inout String, indentation: Int) {
    let inline = line
    let inner = String(repeating: " ", count: indentation + 2)
    let outer = String(repeating: " ", count: indentation)
    switch self {
    case .array(let values) where inline.utf8.count > Self.inlineLimit:
      output += "[\n"
      for (offset, value) in values.enumerated() {
        output += inner
        value.write(into: &output, indentation: indentation + 2)
        output += offset + 1 < values.count ? ",\n" : "\n"
      }
      output += outer + "]"
    case .object(let members) where inline.utf8.count > Self.inlineLimit:
      output += "{\n"
      for (offset, member) in members.enumerated() {
        output += inner + Self.quoted(member.key) + ": "
        member.value.write(into: &output, indentation: indentation + 2)
        output += offset + 1 < members.count ? ",\n" : "\n"
      }
      output += outer + "}"
    default: output += inline
    }
  }

  /// The shortest decimal that reads back as the same double; whole numbers up to 2^53 as such.
  static func text(of value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value == value.rounded(), value.magnitude <= 9_007_199_254_740_992 {
      return "\(Int(value))"
    }
    return "\(value)"
  }

  /// The text in quotes with RFC 8259's escapes; `<`, `>` and `&` too, so that it may stand in HTML.
  static func quoted(_ text: String) -> String {
    var output = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case "<", ">", "&", "\u{2028}", "\u{2029}": output += escape(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: output += escape(scalar)
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output + "\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
