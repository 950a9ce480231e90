public import Planning
public import Quantities

/// A run that a user has measured: which scenario, how long a step took, how much memory it needed.
public struct MeasuredRun: Sendable {
  /// What the memory figure is.
  public enum Reading: String, Sendable, Hashable, CaseIterable {
    /// What the allocator has handed out: torch's `max_memory_allocated`.
    case allocated
    /// What the allocator holds: torch's `max_memory_reserved`.
    case reserved
    /// What the driver reads: `nvidia-smi`.
    case device
  }

  /// A name for people.
  public var name: String
  /// The scenario with the run's own settings.
  public var scenario: Scenario
  /// Seconds of one optimizer step, median.
  public var step: Seconds
  /// Most memory of one device; nil where nobody looked.
  public var memory: Bytes?
  /// What that figure is.
  public var reading: Reading
  /// Where the run stands in its file.
  public var location: SourceLocation

  /// A run.
  public init(
    name: String, scenario: Scenario, step: Seconds, memory: Bytes?, reading: Reading,
    location: SourceLocation
  ) {
    self.name = name
    self.scenario = scenario
    self.step = step
    self.memory = memory
    self.reading = reading
    self.location = location
  }
}
