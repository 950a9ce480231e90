extension Table {
  /// RFC 4180: a header of keys, CRLF line ends, quotes where needed; an unknown number is empty.
  public var csv: String {
    func line(_ fields: [String]) -> String { fields.joined(separator: ",") + "\r\n" }
    return line(columns.map { Self.field($0.key) })
      + rows.map { row in line(row.map { Self.field($0.value.plain) }) }.joined()
  }

  private static func field(_ text: String) -> String {
    let needsQuotes = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
    guard needsQuotes else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      quoted.unicodeScalars.append(scalar)
      if scalar == "\"" { quoted += "\"" }
    }
    return quoted + "\""
  }
}

extension JSONValue {
  /// The value without quotes, `null` as nothing.
  fileprivate var plain: String {
    switch self {
    case .null: ""
    case .string(let text): text
    case .number(let value): value.isFinite ? line : ""
    default: line
    }
  }
}
