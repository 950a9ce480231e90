/// A lower and an upper limit of a variable or of a row; an infinite side is open.
public struct Bounds: Hashable, Sendable {
  /// The least value allowed; `-.infinity` where there is none.
  public var lower: Double
  /// The largest value allowed; `.infinity` where there is none.
  public var upper: Double

  /// Both limits as they are given; `ModelFault` reports crossed or not-a-number ones.
  public init(lower: Double = -.infinity, upper: Double = .infinity) {
    self.lower = lower
    self.upper = upper
  }

  /// No limit on either side.
  public static let free = Bounds()
  /// Zero or more: the default of a variable.
  public static let nonNegative = Bounds(lower: 0)
  /// Between 0 and 1.
  public static let unit = Bounds(lower: 0, upper: 1)

  /// `value` or more.
  public static func atLeast(_ value: Double) -> Bounds { Bounds(lower: value) }
  /// `value` or less.
  public static func atMost(_ value: Double) -> Bounds { Bounds(upper: value) }
  /// `value` and nothing else.
  public static func exactly(_ value: Double) -> Bounds { Bounds(lower: value, upper: value) }
  /// From `lower` to `upper`, both allowed.
  public static func between(_ lower: Double, _ upper: Double) -> Bounds {
    Bounds(lower: lower, upper: upper)
  }

  /// How far `value` lies outside: 0 inside.
  public func violation(of value: Double) -> Double { max(0, lower - value, value - upper) }

  /// The integers inside; a limit within 1e-9 (relative) of an integer counts as that integer.
  ///
  /// The lower limit comes out above the upper one where no integer fits.
  var integral: Bounds {
    func slack(_ limit: Double) -> Double { limit.isFinite ? 1e-9 * max(1, abs(limit)) : 0 }
    return Bounds(
      lower: (lower - slack(lower)).rounded(.up), upper: (upper + slack(upper)).rounded(.down))
  }

  /// The same limits, both moved by `offset`.
  func shifted(by offset: Double) -> Bounds {
    Bounds(lower: lower + offset, upper: upper + offset)
  }
}
