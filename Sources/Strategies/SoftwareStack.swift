public import Clusters
public import Quantities
public import Workloads

/// What a figure of memory holds.
public enum MemoryReading: String, Sendable, Hashable, CaseIterable {
  /// What torch has handed out.
  case allocated
  /// What torch holds.
  case reserved
  /// What the driver counts: the context as well.
  case device
}

/// What a training program is built from: which kernels, which copies, what is kept, as data.
///
/// A file of `software-stacks/`. Nothing here is a speed: speeds belong to the hardware. The two
/// ranges say how far published runs of such a stack lie around this model.
public struct SoftwareStack: Sendable, Hashable {
  /// How 16-bit training keeps its weights.
  public enum MixedState: String, Sendable, Hashable, CaseIterable {
    /// fp32 weights and gradients, cast on use (torch autocast).
    case autocast
    /// 16-bit weights and gradients beside an fp32 master copy (DeepSpeed, Megatron, apex O2).
    case masterCopy = "master-copy"
  }

  /// For example `open-clip-2021`.
  public var id: String
  /// One line for people.
  public var title: String
  /// Layout of weights in mixed precision.
  public var mixedState: MixedState
  /// Normalisation through fp32 casts (autocast) instead of one fused kernel.
  public var normInFloat32: Bool
  /// Unfused softmax in fp32 with a cast behind it.
  public var softmaxInFloat32: Bool
  /// Copies for splitting and merging heads in unfused attention.
  public var headCopies: Bool
  /// Scale and mask inside the softmax kernel.
  public var fusedScaleMaskSoftmax: Bool
  /// Residual add inside a neighbouring kernel.
  public var fusedResidual: Bool
  /// Gated and quick activations as one kernel.
  public var fusedActivation: Bool
  /// Kernels of attention that the stack can use.
  public var attention: [AttentionKernel]
  /// ZeRO stages that it implements.
  public var zeroStages: [Int]
  /// Elements of one gradient bucket and how many are held.
  public var bucketElements: Int
  /// Buckets held at once.
  public var buckets: Int
  /// A copy of all gradients in buckets beside the gradients (DDP without views).
  public var gradientBucketCopy: Bool
  /// Whether gradients are reduced while the backward still runs.
  public var overlapsReduction: Bool
  /// Parameters gathered ahead under ZeRO-3.
  public var liveParameterElements: Int
  /// Whether gradients stay allocated from step to step.
  public var gradientsPersist: Bool
  /// Factor on the bytes of element-wise kernels for what the stack adds that no tensor shows.
  public var elementwiseFactor: Sourced<Double>
  /// Time factor of score-sized kernels whose row length is not a multiple of 8.
  public var misalignedScoresFactor: Sourced<Double>
  /// The same for architectures on which it differs: on GA102 unaligned products and softmax cost
  /// little, on GA100 much.
  public var misalignedScoresByArchitecture: [Architecture: Sourced<Double>] = [:]
  /// Whether every kernel is issued by the host one at a time (eager).
  public var isEager: Bool
  /// Samples per second and accelerator beyond which the input pipeline is known to bind.
  public var inputRateLimit: Sourced<SamplesPerSecond>?
  /// Share of activations that the allocator cannot use.
  public var allocatorLoss: Sourced<Double>
  /// Published step times over this model's, 90 % of them.
  public var timeRange: Sourced<Range90>
  /// Published peaks over this model's, 90 % of them.
  public var memoryRange: Sourced<Range90>
  /// Whether frozen towers are held in the compute type alone (LAVIS) instead of fp32.
  public var frozenInCompute = false
  /// Whether a language model's cross-entropy is one kernel that keeps the logits alone.
  public var fusedCrossEntropy = false
  /// Whether the residual stream is fp32 under autocast, because norms hand on what they compute in.
  public var residualInFloat32 = false
  /// Whether query, key and value are products of their own.
  public var separateProjections = false
  /// Whether towers that normalise behind the residual are plain BERT: under autocast its norms hand
  /// on fp32, and query, key and value are products of their own in unfused attention.
  public var plainBERT = false
  /// Whether unfused attention's softmax keeps its input for a backward that does not read it.
  public var softmaxKeepsInput = false
  /// Whether exact GELU is written as elementary operations, `x / 2 (1 + erf(x / sqrt 2))`.
  public var geluInSteps = false
  /// Which rows of the similarities one rank computes, where a run does not say; nil where the
  /// software has no usual form.
  public var contrastiveGather: ContrastiveGather?
  /// Whether gradients of earlier micro-batches are set aside while a backward runs and added to the
  /// new ones behind it (apex amp O1).
  public var setsGradientsAside = false
  /// What figures of memory hold that do not say how they were read.
  public var reportedReading = MemoryReading.reserved
  /// Metrics that evaluate a language model's cross-entropy on the logits once more.
  public var lossMetrics = 0
  /// Whether products end with bias, activation and residual, as this project's own core has it.
  public var epilogues = false
  /// The generation of fused attention that it calls.
  public var fusedAttention = FusedAttentionGeneration.second
  /// Whether full recomputation leaves out what no gradient needs (PyTorch's non-reentrant form).
  public var recomputationStopsEarly = false
  /// Seconds of published training steps over this model's, for this software.
  public var fitted = TermFactors.one
  /// How far published steps lie from predicted ones, in place of `timeRange`; nil where nothing was
  /// fitted, or where the stack has a range of its own runs.
  public var spreads: StepSpreads?
  /// Stacks of one name here share what a fit says of their element-wise kernels; empty: its own id.
  public var sharedElementwise = ""
  /// What its own model code builds where a published case gives sizes alone.
  public var models = ModelHabits()
  /// Whether fp32 weights stand behind `pure` precisions too (FSDP: the shards stay fp32).
  public var pureKeepsMaster = false
  /// Whether it has layers that several ranks share.
  public var tensorParallel = false
  /// Whether it has pipeline stages.
  public var pipelineParallel = false
  /// Whether collectives of shared layers run beside the product behind them (weight gradients).
  public var overlapsTensorReduction = false
  /// Whether each rank of a tensor-parallel group sends its part of a message between stages and the
  /// receivers gather it.
  public var scattersStageMessages = true
  /// Tensors of the residual stream that a pipeline stage keeps per micro-batch beside what its
  /// blocks keep: its output, copies in another layout.
  public var stageTensors = 0
  /// Micro-batches that a stage has buffers for beyond those in flight.
  public var spareMicroBatches = 0
  /// Whether all gradients are copied into one flat 16-bit tensor, and that rank's part of it into
  /// fp32 for the update (DeepSpeed up to 0.6 with pipelines).
  public var flattensGradients = false
  /// Whether the gradients of 16-bit weights are held and added up in fp32.
  public var gradientsInFloat32 = false
  /// Whether blocks that have dropout are trained with it.
  public var dropout = false
  /// Whether the product that makes a weight gradient adds it to the fp32 sum over micro-batches.
  public var accumulatesInProduct = false
  /// Whether every kernel is waited for before the next is issued (`CUDA_LAUNCH_BLOCKING=1`).
  public var blocksOnLaunch = false
  /// Time in which the host issues one kernel over that of a bare PyTorch operator: Python around
  /// it, random states that recomputation saves, process groups.
  public var hostFactor = Sourced(1.0, origin: .assumed, source: "judgement")
  /// Memory of the matrix library's workspace; the default is PyTorch's cuBLAS setting
  /// `CUBLAS_WORKSPACE_CONFIG=:4096:2:16:8`, 8320 KiB.
  public var libraryWorkspace = Bytes(8320 * 1024)
  /// Source ids to citations.
  public var sources: [String: String]

