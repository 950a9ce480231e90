/// A low, typical and high value: a 90 % prediction interval around the typical one.
public struct Interval<Unit: UnitOfMeasure>: Hashable, Sendable {
  /// The 5 % quantile.
  public var low: Quantity<Unit>
  /// The value that we would bet on.
  public var typical: Quantity<Unit>
  /// The 95 % quantile.
  public var high: Quantity<Unit>

  /// An interval; `low <= typical <= high`.
  public init(low: Quantity<Unit>, typical: Quantity<Unit>, high: Quantity<Unit>) {
    precondition(low <= typical && typical <= high, "an interval needs low <= typical <= high")
    self.low = low
    self.typical = typical
    self.high = high
  }

  /// An exactly known value.
  public init(exactly value: Quantity<Unit>) {
    self.init(low: value, typical: value, high: value)
  }

  /// Applies a growing function to all three values.
  public func map<Other: UnitOfMeasure>(
    _ transform: (Quantity<Unit>) -> Quantity<Other>
  ) -> Interval<Other> {
    Interval<Other>(low: transform(low), typical: transform(typical), high: transform(high))
  }
}

/// A dimensionless number with its range, as a factor or a share.
public struct Range90: Hashable, Sendable {
  /// The 5 % quantile.
  public var low: Double
  /// The value that we would bet on.
  public var typical: Double
  /// The 95 % quantile.
  public var high: Double

  /// A range; `low <= typical <= high`.
  public init(low: Double, typical: Double, high: Double) {
    precondition(low <= typical && typical <= high, "a range needs low <= typical <= high")
    self.low = low
    self.typical = typical
    self.high = high
  }

  /// An exactly known number.
  public init(exactly value: Double) { self.init(low: value, typical: value, high: value) }
}
