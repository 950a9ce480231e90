import Clusters
import CostModel
import Planning
import Quantities
import Reporting
import Strategies
import Workloads

/// Values built by hand: reports are tested without the cost model.
enum Samples {
  static let provenance = Provenance(
    version: "0.1.0", scenarioHash: "sha256:11", profileHash: "sha256:22", fitHash: nil, seed: 7)

  static let model = ModelSpec(
    id: "EVA02-E-14-plus",
    family: .clip(
      image: VisionTowerSpec(
        imageSize: 224, patchSize: 14, block: BlockSpec(width: 1792, heads: 16, mlpWidth: 15360),
        layers: 64, outputWidth: 1024),
      text: TextTowerSpec(
        tokens: 77, vocabulary: 49408, block: BlockSpec(width: 1280, heads: 20, mlpWidth: 5120),
        layers: 32, outputWidth: 1024)),
    source: "sample")

  static let stack = SoftwareStack(
    id: "eva-clip-2023", title: "EVA-CLIP", mixedState: .masterCopy, normInFloat32: false,
    softmaxInFloat32: true, headCopies: true, fusedScaleMaskSoftmax: false, fusedResidual: false,
    fusedActivation: true, attention: [.flash, .unfused], zeroStages: [0, 1, 2],
    bucketElements: 500_000_000, buckets: 2, gradientBucketCopy: false, overlapsReduction: true,
    liveParameterElements: 1_000_000_000, gradientsPersist: false,
    elementwiseFactor: Sourced(1.0, origin: .assumed, source: "judgement"),
    misalignedScoresFactor: Sourced(1.5, origin: .published, source: "p"), isEager: true,
    inputRateLimit: nil, allocatorLoss: Sourced(0.03, origin: .assumed, source: "judgement"),
    timeRange: Sourced(
      Range90(low: 0.9, typical: 1, high: 1.2), origin: .published, source: "p"),
    memoryRange: Sourced(
      Range90(low: 0.95, typical: 1, high: 1.08), origin: .published, source: "p"),
    sources: ["p": "sample", "judgement": "our choice"])

  static func strategy(microBatch: Int = 1000, zero: Int = 1) -> Strategy {
    Strategy(
      microBatch: microBatch, accumulation: 1, dataParallel: 144, zeroStage: zero,
      recomputation: ["image": .full, "text": .full], precision: .ampBF16,
      attention: ["image": .flash, "text": .unfused], defaultAttention: .unfused,
      contrastiveGather: .local, software: stack)
  }

  static func workload(_ method: CalibrationMethod) -> Workload {
    Workload(
      model: model, frozen: [], patchDropout: 0.5, globalBatch: 144_000,
      samplesSeen: Sourced(9e9, origin: .assumed, source: "readme"), optimizer: .lamb,
      calibration: CalibrationSettings(method: method))
  }

  static func interval<Unit: UnitOfMeasure>(
    _ value: Double, _ low: Double = 0.9, _ high: Double = 1.15
  ) -> Interval<Unit> {
    Interval(
      low: Quantity(value * low), typical: Quantity(value), high: Quantity(value * high))
  }

  static func memory(scale: Double = 1) -> MemoryEstimate {
    let gib = 1_073_741_824.0
    var memory = MemoryEstimate()
    memory.parameters = Bytes(9.4 * gib)
    memory.gradients = Bytes(4.7 * gib)
    memory.optimizer = Bytes(0.4 * gib)
    memory.activations = Bytes(36 * gib * scale)
    memory.loss = Bytes(1.1 * gib)
    memory.communication = Bytes(1.9 * gib)
    memory.reserve = Bytes(1.5 * gib)
    memory.context = Bytes(0.7 * gib)
    memory.peakPhase = "backward"
    memory.peakInstant = "first image block"
    memory.peakInterval = interval(memory.peak.value, 0.95, 1.08)
    memory.capacity = Bytes(79.15 * gib)
    memory.hostNeeded = Bytes(120 * gib)
    memory.hostCapacity = Bytes(2000 * gib)
    return memory
  }