  /// A stack from its parts.
  public init(
    id: String, title: String, mixedState: MixedState, normInFloat32: Bool,
    softmaxInFloat32: Bool, headCopies: Bool, fusedScaleMaskSoftmax: Bool, fusedResidual: Bool,
    fusedActivation: Bool, attention: [AttentionKernel], zeroStages: [Int], bucketElements: Int,
    buckets: Int, gradientBucketCopy: Bool, overlapsReduction: Bool, liveParameterElements: Int,
    gradientsPersist: Bool, elementwiseFactor: Sourced<Double>,
    misalignedScoresFactor: Sourced<Double>, isEager: Bool,
    inputRateLimit: Sourced<SamplesPerSecond>?, allocatorLoss: Sourced<Double>,
    timeRange: Sourced<Range90>, memoryRange: Sourced<Range90>, sources: [String: String]
  ) {
    self.id = id
    self.title = title
    self.mixedState = mixedState
    self.normInFloat32 = normInFloat32
    self.softmaxInFloat32 = softmaxInFloat32
    self.headCopies = headCopies
    self.fusedScaleMaskSoftmax = fusedScaleMaskSoftmax
    self.fusedResidual = fusedResidual
    self.fusedActivation = fusedActivation
    self.attention = attention
    self.zeroStages = zeroStages
    self.bucketElements = bucketElements
    self.buckets = buckets
    self.gradientBucketCopy = gradientBucketCopy
    self.overlapsReduction = overlapsReduction
    self.liveParameterElements = liveParameterElements
    self.gradientsPersist = gradientsPersist
    self.elementwiseFactor = elementwiseFactor
    self.misalignedScoresFactor = misalignedScoresFactor
    self.isEager = isEager
    self.inputRateLimit = inputRateLimit
    self.allocatorLoss = allocatorLoss
    self.timeRange = timeRange
    self.memoryRange = memoryRange
    self.sources = sources
  }

