public import Quantities

/// A calibration method's cost over one baseline.
public struct Overhead: Sendable, Hashable {
  /// For example `plain`, `fixed-lambda`, `one-run-per-lambda`.
  public var baseline: String
  /// One sentence: what the baseline is.
  public var meaning: String
  /// Wall time of the method over the baseline's.
  public var time: Range90
  /// Peak memory over the baseline's.
  public var memory: Range90
  /// Accelerator-hours, and so cost, over the baseline's.
  public var acceleratorHours: Range90

  /// An overhead.
  public init(
    baseline: String, meaning: String, time: Range90, memory: Range90, acceleratorHours: Range90
  ) {
    self.baseline = baseline
    self.meaning = meaning
    self.time = time
    self.memory = memory
    self.acceleratorHours = acceleratorHours
  }
}
