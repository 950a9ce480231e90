/// A formula over named numbers that knows its own value: how a figure was computed.
///
/// Evaluated, it gives the figure again; that is tested for every number of an estimate.
public indirect enum Expression: Sendable, Hashable {
  /// A number of the formula itself, as the 2 of `2 m n k`.
  case constant(Double)
  /// A value of a file in base units, for example `hardware:accelerator.memory_bandwidth`.
  case input(String, Double)
  /// Another figure, which has a derivation of its own.
  case figure(String, Double)
  /// What was counted in the step program, or found by a walk over it.
  case counted(String, Double)
  /// Terms added up, in this order.
  case sum([Expression])
  /// Factors multiplied, in this order.
  case product([Expression])
  /// The first over the second.
  case quotient(Expression, Expression)
  /// The first less the second.
  case difference(Expression, Expression)
  /// The largest.
  case maximum([Expression])
  /// The smallest.
  case minimum([Expression])
  /// The square root.
  case root(Expression)
  /// The next whole number.
  case roundedUp(Expression)
  /// The logarithm to the base 2.
  case binaryLogarithm(Expression)

  /// The formula's value.
  public var value: Double {
    switch self {
    case .constant(let value), .input(_, let value), .figure(_, let value), .counted(_, let value):
      value
    case .sum(let terms): terms.reduce(0) { $0 + $1.value }
    case .product(let factors): factors.reduce(1) { $0 * $1.value }
    case .quotient(let top, let bottom): top.value / bottom.value
    case .difference(let first, let second): first.value - second.value
    case .maximum(let all): all.reduce(-Double.infinity) { max($0, $1.value) }
    case .minimum(let all): all.reduce(Double.infinity) { min($0, $1.value) }
    case .root(let inner): inner.value.squareRoot()
    case .roundedUp(let inner): inner.value.rounded(.up)
    case .binaryLogarithm(let inner): logarithm(inner.value) / logarithm(2)
    }
  }

  /// What it is made of, one level down.
  public var parts: [Expression] {
    switch self {
    case .constant, .input, .figure, .counted: []
    case .sum(let all), .product(let all), .maximum(let all), .minimum(let all): all
    case .quotient(let first, let second), .difference(let first, let second): [first, second]
    case .root(let inner), .roundedUp(let inner), .binaryLogarithm(let inner): [inner]
    }
  }

  /// Files' values, figures and counts in the formula, each once, in the order of the text.
  public var leaves: [Expression] {
    var seen: Set<Expression> = []
    return allLeaves.filter { seen.insert($0).inserted }
  }

  private var allLeaves: [Expression] {
    switch self {
    case .constant: []
    case .input, .figure, .counted: [self]
    default: parts.flatMap(\.allLeaves)
    }
  }

  /// The name of a leaf; nil for everything else.
  public var name: String? {
    switch self {
    case .input(let name, _), .figure(let name, _), .counted(let name, _): name
    default: nil
    }
  }
}

extension Expression: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A number of the formula itself.
  public init(floatLiteral value: Double) { self = .constant(value) }
  /// A whole number of the formula itself.
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}

extension Expression {
  static func + (left: Self, right: Self) -> Self {
    if case .sum(let terms) = left { return .sum(terms + [right]) }
    return .sum([left, right])
  }
  static func * (left: Self, right: Self) -> Self {
    if case .product(let factors) = left { return .product(factors + [right]) }
    return .product([left, right])
  }
  static func - (left: Self, right: Self) -> Self { .difference(left, right) }
  static func / (left: Self, right: Self) -> Self { .quotient(left, right) }
}