  /// The name under which its element-wise kernels are fitted.
  public var elementwiseGroup: String { sharedElementwise.isEmpty ? id : sharedElementwise }

  /// Time factor of score-sized kernels with unaligned rows on a device.
  public func misalignedScores(on device: Accelerator) -> Sourced<Double> {
    misalignedScoresByArchitecture[device.architecture] ?? misalignedScoresFactor
  }

  /// Whether 16-bit weights are copies of fp32 ones, which every update writes anew.
  public func hasCopies(_ precision: Precision) -> Bool {
    precision.isMixed && mixedState == .masterCopy
  }

  /// Whether the optimizer holds fp32 weights behind those that are trained.
  public func keepsMaster(_ precision: Precision) -> Bool {
    hasCopies(precision) || (precision.isPure && pureKeepsMaster)
  }

  /// Bytes of one element of an optimizer's moment.
  public func momentBytes(_ precision: Precision) -> Int {
    (precision.isPure && !pureKeepsMaster
      ? style(precision: precision, attention: .unfused).weights : .float32).bytes
  }

  /// Bytes of one gradient element as it is held, reduced and read by the update.
  public func gradientBytes(_ precision: Precision) -> Int {
    if hasCopies(precision), gradientsInFloat32 { return ElementType.float32.bytes }
    return style(precision: precision, attention: .unfused).gradients.bytes
  }

  /// The kernel style of a tower under a precision; `frozen` towers have no fp32 copy where the
  /// stack stores them in 16 bits, `bert` ones normalise behind the residual.
  public func style(
    precision: Precision, attention kernel: AttentionKernel, frozen: Bool = false,
    bert: Bool = false
  ) -> KernelStyle {
    let compute = precision.compute
    let isAutocast = precision.isMixed && mixedState == .autocast
    let isCast = isAutocast && !(frozen && frozenInCompute)
    let stored: ElementType = isCast ? .float32 : compute
    var style = KernelStyle(
      compute: compute, residual: compute, weights: stored, gradients: stored,
      normInFloat32: normInFloat32 && precision.isMixed,
      softmaxInFloat32: softmaxInFloat32 && compute != .float32, headCopies: headCopies,
      fusedScaleMaskSoftmax: fusedScaleMaskSoftmax, fusedResidual: fusedResidual,
      fusedActivation: fusedActivation, attention: kernel)
    style.fusedCrossEntropy = fusedCrossEntropy
    style.lossMetrics = lossMetrics
    style.epilogues = epilogues && precision == .fp32
    style.dropout = dropout
    style.geluInSteps = geluInSteps
    style.softmaxKeepsInput = softmaxKeepsInput
    let isBERT = bert && plainBERT
    // A fused kernel takes the three packed.
    let isSeparate = separateProjections || (isBERT && kernel == .unfused)
    style.separateProjections = isSeparate && isCast
    if residualInFloat32 || isBERT, isCast { style.residual = .float32 }
    return style
  }
}
