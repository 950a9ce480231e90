/// Where a number comes from.
///
/// Every number in a report has one.
public enum Origin: String, Sendable, Hashable, CaseIterable, Codable {
  /// Measured by foretrain on the machine in question.
  case measured
  /// Stated by a named source, or fitted to its published measurements.
  case published
  /// Our judgement, or transferred from other hardware: marked `*` in reports.
  case assumed
  /// Typed by the user.
  case given
}

/// A value with its origin, its source and, where known, its range.
public struct Sourced<Value: Sendable & Hashable>: Sendable, Hashable {
  /// The value to compute with.
  public var value: Value
  /// The low end of the range, where known.
  public var low: Value?
  /// The high end of the range, where known.
  public var high: Value?
  /// Who says so.
  public var origin: Origin
  /// The id of the source in the file's own `sources` section; empty for `given`.
  public var source: String

  /// A value and where it comes from.
  public init(
    _ value: Value, low: Value? = nil, high: Value? = nil, origin: Origin, source: String = ""
  ) {
    self.value = value
    self.low = low
    self.high = high
    self.origin = origin
    self.source = source
  }

  /// The same provenance around another value.
  public func map<Other: Sendable & Hashable>(_ transform: (Value) -> Other) -> Sourced<Other> {
    Sourced<Other>(
      transform(value), low: low.map(transform), high: high.map(transform), origin: origin,
      source: source)
  }
}
