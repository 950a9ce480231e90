import Quantities
public import Strategies
public import Training
public import Workloads

/// A small real run: what is trained, how, and under which calibration method.
public struct ValidationRun: Sendable, Hashable {
  /// For example `w256-lsa-itc-k2`.
  public var id: String
  /// One line for people: what it stands for.
  public var title: String
  /// The model.
  public var model: ModelSpec
  /// Samples of a micro-batch.
  public var microBatch: Int
  /// Micro-batches of a step.
  public var accumulation: Int = 1
  /// Attention as one kernel or as three.
  public var attention: AttentionKernel = .flash
  /// What every block keeps.
  public var recomputation: RecomputationPlan = .none
  /// Towers that are not trained.
  public var frozen: Set<String> = []
  /// Share of patches that is dropped.
  public var patchDropout: Double = 0
  /// The update rule.
  public var rule: UpdateRule = .adamw
  /// The calibration method.
  public var calibration: CalibrationSettings = .none
  /// The run that it is compared with: the same without the method.
  public var baseline: String?

  /// A plain run.
  public init(id: String, title: String, model: ModelSpec, microBatch: Int) {
    self.id = id
    self.title = title
    self.model = model
    self.microBatch = microBatch
  }

  /// The run as the cost model is asked about it.
  public var workload: Workload {
    Workload(
      model: model, frozen: frozen, patchDropout: patchDropout,
      globalBatch: microBatch * accumulation, samplesSeen: Sourced(1e4, origin: .assumed),
      optimizer: rule == .adamw ? .adamw : .lamb, calibration: settings)
  }

  /// How it runs: one rank of this project's own core, in fp32.
  public func strategy(_ stack: SoftwareStack) -> Strategy {
    var plans: [String: RecomputationPlan] = [:]
    if recomputation != .none {
      for tower in model.blockTowerNames { plans[tower] = recomputation }
    }
    return Strategy(
      microBatch: microBatch, accumulation: accumulation, dataParallel: 1, zeroStage: 0,
      recomputation: plans, precision: .fp32, attention: [:], defaultAttention: attention,
      contrastiveGather: .local, software: stack)
  }

  /// The options of its step programs.
  public func options(_ stack: SoftwareStack) -> ProgramOptions {
    strategy(stack).programOptions(for: workload)
  }

  /// Every kernel of its step programs, as the core is asked for them.
  public func works(_ stack: SoftwareStack, workers: Int) -> Set<KernelWork> {
    let program = ProgramFactory(
      model: model, frozen: frozen, patchDropout: patchDropout
    ).program(options(stack))
    var works: Set<KernelWork> = []
    for step in program.phases.flatMap(\.steps) {
      switch step {
      case .forward(let segment, _, _, let need, _, _),
        .backward(let segment, _, _, let need, _, _, _):
        let segment = program.segments[segment]
        let analysis = SegmentAnalysis(
          graph: segment.spec.graph(segment.shape, style: segment.style), need: need,
          gradientType: segment.style.gradients)
        for kernel in analysis.forward + analysis.backward {
          if let work = KernelWork(kernel, tensors: analysis.tensors, workers: workers) {
            works.insert(work)
          }
        }
      default: break
      }
    }
    return works
  }

  /// The method's settings, with the layers that it will select: all, since the threshold is far
  /// below every layer's measure.
  var settings: CalibrationSettings {
    var settings = calibration
    settings.vulnerableLayers = selectable.count
    if settings.method.regularisesLayers { settings.selectedLayers = Array(selectable) }
    return settings
  }

  /// Layers that the method can select from.
  var selectable: Range<Int> {
    var options = ProgramOptions(microBatch: microBatch, frozen: frozen)
    options.calibration = calibration
    return ProgramPlan(model: model, options: options, steps: 2).selectableLayers
  }

  /// Threshold below which no layer stays: every layer is regularised.
  static let threshold: Float = -1e6
}
