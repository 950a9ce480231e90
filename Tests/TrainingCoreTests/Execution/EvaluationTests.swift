import Testing
import TrainingCore
import Workloads

/// Programs that compare features of images and classes, clean and attacked.
@Suite("Evaluation programs")
struct EvaluationTests {
  private func executor(_ program: StepProgram, trace: KernelTrace? = nil) throws -> StepExecutor {
    let executor = try StepExecutor(
      program,
      core: ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1), trace: trace),
      hasMoments: false)
    SmallModels.fillByName(executor)
    executor.reportsFeatures = true
    return executor
  }

  @Test("features are unit vectors; an attack lowers the likelihood of the right class")
  func attack() throws {
    let model = SmallModels.model("clip")
    let style = KernelStyle.core(.flash)
    let texts = try executor(model.textFeatureProgram(texts: 5, style: style))
    var batch = SmallModels.batch(model, samples: 5, attacked: 0, micro: 5)
    _ = texts.run(batch: StepBatch(tokens: batch.tokens), number: 1)
    let classes = texts.run(batch: StepBatch(tokens: batch.tokens), number: 1).textFeatures
    #expect(classes.count == 5 * 6)
    let trace = KernelTrace()
    let program = model.imageFeatureProgram(
      images: 4, texts: 5, attackSteps: 3, conditioning: .classToken, style: style)
    let images = try executor(program, trace: trace)
    images.givenTextFeatures = classes
    images.settings.epsilon = 0.3
    images.settings.alpha = 0.1
    batch = SmallModels.batch(model, samples: 4, attacked: 4, micro: 4)
    batch.classes = [0, 3, 1, 4]
    batch.lambda = [0.5, 0.5, 0.5, 0.5]
    let result = images.run(batch: batch, number: 1)
    let difference = ExpectedTrace.difference(
      expected: ExpectedTrace.calls(of: program, step: 1), found: trace.take())
    #expect(difference == nil, "\(difference ?? "")")
    for branch in [Pass.Branch.clean, .attacked] {
      let features = result.features[branch] ?? []
      #expect(features.count == 4 * 6)
      for row in 0..<4 {
        let square = features[row * 6..<row * 6 + 6].reduce(0) { $0 + $1 * $1 }
        #expect(abs(square - 1) < 1e-5)
      }
    }
    // The sum of cross-entropies rises from step to step.
    #expect(result.attackLosses.count == 3)
    #expect(result.attackLosses[2] > result.attackLosses[0])
  }
}
