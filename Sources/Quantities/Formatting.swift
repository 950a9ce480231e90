/// Prints numbers for people: fixed digits, no locale, the same bytes everywhere.
public enum Format {
  /// Rounds to `digits` decimals and prints them all, with `,` between thousands.
  public static func fixed(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "unknown" : (value > 0 ? "inf" : "-inf") }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let magnitude = (value.magnitude * scale).rounded()
    // Neither the number nor the scale may leave the integers.
    guard magnitude < 9e15, scale < 9e15 else { return "\(value)" }
    let whole = Int(magnitude)
    let sign = value < 0 && whole != 0 ? "-" : ""
    let integer = whole / Int(scale)
    let fraction = whole % Int(scale)
    var text = sign + thousands(integer)
    if digits > 0 {
      let padding = String(repeating: "0", count: digits - "\(fraction)".count)
      text += "." + padding + "\(fraction)"
    }
    return text
  }

  /// Prints about `digits` significant digits, without an exponent down to 1e-12.
  public static func significant(_ value: Double, digits: Int = 3) -> String {
    guard value != 0, value.isFinite else { return fixed(value, digits: 0) }
    var exponent = 0
    var magnitude = value.magnitude
    while magnitude >= 10 {
      magnitude /= 10
      exponent += 1
    }
    while magnitude < 1 {
      magnitude *= 10
      exponent -= 1
    }
    guard exponent >= -12 else {
      return (value < 0 ? "-" : "") + fixed(magnitude, digits: digits - 1) + "e\(exponent)"
    }
    return fixed(value, digits: max(0, digits - 1 - exponent))
  }

  static func thousands(_ value: Int) -> String {
    let digits = Array("\(value)")
    var text = ""
    for (offset, digit) in digits.enumerated() {
      if offset > 0 && (digits.count - offset) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }
}

extension Quantity: CustomStringConvertible {
  /// The value with the prefix that suits it, three significant digits.
  public var description: String { formatted() }

  /// The value with the prefix that suits it.
  public func formatted(digits: Int = 3) -> String {
    let (scaled, unit) = scaledForPeople
    return Format.significant(scaled, digits: digits) + " " + unit
  }

  private var scaledForPeople: (Double, String) {
    let ladder: [(String, Double)]
    switch Unit.scaling {
    case .none: return (value, Unit.symbol)
    case .decimal:
      if Unit.symbol == "J/s" { return (value, "W") }
      ladder = UnitText.decimalPrefixes.map { ($0.0 + Unit.symbol, $0.1) }
    case .binary:
      ladder = [("B", 1)] + UnitText.binaryPrefixes.map { ($0.0 + "B", $0.1) }
    case .time:
      ladder = [
        ("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1), ("min", 120), ("h", 7200),
        ("days", 172_800),
      ]
    }
    var best = ladder[0]
    for rung in ladder where value.magnitude >= rung.1 { best = rung }
    switch best.0 {
    case "min" where Unit.scaling == .time: return (value / 60, "min")
    case "h" where Unit.scaling == .time: return (value / 3600, "h")
    case "days" where Unit.scaling == .time: return (value / 86_400, "days")
    default: return (value / best.1, best.0)
    }
  }
}
