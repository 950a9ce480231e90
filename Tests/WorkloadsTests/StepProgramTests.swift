import Testing
import Workloads

@Suite("What a step runs")
struct StepProgramTests {
  @Test("without attack steps every method is the untransformed program")
  func noAttackSteps() {
    let plain = Known.small.stepProgram(ProgramOptions(microBatch: 6))
    for method in [CalibrationMethod.oat, .lsaITC, .lsaITCSequential, .atLR, .anchored] {
      var settings = CalibrationSettings(method: method)
      settings.attackSteps = 0
      let program = Known.small.stepProgram(
        ProgramOptions(microBatch: 6, calibration: settings))
      #expect(program == plain, "\(method)")
    }
    let none = Known.small.stepProgram(
      ProgramOptions(microBatch: 6, calibration: CalibrationSettings(method: .none)))
    #expect(none == plain)
  }

  /// A class token: the width; two affine sets: `4 d` per block; FiLM: `8 d^2 + 8 d` per block.
  @Test(
    "conditioning adds its parameters to the image tower alone",
    arguments: [
      (LambdaConditioning.none, 0), (.classToken, 24), (.dualAffine, 192), (.film, 9600),
    ])
  func conditioning(_ conditioning: LambdaConditioning, _ extra: Int) {
    var settings = CalibrationSettings(method: .lsaITC)
    settings.conditioning = conditioning
    let plain = Known.small.stepProgram(ProgramOptions(microBatch: 6))
    let program = Known.small.stepProgram(ProgramOptions(microBatch: 6, calibration: settings))
    for (before, after) in zip(plain.towers, program.towers) {
      let expected = before.parameters + (before.name == "image" ? extra : 0)
      #expect(after.parameters == expected, "\(after.name)")
    }
  }

  @Test("E/14+: 1,792 parameters for a class token, 458,752 for affine sets")
  func conditioningOfEnormous() {
    for (conditioning, extra) in [
      (LambdaConditioning.classToken, 1792), (.dualAffine, 458_752),
    ] {
      var settings = CalibrationSettings(method: .lsaITC)
      settings.conditioning = conditioning
      let program = Known.enormous.stepProgram(
        ProgramOptions(microBatch: 6, calibration: settings))
      #expect(program.parameters == Known.enormous.parameters + extra)
    }
  }

  @Test("a frozen tower forms no weight gradient; one with nothing trained before has no backward")
  func frozenTowers() {
    let program = Known.small.stepProgram(ProgramOptions(microBatch: 4, frozen: ["image"]))
    #expect(program.backwardKernels(of: "image").isEmpty)
    #expect(!program.backwardKernels(of: "text").isEmpty)
    let trained = Known.small.stepProgram(ProgramOptions(microBatch: 4))
    let labels = trained.backwardKernels(of: "image").map(\.label)
    #expect(labels.contains { $0.contains("weight") })
    #expect(program.trainableParameters < trained.trainableParameters)
    #expect(program.parameters == trained.parameters)
  }

  /// The language model of stage 2 hands gradients on to the Q-Former but forms none of its own.
  @Test("gradients flow through a frozen language model")
  func frozenLanguageModel() throws {
    var block = BlockSpec(width: 64, heads: 4, mlpWidth: 128)
    block.causal = true
    let language = LanguageModelSpec(
      vocabulary: 90, block: block, layers: 2, positions: 70, tokens: 64)
    let model = ModelSpec(
      id: "stage2",
      family: .blip2Stage2(image: Known.giant, qformer: Known.queries, language: language),
      source: "", frozenByDefault: ["image", "language"])
    let program = model.stepProgram(
      ProgramOptions(microBatch: 2, frozen: model.frozenByDefault))
    #expect(program.backwardKernels(of: "image").isEmpty)
    let through = program.backwardKernels(of: "language")
    #expect(!through.isEmpty)
    #expect(through.allSatisfy { !$0.need.weights })
    #expect(!through.contains { $0.label.contains("weight") })
    #expect(program.backwardKernels(of: "qformer").contains { $0.label.contains("weight") })
    // Nobody asks for the gradient of the image tokens.
    #expect(through.contains { $0.label.contains("qkv input") })
  }

  /// LLaVA's first stage: only the projector is trained, behind a language model that is not.
  @Test("a projector alone is trained through a frozen language model")
  func projectorAlone() throws {
    var block = BlockSpec(width: 64, heads: 4, mlpWidth: 128)
    block.causal = true
    let language = LanguageModelSpec(
      vocabulary: 90, block: block, layers: 2, positions: 0, tokens: 300)
    let model = ModelSpec(
      id: "vlm",
      family: .visionLanguage(
        image: Known.giant, bridge: .perceptron(layers: 2), language: language), source: "")
    let program = model.stepProgram(
      ProgramOptions(microBatch: 2, frozen: ["image", "language"]))
    #expect(program.backwardKernels(of: "image").isEmpty)
    let through = program.backwardKernels(of: "language")
    #expect(!through.isEmpty)
    #expect(through.allSatisfy { !$0.need.weights })
    #expect(program.backwardKernels(of: "projector").contains { $0.label.contains("weight") })
    let width = Known.giant.block.width
    #expect(program.trainableParameters == (width + 1) * 64 + (64 + 1) * 64)
  }

