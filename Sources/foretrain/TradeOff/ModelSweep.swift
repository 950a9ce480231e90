import Scenarios
import Training
import TrainingCore
import TrainingData
import Workloads

/// The zero-shot sweep over a model that was just trained: accuracy by lambda, no training between.
///
/// Images show one object each; its colour and shape are to be told among 48 (chance 2.1 %).
struct ModelSweep {
  let model: ModelSpec
  /// What of its towers was trained, where that is not everything.
  let partial: [String: Trainability]
  let source: PairSource
  let strengths: MethodStrengths
  let core: ComputeCore
  let images: Int

  /// Finds out before a run whether there can be a sweep after it.
  ///
  /// - Throws: `UsageError` for data without classes.
  static func check(data: String) throws(UsageError) {
    guard data == PairSource.shapes else {
      throw UsageError(
        "only the painted data set has classes to tell apart",
        help: "leave the sweep out, or train on --training-data shapes")
    }
  }

  /// The sweep of `trainer`'s model.
  ///
  /// - Throws: `UsageError` as `check` does, `TrainingError`.
  func curve(
    of trainer: Trainer, run: TradeOffRun, progress: (Double) -> Void = { _ in }
  ) throws -> TradeOffCurve {
    try Self.check(data: source.data)
    let seed = trainer.settings.seed
    let tokenizer = try source.tokenizer(for: model)
    let task = ZeroShotTask.colourShape(seed: seed, layout: try source.layout(for: model))
    let evaluator = try ZeroShotEvaluator(
      task: task, tokenizer: tokenizer, model: model, partial: partial,
      conditioning: run.calibration.conditioning,
      attack: .init(
        steps: run.calibration.sweepAttackSteps, radius: strengths.attackRadius,
        stepSize: strengths.attackRadius / 4),
      core: core, seed: seed)
    let points = evaluator.sweep(
      trainer.executor, lambdas: run.told, images: images, progress: progress)
    return TradeOffCurve(name: run.name, seed: seed, points: points)
  }
}