  static func estimate(
    _ method: CalibrationMethod = .none, hardware: String = "a100-80gb-sxm-dgx",
    scenario: String = "eva02-clip-e14-plus", slower: Double = 1, price: Double? = 2.79,
    memoryScale: Double = 1, strategy: Strategy? = nil
  ) -> Estimate {
    let attacked = method != .none
    let step = (attacked ? 12.7 : 4.5) * slower
    var breakdown = StepBreakdown()
    breakdown.compute = Seconds(step * 0.86)
    breakdown.exposedCommunication = Seconds(step * 0.07)
    breakdown.optimizer = Seconds(step * 0.03)
    breakdown.launch = Seconds(step * 0.04)
    var shares: [(String, Double)] = [
      ("text_forward", 0.06), ("image_forward", 0.25), ("loss", 0.02), ("backward", 0.64),
      ("optimizer", 0.03),
    ]
    if attacked {
      shares = [
        ("text_forward", 0.03), ("image_forward", 0.1), ("attack", 0.42),
        ("adversarial_forward", 0.08), ("loss", 0.02), ("backward", 0.34), ("optimizer", 0.01),
      ]
    }
    let hours = step * 62_500 * 144 / 3600
    var run = RunEstimate()
    run.goodput = 0.94
    run.failures = 3.2
    run.checkpointInterval = Seconds(5400.0)
    run.checkpointBytes = Bytes(60.5e9)
    run.sweep = attacked ? Seconds(2100.0) : .zero
    run.campaign = [
      .init(name: "trials", hours: AcceleratorHours(hours * 0.4)),
      .init(name: "failed runs", hours: AcceleratorHours(hours * 0.2)),
    ]
    return Estimate(
      scenario: scenario, hardware: hardware, acceleratorName: "NVIDIA A100-SXM4-80GB",
      accelerators: 144, model: model.id, parameters: 5_044_889_089,
      trainableParameters: 5_044_889_089, forwardFlopsPerSample: Flops(2.01e12),
      globalBatch: 144_000, samplesSeen: 9e9, strategy: strategy ?? Samples.strategy(),
      workload: workload(method), step: interval(step), breakdown: breakdown,
      phases: shares.map { (name: $0.0, time: Seconds($0.1 * step)) },
      samplesPerSecondPerAccelerator: Range90(
        low: 870 / step, typical: 1000 / step, high: 1111 / step),
      steps: 62_500, wall: interval(step * 62_500 / 0.94),
      acceleratorHours: interval(hours / 0.94),
      billedAcceleratorHours: AcceleratorHours(hours / 0.94), nodeHours: hours / 0.94 / 8,
      cost: price.map { interval(hours / 0.94 * $0) }, energy: interval(hours * 0.55 * 3.6e6),
      carbon: interval(hours * 0.55 * 582), modelFlopsUtilization: 0.41,
      hardwareFlopsUtilization: 0.54, maxMicroBatch: 1200, memory: memory(scale: memoryScale),
      overheads: attacked ? overheads : [], run: run, assumptions: assumptions,
      flags: attacked
        ? ["not_validated_on_gpu: no published attack run supports it"]
        : ["out_of_range: logits 144,000 columns"])
  }

  static let overheads = [
    Overhead(
      baseline: "plain", meaning: "the same run without a calibration method",
      time: Range90(low: 2.6, typical: 2.82, high: 3.1),
      memory: Range90(low: 1.21, typical: 1.3, high: 1.4),
      acceleratorHours: Range90(low: 2.6, typical: 2.82, high: 3.1)),
    Overhead(
      baseline: "fixed-lambda", meaning: "adversarial training at one fixed lambda, rho = 1",
      time: Range90(low: 0.85, typical: 0.88, high: 0.92),
      memory: Range90(low: 0.97, typical: 1, high: 1.12),
      acceleratorHours: Range90(low: 0.85, typical: 0.88, high: 0.92)),
    Overhead(
      baseline: "one-run-per-lambda", meaning: "six trainings, one for each lambda",
      time: Range90(low: 0.16, typical: 0.175, high: 0.2),
      memory: Range90(low: 0.97, typical: 1, high: 1.05),
      acceleratorHours: Range90(low: 0.16, typical: 0.175, high: 0.2)),
  ]

  static let assumptions = [
    Assumption(
      key: "accelerator.peak.bf16", value: "312 TFLOP/s", origin: .published,
      source: "NVIDIA A100 datasheet"),
    Assumption(
      key: "site.grid", value: "582 g/kWh", origin: .assumed, source: "assumes China, 2023"),
    Assumption(
      key: "site.price", value: "2.79 USD/accelerator-hour", origin: .published,
      source: "SkyPilot catalogue, Lambda"),
    Assumption(key: "workload.global_batch", value: "144,000", origin: .given, source: ""),
  ]

  static func plan() -> PlanResult {
    let plans = [
      estimate(slower: 0.91, memoryScale: 1.2, strategy: strategy(microBatch: 1000, zero: 1)),
      estimate(slower: 0.95, memoryScale: 1.1, strategy: strategy(microBatch: 1000, zero: 2)),
      estimate(slower: 0.99, memoryScale: 0.9, strategy: strategy(microBatch: 500, zero: 2)),
      estimate(slower: 1.04, memoryScale: 0.95, strategy: strategy(microBatch: 250, zero: 1)),
    ]
    var points: [(step: Seconds, peak: Bytes)] = plans.map {
      (step: $0.step.typical, peak: $0.memory.peak)
    }
    for index in 0..<40 {
      let time = 4.3 + 0.09 * Double(index)
      let memory = (70 - 0.7 * Double(index % 17)) * 1_073_741_824
      points.append((step: Seconds(time), peak: Bytes(memory)))
    }
    return PlanResult(
      fixed: estimate(), plans: plans, pareto: [0, 1, 2], points: points,
      rejected: [
        (
          rejection: Rejection(
            strategy: strategy(microBatch: 2000, zero: 0), rule: "memory",
            detail: "needs 91.3 GiB, has 79.2 GiB"), count: 1840
        ),
        (
          rejection: Rejection(
            strategy: strategy(zero: 3), rule: "zero-supported",
            detail: "eva-clip-2023 has no ZeRO stage 3"), count: 412
        ),
      ],
      searched: 9216, pruned: 412, threads: 2, seconds: 0.0421,
      shadowPrices: [
        .init(resource: "memory", unit: "GiB", stepSeconds: 0.054, share: 0.012)
      ], infeasible: nil)
  }
}
