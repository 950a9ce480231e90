/// What a quantity is measured in.
///
/// Units are types without values: they exist for the compiler.
public protocol UnitOfMeasure: Sendable {
  /// The base unit's symbol, for example `s`, `B`, `FLOP`.
  static var symbol: String { get }
  /// How a value of this unit is scaled for people.
  static var scaling: Scaling { get }
}

/// The family of prefixes that a unit is printed with.
public enum Scaling: Sendable {
  /// No prefix: the base unit itself, as with money.
  case none
  /// k, M, G, T, P, E: powers of 1000.
  case decimal
  /// Ki, Mi, Gi, Ti: powers of 1024.
  case binary
  /// us, ms, s, min, h, d.
  case time
}

/// A number with a unit in its type.
///
/// The value is in the base unit (seconds, bytes, FLOP, ...).
///
/// Stored as `Double`: a training run is 1e22 to 1e25 FLOP, more than `Int64` holds; counts stay
/// exact up to 2^53. There is no literal conformance: a bare number has no unit.
public struct Quantity<Unit: UnitOfMeasure>: Hashable, Comparable, AdditiveArithmetic, Sendable {
  /// The value in the base unit.
  public var value: Double

  /// A quantity of `value` base units.
  public init(_ value: Double) { self.value = value }
  /// A quantity of `value` base units.
  public init(_ value: Int) { self.value = Double(value) }

  /// No quantity at all.
  public static var zero: Self { Self(0.0) }

  /// Sum of like quantities.
  public static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }
  /// Difference of like quantities.
  public static func - (left: Self, right: Self) -> Self { Self(left.value - right.value) }
  /// Scales a quantity.
  public static func * (left: Double, right: Self) -> Self { Self(left * right.value) }
  /// Scales a quantity.
  public static func * (left: Self, right: Double) -> Self { Self(left.value * right) }
  /// Divides a quantity by a number.
  public static func / (left: Self, right: Double) -> Self { Self(left.value / right) }
  /// The ratio of like quantities.
  public static func / (left: Self, right: Self) -> Double { left.value / right.value }
  /// Order by value.
  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// A rate: so many `Numerator` per `Denominator`.
public enum Per<Numerator: UnitOfMeasure, Denominator: UnitOfMeasure>: UnitOfMeasure {
  /// Both symbols with a slash.
  public static var symbol: String { Numerator.symbol + "/" + Denominator.symbol }
  /// Rates take the decimal prefixes (GB/s is 1e9 bytes per second), money none.
  public static var scaling: Scaling {
    switch Numerator.scaling {
    case .none: .none
    default: .decimal
    }
  }
}

extension Quantity {
  /// The rate at which this quantity is spread over another.
  public func per<Other: UnitOfMeasure>(_ other: Quantity<Other>) -> Quantity<Per<Unit, Other>> {
    Quantity<Per<Unit, Other>>(value / other.value)
  }

  /// Work over a rate: the time (or other denominator) that it takes.
  public static func / <Other: UnitOfMeasure>(
    left: Self, right: Quantity<Per<Unit, Other>>
  ) -> Quantity<Other> {
    Quantity<Other>(left.value / right.value)
  }

  /// A rate kept up for a while: the amount.
  public static func * <Numerator: UnitOfMeasure, Denominator: UnitOfMeasure>(
    left: Self, right: Quantity<Denominator>
  ) -> Quantity<Numerator> where Unit == Per<Numerator, Denominator> {
    Quantity<Numerator>(left.value * right.value)
  }
}
