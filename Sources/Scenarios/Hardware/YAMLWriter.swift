import Quantities

/// Lines of YAML with indentation, and values with origin and source.
struct YAMLWriter {
  private(set) var text = ""
  private var indent = 0

  mutating func line(_ line: String) {
    text += String(repeating: " ", count: indent) + line + "\n"
  }

  mutating func section(_ key: String, _ body: (inout YAMLWriter) -> Void) {
    line(key + ":")
    indent += 2
    body(&self)
    indent -= 2
  }

  mutating func list(_ key: String, _ items: [String]) {
    guard !items.isEmpty else { return line(key + ": []") }
    section(key) { writer in
      for item in items { writer.line("- " + item) }
    }
  }

  /// `key: {value, low, high, origin, source}`; nothing where there is no value.
  mutating func sourced<Value>(
    _ key: String, _ sourced: Sourced<Value>?, _ write: (Value) -> String
  ) {
    guard let sourced else { return }
    var parts = ["value: " + write(sourced.value)]
    if let low = sourced.low { parts.append("low: " + write(low)) }
    if let high = sourced.high { parts.append("high: " + write(high)) }
    parts += provenanceParts(sourced)
    line("\(key): {\(parts.joined(separator: ", "))}")
  }

  mutating func quantity<Unit: UnitOfMeasure>(_ key: String, _ value: Sourced<Quantity<Unit>>?) {
    sourced(key, value, ExactText.quantity)
  }

  mutating func number(_ key: String, _ value: Sourced<Double>) {
    sourced(key, value, ExactText.number)
  }

  /// `origin` and `source` of a whole section.
  mutating func provenance<Value>(_ sourced: Sourced<Value>) {
    for part in provenanceParts(sourced) { line(part) }
  }

  /// The truth of a table, where it is not what its being empty or not says.
  mutating func holds(_ value: Bool, unless natural: Bool) {
    if value != natural { line("holds: \(value)") }
  }

  private func provenanceParts<Value>(_ sourced: Sourced<Value>) -> [String] {
    let source = sourced.source.isEmpty ? [] : ["source: " + ExactText.text(sourced.source)]
    return ["origin: " + sourced.origin.rawValue] + source
  }
}
