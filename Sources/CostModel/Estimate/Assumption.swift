public import Quantities

/// One assumption behind an estimate.
public struct Assumption: Sendable, Hashable {
  /// Dotted path, for example `accelerator.memory_bandwidth`.
  public var key: String
  /// The value with its unit.
  public var value: String
  /// Where it comes from.
  public var origin: Origin
  /// The citation.
  public var source: String

  /// An assumption.
  public init(key: String, value: String, origin: Origin, source: String) {
    self.key = key
    self.value = value
    self.origin = origin
    self.source = source
  }
}
