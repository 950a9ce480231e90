import Glibc
import TrainingCore
import TrainingData
import Workloads

extension Trainer {
  /// Runs the next step: batch, lambdas, forward, attack, backward, clipping, update, selection.
  ///
  /// - Throws: `TrainingDataError` where there are no more data, `TrainingError.notFinite`; nothing
  ///   has been updated then.
  public func advance() throws -> StepMetrics {
    let clock = ContinuousClock()
    let start = clock.now
    let number = step
    let method = plan.method(ofStep: number)
    // Not only at that very step: a run may be resumed with fewer plain ones.
    if plan.plainSteps > 0, number >= plan.plainSteps, !hasBegunPhase { startPhase() }
    let selected = method.regularisesLayers ? selection : []
    let program = plan.program(step: number, selection: selected)
    noteRun(method, selected)
    let kind = kind(of: program, number: number, method: method, selection: selected)
    let isChecked = checksKernels && !checked.contains(kind)
    let batch = try timed("wait for the batch") { try nextBatch(method: method, step: number) }
    var metrics = StepMetrics(step: number + 1)
    metrics.gamma = executor.gamma
    metrics.selection = selected
    let attack = strengths.attackScale(ofStep: number, of: settings.steps)
    executor.settings.epsilon = attack * fullAttack.epsilon
    executor.settings.alpha = attack * fullAttack.alpha
    useRoundedWeights()
    if isChecked { executor.core.trace = KernelTrace() }
    let result = executor.run(program, batch: batch, number: number)
    let trace = executor.core.trace
    executor.core.trace = nil
    let isUsable = restoreWeights()
    executor.moveGamma()
    metrics.loss = result.loss
    metrics.terms = result.terms
    metrics.comparison = result.comparison.merging(
      result.layers.mapValues { $0.reduce(0) { $0 + Double($1) } / Double(max(1, $0.count)) }
    ) { own, _ in own }
    guard result.loss.isFinite else {
      throw TrainingError.notFinite(step: number + 1, what: "loss")
    }
    metrics.lossScale = scaler.map { Double($0.scale) }
    metrics.isSkipped = !isUsable
    if scaler?.finishStep(isFinite: isUsable) ?? true {
      try timed("update") { try update(number: number + 1, metrics: &metrics) }
    }
    step = number + 1
    select(from: result.layers, method: method)
    let elapsed = (clock.now - start).components
    metrics.seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    executor.profile?.addStep(seconds: metrics.seconds)
    metrics.flops = flops[kind] ?? program.modelFlops
    flops[kind] = metrics.flops
    if isChecked, let trace {
      metrics.isChecked = true
      checked.insert(kind)
      metrics.difference = ExpectedTrace.difference(
        expected: ExpectedTrace.calls(of: program, step: number), found: trace.take())
    }
    return metrics
  }

  /// Runs work outside the program, and notes it where somebody profiles.
  private func timed<Result>(_ label: String, _ body: () throws -> Result) rethrows -> Result {
    guard let profile = executor.profile else { return try body() }
    let clock = ContinuousClock()
    let start = clock.now
    let result = try body()
    profile.add(label, kind: label, clock.now - start)
    return result
  }

  private func kind(
    of program: StepProgram, number: Int, method: CalibrationMethod, selection: [Int]
  ) -> Kind {
    Kind(
      selection: selection, isPlain: method == .none,
      hasAll: program.phases.allSatisfy { number.isMultiple(of: $0.every) })
  }

  // MARK: Batch

  private func nextBatch(method: CalibrationMethod, step: Int) throws -> StepBatch {
    batches = (batches.1, batches.0)
    // Taken out and put back: an array with one owner is filled in place.
    var (images, tokens, ends) = (
      batches.0.images, batches.0.tokens, batches.0.endPositions
    )
    batches.0.images = []
    let elements = source.shape.imageElements
    if images.count != elements { images = [Float](repeating: 0, count: elements) }
    var span = images.mutableSpan
    try source.nextBatch(into: &span, tokens: &tokens, endPositions: &ends)
    batches.0.images = images
    batches.0.tokens = tokens
    batches.0.endPositions = ends
    if text.masksPadding { batches.0.lengths = ends.map { $0 + 1 } }
    var options = plan.options
    options.calibration.method = method
    batches.0.lambda = draws.lambdas(of: options, step: step)
    return batches.0
  }

  // MARK: Update

  private func update(number: Int, metrics: inout StepMetrics) throws {
    guard executor.layout.trainedCount > 0, let moments = executor.allMoments else { return }
    let core = executor.core
    let gradients = executor.allGradients
    let norm = core.gradientNorm(gradients)
    metrics.gradientNorm = norm
    guard norm.isFinite else {
      throw TrainingError.notFinite(step: number, what: "gradient")
    }
    let factor = settings.clipNorm.map { ComputeCore.clipFactor(norm: norm, maxNorm: $0) } ?? 1
    let rate = settings.schedule.rate(ofStep: number)
    metrics.learningRate = rate
    let values = executor.allValues.part(0, executor.layout.trainedCount)
    switch settings.rule {
    case .adamw:
      var step = AdamWStep(
        number: number, learningRate: rate, beta1: settings.beta1, beta2: settings.beta2,
        epsilon: settings.epsilon, weightDecay: settings.weightDecay)
      step.gradientFactor = factor
      core.adamW(
        values, moment1: moments.first, moment2: moments.second, gradient: gradients, step: step,
        groups: number > plan.plainSteps ? groups : plainGroups)
    case .lamb:
      var step = LAMBStep(
        number: number, learningRate: rate, beta1: settings.beta1, beta2: settings.beta2,
        epsilon: settings.epsilon)
      step.gradientFactor = factor
      core.lamb(
        values, moment1: moments.first, moment2: moments.second, gradient: gradients, step: step,
        groups: number > plan.plainSteps ? groups : plainGroups)
    }
    boundLogitScale()
  }

  /// The logit scale stays between 1 and 100 (arXiv 2103.00020, section 2.5).
  private func boundLogitScale() {
    guard executor.layout.position(of: "loss.logit_scale") != nil else { return }
    let scale = executor.values(of: "loss.logit_scale")
    scale[0] = min(max(scale[0], 0), Float(log(100.0)))
  }

  // MARK: Selection

  private func select(from measures: [Int: [Float]], method: CalibrationMethod) {
    guard method.regularisesLayers, !measures.isEmpty else { return }
    selection = VulnerableLayers.select(
      measures, eta: executor.settings.eta, limit: executor.settings.vulnerableLayers)
  }
}
