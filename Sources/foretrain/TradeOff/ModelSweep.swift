import Scenarios
import Strategies
import Training
import TrainingCore
import TrainingData
import Workloads

/// The zero-shot sweep over a model that was just trained: accuracy by lambda, no training between.
///
/// Images show one object each; its colour and shape are to be told among 48 (chance 2.1 %).
struct ModelSweep {
  let workload: Workload
  let source: PairSource
  /// What the model is asked under.
  let attack: ZeroShotEvaluator.Attack
  let core: ComputeCore
  let images: Int

  /// The attack that a scenario's model is asked under: with its own radius where it is attacked at its
  /// pixels, else with the default one, as a radius of features says nothing about pixels.
  static func attack(of local: LocalRun) -> ZeroShotEvaluator.Attack {
    let calibration = local.workload.calibration
    let strengths =
      calibration.attackSite == .pixels ? MethodStrengths(local.scenario) : MethodStrengths()
    return ZeroShotEvaluator.Attack(
      steps: calibration.sweepAttackSteps, radius: strengths.attackRadius,
      stepSize: strengths.attackRadius / 4)
  }

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
    let model = workload.model
    let tokenizer = try source.tokenizer(for: model)
    let task = ZeroShotTask.colourShape(seed: seed, layout: try source.layout(for: model))
    let evaluator = try ZeroShotEvaluator(
      task: task, tokenizer: tokenizer, model: model, frozen: workload.frozen,
      partial: workload.partial, conditioning: run.calibration.conditioning,
      attack: attack,
      core: core, seed: seed)
    let points = evaluator.sweep(
      trainer.executor, lambdas: run.told, images: images, progress: progress)
    return TradeOffCurve(name: run.name, seed: seed, points: points)
  }
}
