import TestSupport
import Testing
import TrainingCore
import Workloads

/// A small model in the core and in double precision: losses and slopes of the same step.
struct WholeModelCheck {
  var family: String
  var calibration = CalibrationSettings.none
  var samples = 4
  var accumulation = 1
  var patchDropout = 0.0
  var dropPathRate: Float = 0
  var frozen: Set<String> = []
  var partial: [String: Trainability] = [:]
  var attention = [AttentionKernel.flash]
  /// The step's number: in step 0 all occasional phases run too.
  var step = 0
  /// Ends and lengths of texts that differ.
  var hasRaggedTexts = false

  init(_ family: String) { self.family = family }

  /// 1e-5 of a loss: fp32 sums of a few thousand terms.
  static let lossTolerance = 1e-5
  /// Of a tensor's largest entry.
  ///
  /// As for single layers, through some forty kernels.
  var tolerance = 1e-4

  /// Runs a step and compares.
  func run() throws {
    let model = SmallModels.model(family)
    var executors: [StepExecutor] = []
    var double: DoubleModel?
    for attention in attention {
      var options = ProgramOptions(
        microBatch: samples / accumulation, accumulation: accumulation,
        defaultStyle: .core(attention), patchDropout: patchDropout, frozen: frozen,
        calibration: calibration)
      options.partial = partial
      let program = model.stepProgram(options)
      let attacked = program.passes.first { $0.branch == .attacked }?.samples ?? 0
      let executor = try StepExecutor(program, core: cores[0], settings: settings)
      SmallModels.fill(executor)
      let batch = batch(model, attacked: attacked)
      var random = SeededGenerator(seed: 11)
      let perturbation = random.floats(
        attacked * accumulation * model.imageElements, in: -0.25...0.25)
      if attacked > 0 { executor.givenPerturbation = perturbation }
      let result = executor.run(program, batch: batch, number: step)
      let reference =
        double ?? reference(model, executor, batch: batch, perturbation: perturbation)
      double = reference
      let loss = reference.objective()
      #expect(
        abs(result.loss / loss - 1) < Self.lossTolerance,
        "\(family) \(calibration.method): \(result.loss) for \(loss), \(result.terms)")
      executors.append(executor)
    }
    if let double { compare(executors, double) }
  }

  /// The same model, weights and batch in double precision.
  private func reference(
    _ model: ModelSpec, _ executor: StepExecutor, batch: StepBatch, perturbation: [Float]
  ) -> DoubleModel {
    var double = DoubleModel(
      model, batch: batch, settings: settings, step: step, calibration: calibration,
      patchDropout: patchDropout, perturbation: perturbation)
    double.partial = partial
    double.microBatch = samples / accumulation
    double.isImageFrozen = frozen.contains("image")
    for entry in executor.layout.entries {
      double.values[entry.name] = executor.values(of: entry.name).values.map(Double.init)
    }
    double.held = double.heldValues()
    return double
  }

  private var settings: ExecutionSettings {
    var settings = ExecutionSettings()
    settings.dropPathRate = dropPathRate
    settings.epsilon = 0.3
    // The perturbation stays as it is given: signs of gradients have no slope.
    settings.alpha = 0
    settings.gamma = 0.7
    settings.layerGammas = [0: 1.5]
    settings.distanceWeight = 0.8
    settings.weighsByLambda = calibration.method != .atLR && calibration.method != .anchored
    return settings
  }

  private func batch(_ model: ModelSpec, attacked: Int) -> StepBatch {
    let micro = samples / accumulation
    var batch = SmallModels.batch(model, samples: samples, attacked: attacked, micro: micro)
    if case .blip2Stage1 = model.family {
      // Both branches have them: attacked samples, which come first.
      let known = attacked > 0 ? attacked : micro
      batch.negatives = StepBatch.Negatives(
        images: (0..<samples).map { Int32(($0 % micro + 1) % known) },
        texts: (0..<samples).map { Int32(($0 % micro + known - 1) % known) })
    }
    if hasRaggedTexts {
      let length = batch.tokens.count / samples
      batch.lengths = (0..<samples).map { Int32(max(2, length - $0)) }
      batch.endPositions = batch.lengths.map { $0 - 1 }
    }
    return batch
  }

  // MARK: Slopes

  /// The slope along one random direction of every tensor, and of its largest entry and two others.
  private func compare(_ executors: [StepExecutor], _ double: DoubleModel) {
    var random = SeededGenerator(seed: 13)
    let trained = executors[0].layout.entries.filter(\.isTrained)
    let gradients = executors.map { executor in
      trained.map { executor.gradient(of: $0.name).values.map(Double.init) }
    }
    let largest = gradients[0].map { $0.map(abs).max() ?? 0 }
    // Gradients that are zero in exact arithmetic are measured by the largest of all.
    let floor = 1e-3 * (largest.max() ?? 1)
    for (position, entry) in trained.enumerated() {
      let scale = max(largest[position], floor)
      func check(_ direction: [Double], _ place: String) {
        let slope = Self.slope(double, entry.name, direction)
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for gradient in gradients {
          let found = zip(gradient[position], direction).reduce(0) { $0 + $1.0 * $1.1 }
          let error = abs(found - slope) / (scale * length)
          #expect(error < tolerance, "\(family): \(entry.name) \(place): \(error)")
        }
      }
      check(random.floats(entry.count, in: -1...1).map(Double.init), "along a direction")
      let own = gradients[0][position]
      let peak = own.indices.max { abs(own[$0]) < abs(own[$1]) } ?? 0
      for index in [peak] + (0..<2).map({ _ in Int.random(in: 0..<entry.count, using: &random) }) {
        var one = [Double](repeating: 0, count: entry.count)
        one[index] = 1
        check(one, "[\(index)]")
      }
    }
  }

  private static func slope(_ model: DoubleModel, _ name: String, _ direction: [Double]) -> Double {
    let slope = CentralDifference.gradient(at: [0]) { moved in
      var model = model
      model.changed = name
      model.values[name] = DoubleMath.sum(model.values[name] ?? [], direction, factor: moved[0])
      return model.objective()
    }
    return slope[0]
  }
}
