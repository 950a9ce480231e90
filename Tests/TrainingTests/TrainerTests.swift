import Testing
import Training
import TrainingCore
import TrainingData
import Workloads

@Suite("Training runs")
struct TrainerTests {
  @Test(
    "every method trains, with the kernels of its programs", arguments: CalibrationMethod.allCases)
  func methods(_ method: CalibrationMethod) throws {
    let trainer = try SmallRun.trainer(method)
    for step in 1...5 {
      let metrics = try trainer.advance()
      #expect(metrics.step == step)
      #expect(metrics.difference == nil, "\(metrics.difference ?? "")")
      #expect(metrics.loss.isFinite && metrics.gradientNorm > 0)
      #expect(trainer.executor.liveBytes == trainer.executor.stateBytes)
    }
  }
}
