import Clusters
import Quantities
public import Strategies
public import Workloads

/// Software, workloads and strategies in code.
public enum SampleSetups {
  /// A stack as DeepSpeed with fused attention, without fitted factors.
  public static var masterCopyStack: SoftwareStack {
    SoftwareStack(
      id: "sample-master-copy", title: "sample", mixedState: .masterCopy, normInFloat32: false,
      softmaxInFloat32: true, headCopies: false, fusedScaleMaskSoftmax: false,
      fusedResidual: false, fusedActivation: true, attention: [.flash, .unfused],
      zeroStages: [0, 1, 2, 3], bucketElements: 500_000_000, buckets: 2,
      gradientBucketCopy: false, overlapsReduction: true, liveParameterElements: 1_000_000_000,
      gradientsPersist: false, elementwiseFactor: sample(1), misalignedScoresFactor: sample(6.4),
      isEager: true, inputRateLimit: nil, allocatorLoss: sample(0.04),
      timeRange: sample(Range90(low: 0.85, typical: 1, high: 1.3)),
      memoryRange: sample(Range90(low: 0.93, typical: 1, high: 1.1)),
      sources: ["sample": "round figures for tests"])
  }

  /// A stack as torch autocast with DDP.
  public static var autocastStack: SoftwareStack {
    var stack = masterCopyStack
    stack.id = "sample-autocast"
    stack.mixedState = .autocast
    stack.normInFloat32 = true
    stack.zeroStages = [0]
    stack.bucketElements = 6_553_600
    stack.buckets = 1
    stack.gradientBucketCopy = true
    stack.gradientsPersist = true
    return stack
  }

  static func sample<Value>(_ value: Value) -> Sourced<Value> {
    Sourced(value, origin: .assumed, source: "sample")
  }

  /// A workload.
  public static func workload(
    _ model: ModelSpec, globalBatch: Int, patchDropout: Double = 0, optimizer: Optimizer = .adamw,
    calibration: CalibrationSettings = .none
  ) -> Workload {
    Workload(
      model: model, frozen: model.frozenByDefault, patchDropout: patchDropout,
      globalBatch: globalBatch, samplesSeen: sample(Double(globalBatch) * 10_000),
      optimizer: optimizer, calibration: calibration)
  }

  /// This project's own core: fp32, epilogues, everything kept in one arena.
  public static var coreStack: SoftwareStack {
    var stack = masterCopyStack
    stack.attention = [.flash, .unfused]
    stack.fusedScaleMaskSoftmax = true
    stack.fusedActivation = true
    stack.fusedCrossEntropy = true
    stack.epilogues = true
    stack.gradientsPersist = true
    stack.zeroStages = [0]
    return stack
  }

  /// A strategy of CLIP towers.
  public static func strategy(
    microBatch: Int, ranks: Int, zero: Int = 0, recomputation: RecomputationPlan = .none,
    precision: Precision = .ampBF16, attention: AttentionKernel = .flash, accumulation: Int = 1,
    software: SoftwareStack = masterCopyStack
  ) -> Strategy {
    Strategy(
      microBatch: microBatch, accumulation: accumulation, dataParallel: ranks, zeroStage: zero,
      recomputation: ["image": recomputation, "text": recomputation], precision: precision,
      attention: ["image": attention, "text": attention], defaultAttention: attention,
      contrastiveGather: .local, software: software)
  }
}
