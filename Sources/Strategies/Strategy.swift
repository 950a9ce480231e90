public import Workloads

/// How a workload runs on a cluster.
public struct Strategy: Sendable, Hashable {
  /// Samples per accelerator and micro-batch.
  public var microBatch: Int
  /// Micro-batches per optimizer step.
  public var accumulation: Int
  /// Data-parallel ranks.
  public var dataParallel: Int
  /// Tensor-parallel ranks.
  public var tensorParallel: Int
  /// Pipeline stages.
  public var pipelineParallel: Int
  /// Model chunks per pipeline stage.
  public var virtualPipeline: Int
  /// Whether sequence parallelism accompanies tensor parallelism.
  public var sequenceParallel: Bool
  /// ZeRO stage: 1 shards optimizer state, 2 gradients too, 3 parameters too.
  public var zeroStage: Int
  /// Recomputation by tower; a missing tower recomputes nothing.
  public var recomputation: [String: RecomputationPlan]
  /// Precision.
  public var precision: Precision
  /// Attention kernel by tower; a missing tower uses `defaultAttention`.
  public var attention: [String: AttentionKernel]
  /// Attention kernel of the other towers.
  public var defaultAttention: AttentionKernel
  /// Form of the contrastive loss.
  public var contrastiveGather: ContrastiveGather
  /// The software.
  public var software: SoftwareStack

  /// A strategy without tensor or pipeline parallelism.
  public init(
    microBatch: Int, accumulation: Int, dataParallel: Int, zeroStage: Int,
    recomputation: [String: RecomputationPlan], precision: Precision,
    attention: [String: AttentionKernel], defaultAttention: AttentionKernel,
    contrastiveGather: ContrastiveGather, software: SoftwareStack
  ) {
    self.microBatch = microBatch
    self.accumulation = accumulation
    self.dataParallel = dataParallel
    tensorParallel = 1
    pipelineParallel = 1
    virtualPipeline = 1
    sequenceParallel = false
    self.zeroStage = zeroStage
    self.recomputation = recomputation
    self.precision = precision
    self.attention = attention
    self.defaultAttention = defaultAttention
    self.contrastiveGather = contrastiveGather
    self.software = software
  }

  /// Samples per optimizer step.
  public var globalBatch: Int { microBatch * accumulation * dataParallel }
  /// Accelerators in use.
  public var accelerators: Int { dataParallel * tensorParallel * pipelineParallel }

  /// How ranks share layers.
  public var sharding: Sharding { Sharding(tensor: tensorParallel, sequence: sequenceParallel) }

  /// The options of the step program that this strategy runs on one rank of a stage.
  public func programOptions(
    for workload: Workload, stage: PipelineStage = .whole
  ) -> ProgramOptions {
    var styles: [String: KernelStyle] = [:]
    let berts = software.plainBERT ? workload.model.towersNormalisedLast : []
    for tower in berts.union(attention.keys).union(workload.frozen) {
      styles[tower] = software.style(
        precision: precision, attention: attention[tower] ?? defaultAttention,
        frozen: workload.frozen.contains(tower), bert: berts.contains(tower))
    }
    var options = ProgramOptions(
      microBatch: microBatch, accumulation: accumulation, dataParallel: dataParallel,
      styles: styles,
      defaultStyle: software.style(precision: precision, attention: defaultAttention),
      recomputation: recomputation, gather: contrastiveGather,
      patchDropout: workload.patchDropout, frozen: workload.frozen,
      calibration: workload.calibration)
    options.partial = workload.partial
    options.sharding = sharding
    options.stage = stage
    return options
  }
}
