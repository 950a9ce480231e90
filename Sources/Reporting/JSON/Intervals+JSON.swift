import Quantities

extension JSONValue {
  /// `{"low", "typical", "high"}` in units of `size` base units.
  static func interval<Unit: UnitOfMeasure>(
    _ interval: Interval<Unit>, in size: Double = 1
  ) -> JSONValue {
    [
      "low": .number(interval.low.value / size), "typical": .number(interval.typical.value / size),
      "high": .number(interval.high.value / size),
    ]
  }

  /// The same, or `null` where the interval is not known.
  static func interval<Unit: UnitOfMeasure>(
    _ interval: Interval<Unit>?, in size: Double = 1
  ) -> JSONValue {
    guard let interval else { return .null }
    return .interval(interval, in: size)
  }

  /// `{"low", "typical", "high"}` of a number without unit.
  static func interval(_ range: Range90) -> JSONValue {
    ["low": .number(range.low), "typical": .number(range.typical), "high": .number(range.high)]
  }
}

/// Sizes of the units in which results are reported, in base units.
enum UnitSize {
  static let hour = 3600.0
  static let day = 86_400.0
  static let kilowattHour = 3.6e6
  static let kilogram = 1000.0
  static let tonne = 1e6
  static let gibibyte = 1_073_741_824.0
}
