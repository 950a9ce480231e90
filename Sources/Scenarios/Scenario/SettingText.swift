import Quantities

/// Writes values the way they are read: the same text for the same value, and back again.
enum SettingText {
  /// A whole number without commas.
  static func count(_ value: Int) -> String { "\(value)" }

  /// A number: whole ones without a point, small fractions as `1/6`, others with all digits.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    if value.rounded() == value, value.magnitude < 9e15 { return "\(Int(value))" }
    let plain = "\(value)"
    // Fractions such as 1/6 have no short decimal form.
    guard plain.count > 8 else { return plain }
    for denominator in 3...64 {
      let numerator = (value * Double(denominator)).rounded()
      if numerator != 0, numerator.magnitude < 1e6, numerator / Double(denominator) == value {
        return "\(Int(numerator))/\(denominator)"
      }
    }
    return plain
  }

  /// `true` or `false`.
  static func bool(_ value: Bool) -> String { value ? "true" : "false" }

  /// A quantity in the first of the units that gives it back exactly, else in the base unit.
  ///
  /// - Parameters:
  ///   - value: The quantity.
  ///   - units: Names of units and their sizes in base units, the preferred one first.
  /// - Returns: For example `180 GB/s`.
  static func quantity<Unit: UnitOfMeasure>(
    _ value: Quantity<Unit>, in units: [(name: String, size: Double)]
  ) -> String {
    for unit in units {
      let text = decimal(value.value / unit.size) + " " + unit.name
      let isShort = text.count <= unit.name.count + 10
      if isShort, let back = try? Quantity<Unit>(parsing: text), back == value { return text }
    }
    return decimal(value.value) + " " + Unit.symbol
  }

  private static func decimal(_ value: Double) -> String {
    value.rounded() == value && value.magnitude < 9e15 ? "\(Int(value))" : "\(value)"
  }

  /// A rate in GB/s.
  static func bandwidth(_ value: BytesPerSecond) -> String {
    quantity(value, in: [("GB/s", 1e9), ("MB/s", 1e6)])
  }

  /// A time in the largest unit that fits.
  static func duration(_ value: Seconds) -> String {
    let units: [(name: String, size: Double)] = [
      ("days", 86_400), ("h", 3600), ("min", 60), ("s", 1), ("ms", 1e-3), ("us", 1e-6),
    ]
    return quantity(value, in: units.filter { value.value >= $0.size })
  }

  /// `[a, b]`.
  static func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }

  /// `{a: b, c: d}`.
  static func mapping(_ entries: [(key: String, value: String)]) -> String {
    "{" + entries.map { $0.key + ": " + $0.value }.joined(separator: ", ") + "}"
  }

  /// A text as a YAML scalar that also holds inside lists and mappings.
  static func scalar(_ text: String) -> String { ExactText.text(text) }
}
