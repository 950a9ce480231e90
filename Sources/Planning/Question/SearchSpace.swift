public import Strategies
public import Workloads

/// How a tower's activations may be kept, as a choice of the search.
public enum RecomputationChoice: String, Sendable, Hashable, CaseIterable {
  /// Nothing is recomputed.
  case none
  /// Attention's core.
  case selective
  /// Every block.
  case full
  /// Counts per group of blocks by linear programming.
  case perBlock = "per-block"
}

/// What a search may vary; nil means every legal value, and for precision, tensor and pipeline
/// parallelism and the order of branches the scenario's own.
public struct SearchSpace: Sendable, Hashable {
  /// Micro-batches; nil: every divisor of the local batch.
  public var microBatches: [Int]?
  /// Accumulations; nil: what the micro-batch leaves.
  public var accumulations: [Int]?
  /// ZeRO stages.
  public var zeroStages: [Int]?
  /// Recomputation, chosen for each tower on its own.
  public var recomputation: [RecomputationChoice]?
  /// Attention kernels, chosen for each tower on its own.
  public var attention: [AttentionKernel]?
  /// Precisions; nil: the fixed one.
  public var precisions: [Precision]?
  /// Forms of the contrastive loss; nil: both, where there is one.
  public var gathers: [ContrastiveGather]?
  /// Tensor-parallel degrees.
  public var tensorParallel: [Int]?
  /// Pipeline degrees.
  public var pipelineParallel: [Int]?
  /// Orders of the branches of LSA-ITC: `lsa-itc`, `lsa-itc-sequential`; nil: the fixed one.
  public var branches: [CalibrationMethod]?

  /// Everything legal.
  public init() {}
}

/// What makes a plan better.
public enum Objective: String, Sendable, Hashable, CaseIterable {
  /// Wall time.
  case time
  /// Money, or accelerator-hours where there is no price.
  case cost
  /// Electricity.
  case energy
}
