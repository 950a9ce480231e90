import Testing
import TrainingCore
import Workloads

/// Programs that must compute the same, bit for bit or up to the order of sums.
@Suite("Equivalent programs")
struct EquivalenceTests {
  private func filled(
    _ program: StepProgram, settings: ExecutionSettings = ExecutionSettings(), workers: Int = 1
  ) throws -> StepExecutor {
    let executor = try StepExecutor(
      program, core: ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: workers)),
      settings: settings)
    SmallModels.fill(executor)
    return executor
  }

  private func options(
    _ method: CalibrationMethod, micro: Int = 6, accumulation: Int = 1,
    plan: RecomputationPlan = .none, attention: AttentionKernel = .unfused,
    change: (inout CalibrationSettings) -> Void = { _ in }
  ) -> ProgramOptions {
    var settings = CalibrationSettings(method: method)
    settings.selectedLayers = [0, 2]
    settings.cleanShare = 1.0 / 3
    change(&settings)
    return ProgramOptions(
      microBatch: micro, accumulation: accumulation, defaultStyle: .core(attention),
      recomputation: ["image": plan, "text": plan], calibration: settings)
  }

  /// A recomputed forward repeats the same kernels on the same numbers.
  @Test(
    "recomputation changes no bit of a gradient",
    arguments: ["clip", "eva"], [CalibrationMethod.none, .lsaITC, .lsaITCSequential])
  func recomputation(_ family: String, _ method: CalibrationMethod) throws {
    let model = SmallModels.model(family)
    let batch = SmallModels.batch(model, samples: 6, attacked: 4, micro: 6)
    var found: [[Float]] = []
    let plans: [RecomputationPlan] = [
      .none, .selective, .full, RecomputationPlan(.perBlock([.init(full: 1, selective: 1)])),
    ]
    for plan in plans {
      let program = model.stepProgram(options(method, plan: plan))
      let trace = KernelTrace()
      let executor = try StepExecutor(
        program,
        core: ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1), trace: trace))
      SmallModels.fill(executor)
      _ = executor.run(program, batch: batch, number: 1)
      found.append(executor.allGradients.values)
      let difference = ExpectedTrace.difference(
        expected: ExpectedTrace.calls(of: program, step: 1), found: trace.take())
      #expect(difference == nil, "\(plan): \(difference ?? "")")
    }
    for other in found.dropFirst() { #expect(other == found[0]) }
  }

  /// Cached features give the gradients of the whole batch; only the order of sums differs, whose
  /// rounding is about 1e-6 of the largest entry.
  @Test(
    "accumulation with cached features is the whole batch",
    arguments: [CalibrationMethod.none, .lossReweight, .oat, .lsaITC, .lsaITCSequential, .atLR])
  func accumulation(_ method: CalibrationMethod) throws {
    let model = SmallModels.model("clip")
    // Attacked samples come first in every micro-batch: 0, 1 | 3, 4, then 2 | 5.
    let attacks = method.attacks
    let everyone = method == .atLR
    let order = attacks && !everyone ? [0, 1, 3, 4, 2, 5] : Array(0..<6)
    let small = SmallModels.batch(model, samples: 6, attacked: everyone ? 3 : 2, micro: 3)
    var whole = small
    let pixels = model.imageElements
    whole.images = order.flatMap { Array(small.images[$0 * pixels..<($0 + 1) * pixels]) }
    whole.tokens = order.flatMap { Array(small.tokens[$0 * 5..<($0 + 1) * 5]) }
    whole.lambda = order.map { small.lambda[$0] }
    var settings = ExecutionSettings()
    settings.weighsByLambda = method != .atLR
    var gradients: [[Float]] = []
    var losses: [Double] = []
    var comparisons: [[Int: Double]] = []
    var weights: [[Float]] = []
    for (accumulation, batch) in [(1, whole), (2, small)] {
      let program = model.stepProgram(
        options(method, micro: 6 / accumulation, accumulation: accumulation) {
          if everyone { $0.cleanShare = 0 }
        })
      let trace = KernelTrace()
      let executor = try StepExecutor(
        program,
        core: ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1), trace: trace),
        settings: settings)
      SmallModels.fill(executor)
      executor.givenPerturbation = [Float](repeating: 0.003, count: 6 * pixels)
      let result = executor.run(program, batch: batch, number: 1)
      losses.append(result.loss)
      comparisons.append(result.comparison)
      weights.append(executor.termWeights)
      gradients.append(executor.allGradients.values)
      let difference = ExpectedTrace.difference(
        expected: ExpectedTrace.calls(of: program, step: 1), found: trace.take())
      #expect(difference == nil, "\(accumulation): \(difference ?? "")")
    }
    #expect(abs(losses[0] / losses[1] - 1) < 1e-5, "\(losses)")
    let largest = gradients[0].map(abs).max() ?? 0
    let error = zip(gradients[0], gradients[1]).map { abs($0 - $1) }.max() ?? .infinity
    #expect(error / largest < 1e-4, "\(error / largest)")
    // Means over the whole batch, not those of the last micro-batch.
    #expect(comparisons[0].keys == comparisons[1].keys)
    for (layer, measure) in comparisons[0] {
      #expect(abs((comparisons[1][layer] ?? 0) / measure - 1) < 1e-4, "\(layer)")
    }
    #expect(zip(weights[0], weights[1]).allSatisfy { abs($0 - $1) < 1e-5 }, "\(weights)")
    #expect((weights[0] == [1, 1]) == (method != .lossReweight))
  }

  /// Of images that are all the same, texts find theirs as by chance, `ln N`; the mean over images
  /// of the other direction is more, as probabilities of different texts do not average to 1 / N.
  @Test("loss-reweight: the larger direction of the loss weighs less, and both together as before")
  func reweighting() throws {
    let model = SmallModels.model("clip")
    var batch = SmallModels.batch(model, samples: 6, attacked: 0, micro: 6)
    let pixels = model.imageElements
    batch.images = (0..<6).flatMap { _ in Array(batch.images[0..<pixels]) }
    let executor = try StepExecutor(
      model.stepProgram(options(.lossReweight)),
      core: ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1)))
    SmallModels.fill(executor)
    _ = executor.run(batch: batch, number: 1)
    let weights = executor.termWeights
    #expect(weights[0] < 1 && weights[1] > 1, "\(weights)")
    // Two numbers near 1, rounded.
    #expect(abs(weights[0] + weights[1] - 2) < 1e-6)
  }

  @Test("no attack steps: the untransformed program", arguments: CalibrationMethod.allCases)
  func noAttack(_ method: CalibrationMethod) {
    guard method.attacks else { return }
    let model = SmallModels.model("clip")
    let program = model.stepProgram(options(method) { $0.attackSteps = 0 })
    #expect(program == model.stepProgram(options(.none)))
  }

  /// With lambda 0 everywhere the conditioned program is the baseline: class tokens and affine sets
  /// are mixed as `1 a + 0 b`, and the second one's gradient is exactly 0.
  @Test(
    "lambda is always 0: shared parameters as the baseline's, bit for bit",
    arguments: [LambdaConditioning.classToken, .dualAffine], [1, 2])
  func lambdaZero(_ conditioning: LambdaConditioning, workers: Int) throws {
    let model = SmallModels.model("clip")
    let batch = SmallModels.batch(model, samples: 6, attacked: 0, micro: 6)
    // Both runs begin with the same values, whatever the order of parameters; a second affine set
    // stands behind the first one, under the same name.
    func first(_ name: String, _ count: Int) -> [Float] {
      var state = UInt64(truncatingIfNeeded: name.utf8.reduce(7) { $0 &* 31 &+ Int($1) })
      return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 33) / Float(1 << 31) - 0.5
      }
    }
    func train(_ options: ProgramOptions) throws -> [String: [Float]] {
      let program = model.stepProgram(options)
      let executor = try filled(program, workers: workers)
      for entry in executor.layout.entries {
        executor.values(of: entry.name).assign(first(entry.name, entry.count))
      }
      let groups = ParameterGroups(
        executor.layout.entries.filter(\.isTrained).map {
          ParameterGroup(
            range: $0.offset..<$0.offset + $0.count,
            weightDecay: $0.name.hasSuffix(".weight") ? 0.2 : 0)
        })
      for number in 1...5 {
        _ = executor.run(program, batch: batch, number: number)
        guard let moments = executor.allMoments else { continue }
        executor.core.adamW(
          executor.allValues.part(0, executor.layout.trainedCount), moment1: moments.first,
          moment2: moments.second, gradient: executor.allGradients,
          step: AdamWStep(number: number, learningRate: 1e-3), groups: groups)
      }
      return Dictionary(
        uniqueKeysWithValues: executor.layout.entries.map {
          ($0.name, executor.values(of: $0.name).values)
        })
    }
    let baseline = try train(options(.none))
    let conditioned = try train(
      options(.lsaITC) {
        $0.cleanShare = 1
        $0.conditioning = conditioning
      })
    var extras = 0
    for (name, values) in conditioned {
      let shared = baseline[name]?.count ?? 0
      #expect(Array(values.prefix(shared)) == baseline[name] ?? [], "\(name)")
      // What the baseline does not have keeps its first values.
      #expect(values.dropFirst(shared) == first(name, values.count).dropFirst(shared), "\(name)")
      extras += values.count - shared
    }
    #expect(Set(baseline.keys).isSubset(of: conditioned.keys))
    // Width 12: one token, or two affine vectors for each of the two norms of three blocks.
    #expect(extras == (conditioning == .classToken ? 12 : 2 * 12 * 2 * 3))
  }

  /// Clean and attacked passes share dropped patches and dropped branches.
  @Test(
    "an attack of size 0 moves no layer, with patch dropout and drop path on",
    arguments: [CalibrationMethod.lsaITC, .lsaITCSequential, .atLR])
  func noPerturbation(_ method: CalibrationMethod) throws {
    var options = options(method) {
      $0.refreshSteps = 1
      if method == .atLR { $0.cleanShare = 0 }
    }
    options.patchDropout = 0.5
    var settings = ExecutionSettings()
    settings.epsilon = 0
    settings.alpha = 0
    settings.dropPathRate = 0.4
    let model = SmallModels.model("eva")
    let program = model.stepProgram(options)
    let executor = try filled(program, settings: settings)
    let batch = SmallModels.batch(
      model, samples: 6, attacked: method == .atLR ? 6 : 4, micro: 6)
    let result = executor.run(program, batch: batch, number: 3)
    #expect(result.layers.count == 3)
    #expect(result.layers.values.allSatisfy { $0.allSatisfy { $0 == 0 } })
    #expect(result.comparison.values.allSatisfy { $0 == 0 })
    // And with an attack they move.
    executor.settings.epsilon = 0.1
    executor.settings.alpha = 0.05
    let moved = executor.run(program, batch: batch, number: 3)
    #expect(moved.layers.values.allSatisfy { $0.contains { $0 > 0 } })
  }

  @Test("a kernel that is left out, or added, is found")
  func faults() throws {
    let model = SmallModels.model("clip")
    let program = model.stepProgram(options(.lsaITC))
    func run(_ executed: StepProgram) throws -> String? {
      let trace = KernelTrace()
      let executor = try StepExecutor(
        executed,
        core: ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1), trace: trace))
      SmallModels.fill(executor)
      let batch = SmallModels.batch(model, samples: 6, attacked: 4, micro: 6)
      _ = executor.run(executed, batch: batch, number: 1)
      return ExpectedTrace.difference(
        expected: ExpectedTrace.calls(of: program, step: 1), found: trace.take())
    }
    #expect(try run(program) == nil)
    // One layer measured twice.
    var more = program
    for index in more.phases.indices {
      if let place = more.phases[index].steps.firstIndex(where: {
        if case .pass(let pass) = $0, case .layerMeasure = pass.function { true } else { false }
      }) {
        more.phases[index].steps.insert(more.phases[index].steps[place], at: place)
        break
      }
    }
    #expect(try run(more)?.contains("expected") == true)
    // One attack step fewer.
    var fewer = program
    for index in fewer.phases.indices where fewer.phases[index].repeats == 2 {
      fewer.phases[index].repeats = 1
    }
    #expect(try run(fewer) != nil)
  }
}
