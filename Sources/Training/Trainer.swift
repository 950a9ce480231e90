public import TrainingCore
public import TrainingData
public import Workloads

/// A real training run: step after step, each a function of the state, the seed and its number.
///
/// Not for several threads at once; the source may prefetch on its own.
public final class Trainer {
  /// Which program each step runs.
  public let plan: ProgramPlan
  /// What the run does beside its scenario.
  public let settings: RunSettings
  /// Where batches come from.
  public let source: any BatchSource
  /// Runs the steps; values, gradients and moments are its.
  public let executor: StepExecutor
  /// Steps done.
  public internal(set) var step = 0
  /// Whether what the method adds has started from what plain steps have learnt.
  var hasBegunPhase = false
  /// Layers that are regularised from the next step on, counted from 0.
  public internal(set) var selection: [Int] = []
  /// Whether the kernels of the first step of every kind are compared with the program's.
  public var checksKernels = true
  /// Methods and selections of layers that have run: what a prediction of memory is made for.
  public private(set) var selectionsRun: [(method: CalibrationMethod, layers: [Int])] = []

  /// What decides what the method does; the radius of the executor's settings follows it.
  let strengths: MethodStrengths
  /// Radius and step of the attack at their full length.
  let fullAttack: (epsilon: Float, alpha: Float)
  let text: TextInput
  let draws: LambdaDraws
  let groups: ParameterGroups
  /// Those of the plain steps before a calibration phase.
  let plainGroups: ParameterGroups
  /// fp32 weights while rounded ones are in use.
  let master: Floats?
  /// The loss scale of emulated fp16; nil elsewhere.
  public var scaler: LossScaler?
  var checked: Set<Kind> = []
  /// FLOP by kind of step: counted once for each.
  var flops: [Kind: Double] = [:]
  /// The executor keeps the last batch: filling the other one copies nothing.
  var batches = (StepBatch(), StepBatch())

  /// What makes steps run the same kernels.
  struct Kind: Hashable {
    var selection: [Int]
    var isPlain: Bool
    var hasAll: Bool
  }

  /// A run from its first step, weights drawn from the seed.
  ///
  /// - Parameters:
  ///   - model: What is trained.
  ///   - options: Batch, styles and method; one rank, the styles of this core.
  ///   - settings: Steps, optimizer, seed.
  ///   - strengths: Radius of the attack, lambdas, and what else decides what a method does.
  ///   - source: Batches of as many pairs as a step reads.
  ///   - core: What runs the kernels.
  /// - Throws: `TrainingError` or `ExecutionError`, before anything has been computed.
  public init(
    model: ModelSpec, options: ProgramOptions, settings: RunSettings,
    strengths: MethodStrengths = MethodStrengths(), source: any BatchSource, core: ComputeCore
  ) throws {
    self.strengths = strengths
    draws = LambdaDraws(seed: settings.seed, values: strengths.lambdas)
    text = try TextInput(model)
    plan = ProgramPlan(model: model, options: options, steps: settings.steps)
    self.settings = settings
    self.source = source
    try Self.check(source.shape, model: model, options: options, text: text)
    let execution = Self.executionSettings(options, settings, strengths, source, text)
    fullAttack = (execution.epsilon, execution.alpha)
    executor = try StepExecutor(plan.fullest, core: core, settings: execution)
    let (tensors, layers) = executor.layout.optimizerTensors
    groups = ParameterGroups(
      tensors, weightDecay: settings.weightDecay, layerDecay: settings.layerDecay, layers: layers,
      conditioningFactor: strengths.conditioningRate)
    // A first affine set is a norm's own: before the phase it learns as fast as one without a second.
    plainGroups = ParameterGroups(
      tensors, weightDecay: settings.weightDecay, layerDecay: settings.layerDecay, layers: layers)
    master =
      settings.emulation != .none
      ? Floats([Float](repeating: 0, count: executor.layout.count)) : nil
    scaler = settings.emulation == .fp16 ? LossScaler() : nil
    ParameterInitializer(seed: settings.seed).fill(executor)
  }

  private static func check(
    _ shape: BatchShape, model: ModelSpec, options: ProgramOptions, text: TextInput
  ) throws(TrainingError) {
    let patches = model.imageTower?.patches ?? 0
    let elements = model.imageTower.map { 3 * $0.patchSize * $0.patchSize } ?? 0
    func words(_ batch: Int, _ patches: Int, _ elements: Int, _ tokens: Int) -> String {
      "\(batch) images of \(patches) patches with \(elements) numbers and texts of \(tokens) tokens"
    }
    let found = words(shape.batch, shape.patches, shape.patchElements, shape.tokens)
    let expected = words(options.localBatch, patches, elements, text.tokens)
    guard found == expected else { throw .otherShape(found: found, expected: expected) }
  }

  private static func executionSettings(
    _ options: ProgramOptions, _ run: RunSettings, _ strengths: MethodStrengths,
    _ source: any BatchSource, _ text: TextInput
  ) -> ExecutionSettings {
    var settings = ExecutionSettings()
    settings.seed = run.seed
    settings.captionToken = text.captionToken
    settings.weighsByLambda = options.calibration.method.knowsLambda
    settings.vulnerableLayers = options.calibration.vulnerableLayers
    settings.eta = strengths.threshold
    settings.kappa = strengths.targetShare
    settings.gammaRate = strengths.gain
    settings.epsilon = strengths.attackRadius
    settings.alpha = strengths.attackStepSize
    if options.calibration.attackSite == .pixels {
      // Radius and step are given in pixels of [0, 1]: the core has one radius for all channels.
      let deviations = source.normalization.deviation
      let deviation = deviations.reduce(0, +) / Float(deviations.count)
      settings.epsilon /= deviation
      settings.alpha /= deviation
      settings.lowest = source.pixelRange.lower
      settings.highest = source.pixelRange.upper
    }
    return settings
  }

  /// The program of the next step.
  public var program: StepProgram { plan.program(step: step, selection: selection) }

  func noteRun(_ method: CalibrationMethod, _ layers: [Int]) {
    guard !selectionsRun.contains(where: { $0.method == method && $0.layers == layers }) else {
      return
    }
    selectionsRun.append((method, layers))
  }
}
