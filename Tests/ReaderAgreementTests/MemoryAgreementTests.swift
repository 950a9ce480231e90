import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import TrainingCore
import Workloads

/// One program, two readers: bytes that the allocator counted against those that the model predicts.
@Suite("Counted memory is predicted memory")
struct MemoryAgreementTests {
  /// Two towers of a few blocks, small enough for a debug build.
  static let model: ModelSpec = {
    var image = VisionTowerSpec(
      imageSize: 24, patchSize: 4, block: BlockSpec(width: 32, heads: 2, mlpWidth: 80), layers: 4,
      outputWidth: 16)
    image.preNorm = false
    var block = BlockSpec(width: 24, heads: 2, mlpWidth: 60)
    block.causal = true
    let text = TextTowerSpec(
      tokens: 12, vocabulary: 40, block: block, layers: 3, outputWidth: 16)
    return ModelSpec(id: "two towers", family: .clip(image: image, text: text), source: "test")
  }()

  /// The same with a pooler, a class token behind the text and a decoder on both towers' tokens.
  static let captioner: ModelSpec = {
    var image = VisionTowerSpec(
      imageSize: 24, patchSize: 4, block: BlockSpec(width: 32, heads: 2, mlpWidth: 80), layers: 4,
      outputWidth: 16)
    image.pooling = .attentionalPooler
    image.poolerHeads = 2
    image.poolerQueries = 6
    var block = BlockSpec(width: 24, heads: 2, mlpWidth: 60)
    block.causal = true
    var text = TextTowerSpec(
      tokens: 12, vocabulary: 40, block: block, layers: 3, outputWidth: 16)
    text.classToken = true
    block.crossAttentionWidth = 16
    block.crossMLP = true
    return ModelSpec(
      id: "captioner",
      family: .coca(
        image: image, text: text,
        decoder: CaptionDecoderSpec(block: block, layers: 3, tokens: 10, vocabulary: 40)),
      source: "test")
  }()

  /// A frozen image tower with a bridge behind it.
  static let bridged: ModelSpec = {
    var image = VisionTowerSpec(
      imageSize: 24, patchSize: 4, block: BlockSpec(width: 32, heads: 2, mlpWidth: 80), layers: 2,
      outputWidth: nil)
    image.pooling = .none
    image.finalNorm = false
    var block = BlockSpec(width: 24, heads: 2, mlpWidth: 60)
    block.normPosition = .postResidual
    block.crossAttentionWidth = 32
    let qformer = QFormerSpec(
      block: block, layers: 4, queries: 6, vocabulary: 40, positions: 20, textTokens: 12,
      embeddingWidth: 16)
    return ModelSpec(
      id: "bridged", family: .blip2Stage1(image: image, qformer: qformer), source: "test",
      frozenByDefault: ["image"])
  }()

  static let plans: [RecomputationPlan] = [
    .none, .selective, .full, RecomputationPlan(.perBlock([.init(full: 1, selective: 1)])),
  ]

  @Test(
    "methods, recomputation and accumulation",
    arguments: CalibrationMethod.allCases.filter { $0 != .teacher && $0 != .anchored }, plans)
  func agreement(_ method: CalibrationMethod, _ plan: RecomputationPlan) throws {
    for (accumulation, attention) in [(1, AttentionKernel.flash), (1, .unfused), (3, .flash)] {
      for selection in [[], [0, 3]] {
        try check(
          method, plan, accumulation: accumulation, attention: attention, selection: selection)
      }
    }
  }

  @Test("a bridge behind a frozen tower", arguments: CalibrationMethod.allCases)
  func bridge(_ method: CalibrationMethod) throws {
    for selection in [[], [0, 3]] {
      try check(
        method, .none, model: Self.bridged, accumulation: 1, attention: .flash,
        selection: selection)
    }
  }

  @Test("an anchor and a teacher", arguments: [CalibrationMethod.teacher, .anchored], plans)
  func references(_ method: CalibrationMethod, _ plan: RecomputationPlan) throws {
    for accumulation in [1, 3] {
      try check(method, plan, accumulation: accumulation, attention: .flash, selection: [])
    }
  }

  @Test(
    "a decoder on the tokens of both towers",
    arguments: [CalibrationMethod.none, .oat, .lsaITC, .lsaITCSequential, .atLR], plans)
  func captions(_ method: CalibrationMethod, _ plan: RecomputationPlan) throws {
    for accumulation in [1, 3] {
      try check(
        method, plan, model: Self.captioner, accumulation: accumulation, attention: .flash,
        selection: [0, 3])
    }
  }

  @Test(
    "partly trained towers", arguments: [CalibrationMethod.none, .oat, .lsaITC, .atLR], plans)
  func partial(_ method: CalibrationMethod, _ plan: RecomputationPlan) throws {
    let lora = LoRA(rank: 4, targets: Set(LoRA.Target.allCases))
    for partial in [Trainability.lastBlocks(0), .lastBlocks(2), .lora(lora)] {
      for (model, towers) in [(Self.model, ["image", "text"]), (Self.captioner, ["image"])] {
        try check(
          method, plan, model: model, accumulation: 1, attention: .unfused, selection: [3],
          partial: Dictionary(uniqueKeysWithValues: towers.map { ($0, partial) }))
      }
    }
  }

  private func check(
    _ method: CalibrationMethod, _ plan: RecomputationPlan, model: ModelSpec = Self.model,
    accumulation: Int, attention: AttentionKernel, selection: [Int],
    partial: [String: Trainability] = [:]
  ) throws {
    var settings = CalibrationSettings(method: method)
    settings.selectedLayers = selection
    settings.refreshSteps = 1
    settings.probeSamples = 4
    let strategy = SampleSetups.strategy(
      microBatch: 12, ranks: 1, recomputation: plan, precision: .fp32, attention: attention,
      accumulation: accumulation, software: SampleSetups.coreStack)
    var workload = SampleSetups.workload(
      model, globalBatch: strategy.globalBatch, calibration: settings)
    workload.partial = partial
    let program = workload.model.stepProgram(strategy.programOptions(for: workload))
    let estimate = Estimator(
      scenario: "agreement", workload: workload,
      cluster: Cluster(profile: SampleHardware.a100(memoryGiB: 40), accelerators: 1)
    ).estimate(strategy, complete: false)
    let predicted = estimate.memory.activations.value + estimate.memory.loss.value
    let executor = try StepExecutor(
      program, core: ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1)))
    let counted = Double(executor.plannedPeakBytes - executor.stateBytes)
    let error = abs(predicted / counted - 1)
    let states = estimate.memory
    #expect(
      states.parameters.value + states.frozenParameters.value + states.gradients.value
        + states.optimizer.value == Double(executor.stateBytes))
    // Features wait a few kernels longer than the walk looks, and borrowed inputs count once.
    #expect(
      error < 0.01,
      "\(method) \(plan) \(accumulation) \(attention) \(selection) \(partial): \(predicted) for \(counted)"
    )
  }
}