  @Test("a pixel attack on a frozen image tower forms input gradients and no weight gradients")
  func attackThroughFrozenTower() {
    var settings = CalibrationSettings(method: .lsaITC)
    settings.attackSteps = 1
    let program = Known.bridge.stepProgram(
      ProgramOptions(microBatch: 6, frozen: ["image"], calibration: settings))
    let kernels = program.backwardKernels(of: "image")
    #expect(!kernels.isEmpty)
    #expect(kernels.allSatisfy { $0.need.input && !$0.need.weights })
    #expect(!kernels.contains { $0.label.contains("weight") })
  }

  @Test("cached features: accumulation costs one more forward of every tower")
  func accumulation() {
    func towers(_ micro: Int, _ count: Int, _ settings: CalibrationSettings) -> Double {
      var program = Known.small.stepProgram(
        ProgramOptions(microBatch: micro, accumulation: count, calibration: settings))
      // The refresh of the layer selection looks at one micro-batch, whatever their number.
      program.phases.removeAll { $0.every > 1 }
      return program.flops { tower, _ in tower != "loss" }
    }
    let byTower = Known.small.forwardFlopsByTower.map(\.flops)
    let extra = towers(6, 2, .none) - towers(12, 1, .none)
    #expect(extra == 12 * (byTower[0] + byTower[1]))
    // With an adversarial branch for 5 of 6 samples: (c + rho) F_v + F_t; attacks do not repeat.
    for method in [CalibrationMethod.lsaITC, .lsaITCSequential] {
      let settings = CalibrationSettings(method: method)
      let again = towers(6, 2, settings) - towers(12, 1, settings)
      #expect(again == 12 * (byTower[0] + byTower[1]) + 10 * byTower[0], "\(method)")
    }
  }

  @Test("a generative loss accumulates without a second forward")
  func plainAccumulation() {
    let block = BlockSpec(width: 16, heads: 2, mlpWidth: 32)
    let model = ModelSpec(
      id: "lm",
      family: .languageModel(
        LanguageModelSpec(vocabulary: 50, block: block, layers: 2, positions: 0, tokens: 8)),
      source: "")
    let whole = model.stepProgram(ProgramOptions(microBatch: 8)).flops()
    let parts = model.stepProgram(ProgramOptions(microBatch: 2, accumulation: 4)).flops()
    #expect(whole == parts)
  }

  @Test("patch dropout keeps the class token and the chosen share of patches")
  func patchDropout() throws {
    let program = Known.enormous.stepProgram(ProgramOptions(microBatch: 2, patchDropout: 0.5))
    let image = try #require(program.towers.firstIndex { $0.name == "image" })
    let blocks = program.segments.filter { $0.tower == image && $0.spec.isBlock }
    #expect(!blocks.isEmpty)
    #expect(blocks.allSatisfy { $0.shape.tokens == 129 })
  }

  @Test("full recomputation adds one forward of the blocks, selective the attention's core")
  func recomputation() {
    func flops(_ plan: RecomputationPlan) -> Double {
      Known.small.stepProgram(
        ProgramOptions(microBatch: 3, recomputation: ["image": plan])
      ).flops { tower, _ in tower == "image" }
    }
    let block = BlockSpec(width: 24, heads: 3, mlpWidth: 96)
    let forward = 3 * 2 * ClosedForm.blockFlops(block, tokens: 17)
    #expect(flops(.full) - flops(.none) == forward)
    // Scores alone are a product of the core: the weighted sum keeps its operands.
    let scores = 3 * 2 * 2 * Double(17 * 17 * 24)
    #expect(flops(.selective) - flops(.none) == scores)
  }

  @Test("whatever is held is dropped, once, with the same bytes")
  func buffersBalance() {
    for method in CalibrationMethod.allCases {
      for (accumulation, ranks) in [(1, 1), (3, 1), (1, 2), (3, 2)] {
        let program = Known.bridge.stepProgram(
          ProgramOptions(
            microBatch: 6, accumulation: accumulation, dataParallel: ranks, frozen: ["image"],
            calibration: CalibrationSettings(method: method)))
        var held: [Buffer: Int] = [:]
        for phase in program.phases {
          for step in phase.steps {
            if case .hold(let buffer) = step { held[buffer, default: 0] += phase.repeats }
            if case .drop(let buffer) = step { held[buffer, default: 0] -= phase.repeats }
          }
        }
        held = held.filter { $0.value != 0 }
        #expect(held.isEmpty, "\(method) \(accumulation) \(ranks): \(held)")
      }
    }
  }
}
