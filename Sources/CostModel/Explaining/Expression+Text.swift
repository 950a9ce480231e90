import Quantities

extension Expression {
  /// The formula as text with names, for example `wall_hours.typical x accelerators`.
  public var symbols: String {
    text(in: .sum) { leaf in leaf.name.map(Self.shortened) ?? Self.number(leaf.value) }
  }

  /// The formula as text with numbers in the places of names.
  public var numbers: String { text(in: .sum) { Self.number($0.value) } }

  private enum Context: Int { case sum, difference, factor, divisor }

  private func text(in context: Context, _ leaf: (Expression) -> String) -> String {
    func joined(_ all: [Expression], _ sign: String, _ inner: Context) -> String {
      all.map { $0.text(in: inner, leaf) }.joined(separator: sign)
    }
    func call(_ name: String, _ all: [Expression]) -> String {
      "\(name)(" + joined(all, ", ", .sum) + ")"
    }
    func wrapped(_ text: String, _ isNeeded: Bool) -> String { isNeeded ? "(\(text))" : text }
    switch self {
    case .constant, .input, .figure, .counted: return leaf(self)
    case .sum(let terms): return wrapped(joined(terms, " + ", .sum), context != .sum)
    case .product(let factors): return wrapped(joined(factors, " x ", .factor), context == .divisor)
    case .quotient(let top, let bottom):
      return wrapped(
        top.text(in: .factor, leaf) + " / " + bottom.text(in: .divisor, leaf), context == .divisor)
    case .difference(let first, let second):
      return wrapped(
        first.text(in: .sum, leaf) + " - " + second.text(in: .difference, leaf), context != .sum)
    case .maximum(let all): return call("max", all)
    case .minimum(let all): return call("min", all)
    case .root(let inner): return call("sqrt", [inner])
    case .roundedUp(let inner): return call("ceil", [inner])
    case .binaryLogarithm(let inner): return call("log2", [inner])
    }
  }

  /// `hardware:efficiency.memory_bound.softmax` as `memory_bound.softmax`: what a formula needs.
  private static func shortened(_ name: String) -> String {
    guard let colon = name.firstIndex(of: ":") else { return name }
    let path = name[name.index(after: colon)...].split(separator: ".")
    return path.suffix(2).joined(separator: ".")
  }

  /// Four significant digits; very large and very small ones with an exponent.
  static func number(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return Format.fixed(value, digits: 0) }
    if value == value.rounded(), value.magnitude < 1e6 { return "\(Int(value))" }
    guard value.magnitude < 1e-3 || value.magnitude >= 1e6 else {
      return Format.significant(value, digits: 4)
    }
    var mantissa = value
    var exponent = 0
    while mantissa.magnitude >= 10 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa.magnitude < 1 {
      mantissa *= 10
      exponent -= 1
    }
    return Format.fixed(mantissa, digits: 3) + "e\(exponent)"
  }
}
