public import Quantities

/// Parts of a step's time; they sum to the step.
public struct StepBreakdown: Sendable, Hashable {
  /// Kernels of forward, backward and recomputation.
  public var compute = Seconds.zero
  /// Collectives that nothing hides.
  public var exposedCommunication = Seconds.zero
  /// Idle time of a pipeline.
  public var pipelineBubble = Seconds.zero
  /// The parameter update.
  public var optimizer = Seconds.zero
  /// Waiting for input.
  public var inputStall = Seconds.zero
  /// Waiting for the host to issue kernels.
  public var launch = Seconds.zero

  /// Nothing yet.
  public init() {}

  /// The step.
  public var total: Seconds {
    compute + exposedCommunication + pipelineBubble + optimizer + inputStall + launch
  }
}
