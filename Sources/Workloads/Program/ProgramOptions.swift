/// Recomputation of the blocks of one tower: the first ones fully, then some selectively.
public struct RecomputationPlan: Sendable, Hashable {
  /// What blocks keep.
  public enum Kind: Sendable, Hashable {
    /// Every block keeps everything.
    case none
    /// Every block recomputes attention's core.
    case selective
    /// Every block keeps its input only.
    case full
    /// So many blocks, per group, are recomputed fully and selectively; the rest keep everything.
    case perBlock([BlockCounts])
  }

  /// Counts within one group of identical blocks.
  public struct BlockCounts: Sendable, Hashable {
    /// Blocks that keep their input only.
    public var full: Int
    /// Blocks that recompute attention's core.
    public var selective: Int
    /// Counts.
    public init(full: Int, selective: Int) {
      self.full = full
      self.selective = selective
    }
  }

  /// The plan.
  public var kind: Kind

  /// A plan.
  public init(_ kind: Kind) { self.kind = kind }

  /// Whether it says for how many blocks, not for all alike.
  public var countsBlocks: Bool {
    if case .perBlock = kind { true } else { false }
  }

  /// Nothing is recomputed.
  public static let none = RecomputationPlan(.none)
  /// Attention's core in every block.
  public static let selective = RecomputationPlan(.selective)
  /// Every block.
  public static let full = RecomputationPlan(.full)
}

/// What fixes a step program beside the model: batch, styles, recomputation, calibration.
public struct ProgramOptions: Sendable, Hashable {
  /// Samples per rank and micro-batch.
  public var microBatch: Int
  /// Micro-batches per optimizer step.
  ///
  /// Contrastive losses then cache features and run every forward twice (GradCache, arXiv
  /// 2101.06983), so that the contrastive batch stays whole.
  public var accumulation: Int
  /// Data-parallel ranks: the global batch is `microBatch accumulation dataParallel`.
  public var dataParallel: Int
  /// Styles by tower; a missing tower takes the first of `defaultStyle`.
  public var styles: [String: KernelStyle]
  /// The style of towers that are not listed.
  public var defaultStyle: KernelStyle
  /// Recomputation by tower; missing: none.
  public var recomputation: [String: RecomputationPlan]
  /// Form of the contrastive loss.
  public var gather: ContrastiveGather
  /// Share of image patches dropped.
  public var patchDropout: Double
  /// Towers that are not trained.
  public var frozen: Set<String>
  /// What is trained of towers that are neither frozen nor trained whole.
  public var partial: [String: Trainability] = [:]
  /// The calibration method.
  public var calibration: CalibrationSettings
  /// How ranks share layers.
  public var sharding = Sharding.none
  /// The stage that the rank runs.
  public var stage = PipelineStage.whole

  /// Options; everything trained, nothing recomputed, plain training.
  public init(
    microBatch: Int, accumulation: Int = 1, dataParallel: Int = 1,
    styles: [String: KernelStyle] = [:], defaultStyle: KernelStyle = .float32,
    recomputation: [String: RecomputationPlan] = [:], gather: ContrastiveGather = .local,
    patchDropout: Double = 0, frozen: Set<String> = [],
    calibration: CalibrationSettings = .none
  ) {
    self.microBatch = microBatch
    self.accumulation = accumulation
    self.dataParallel = dataParallel
    self.styles = styles
    self.defaultStyle = defaultStyle
    self.recomputation = recomputation
    self.gather = gather
    self.patchDropout = patchDropout
    self.frozen = frozen
    self.calibration = calibration
  }

  /// Samples of one rank and optimizer step.
  public var localBatch: Int { microBatch * accumulation }
  /// Samples of one optimizer step.
  public var globalBatch: Int { localBatch * dataParallel }
}
