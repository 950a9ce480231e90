import Measurement
import Planning
import Quantities
import Reporting
import Scenarios
import Strategies
import Training
import TrainingCore
import Workloads

/// Trains the runs of a study one after the other, and asks every model for its accuracy.
struct TradeOffSession {
  /// One run and the seed that it is made with.
  struct Job {
    var run: TradeOffRun
    var seed: UInt64
    var local: LocalRun
    /// A hash of all that decides its points beside the seed.
    var key: String
  }

  let steps: Int
  let learningRate: Float?
  let images: Int
  let rule: UpdateRule
  /// The attack that every model is asked under, whatever it was trained against.
  let attack: ZeroShotEvaluator.Attack
  let core: ComputeCore
  let file: TradeOffFile
  let output: OutputOptions

  /// Makes the runs whose points are not in the file yet.
  ///
  /// - Returns: All curves, in the order of the jobs.
  /// - Throws: `Interrupted`; what has ended by then is in the file.
  func run(_ jobs: [Job]) throws -> [TradeOffCurve] {
    var done: [TradeOffFile.Entry] = []
    var starts = PlainStarts(steps: jobs.lazy.map { plainSteps(of: $0) }.max() ?? 0)
    func known(_ job: Job) -> TradeOffCurve? {
      done.first {
        $0.key == job.key && $0.curve.name == job.run.name && $0.curve.seed == job.seed
      }?.curve
    }
    for (number, job) in jobs.enumerated() {
      // Another process may fill the same file.
      done = try file.read()
      guard known(job) == nil else { continue }
      output.note("run \(number + 1) of \(jobs.count): \(job.run.name), seed \(job.seed)")
      let curve = try curve(of: job, &starts)
      done = try file.adding(TradeOffFile.Entry(curve: curve, key: job.key))
    }
    return jobs.compactMap(known)
  }

  /// Plain steps before a calibration phase.
  private func plainSteps(of job: Job) -> Int {
    var options = job.local.options
    options.calibration = job.run.calibration
    return ProgramPlan(model: job.local.workload.model, options: options, steps: steps).plainSteps
  }

  /// Where runs of one seed part: made by the first of them, taken by the others.
  private struct PlainStarts {
    /// After so many steps; 0: they part at once.
    let steps: Int
    var seed: UInt64?
    var start: PlainStart?

    init(steps: Int) { self.steps = steps }

    /// Whether a run is plain as far as there.
    private func reaches(_ trainer: Trainer) -> Bool {
      let plan = trainer.plan
      return steps > 0 && (plan.options.calibration.method == .none || plan.plainSteps >= steps)
    }

    /// Puts a run there if one of its seed has been there.
    func begin(_ trainer: Trainer, seed: UInt64) throws {
      guard self.seed == seed, reaches(trainer) else { return }
      try start?.apply(to: trainer)
    }

    /// Remembers a run that is there.
    mutating func note(_ trainer: Trainer, seed: UInt64) {
      guard trainer.step == steps, self.seed != seed, reaches(trainer) else { return }
      self.seed = seed
      start = PlainStart(trainer)
    }
  }

  private func curve(of job: Job, _ starts: inout PlainStarts) throws -> TradeOffCurve {
    var settings = RunSettings(steps: steps, rule: rule, seed: job.seed)
    if let learningRate { settings.learningRate = learningRate }
    var strengths = MethodStrengths(job.local.scenario)
    strengths.lambdas = job.run.trained
    var options = job.local.options
    options.calibration = job.run.calibration
    let model = job.local.workload.model
    let source = PairSource(data: PairSource.shapes, vocabulary: nil, seed: job.seed)
    let trainer = try Trainer(
      model: model, options: options, settings: settings, strengths: strengths,
      source: try source.source(for: model, batch: options.localBatch) { _ in }, core: core)
    try starts.begin(trainer, seed: job.seed)
    var progress = TrainProgress(last: steps, batch: options.localBatch, isQuiet: output.quiet)
    while trainer.step < steps {
      guard !Interrupts.wasAsked else {
        progress.end()
        throw Interrupted(kept: "points of the runs that have ended are in \(file.path)")
      }
      let step = try trainer.advance()
      if let difference = step.difference {
        Terminal.complain("warning: \(job.run.name) ran other kernels: \(difference)")
      }
      progress.show(step)
      starts.note(trainer, seed: job.seed)
    }
    progress.end()
    let sweep = ModelSweep(
      workload: job.local.workload, source: source, attack: attack, core: core, images: images
    )
    defer { Terminal.endProgress() }
    let curve = try sweep.curve(of: trainer, run: job.run) {
      output.progress("sweep over lambda: \(Int(100 * $0)) %")
    }
    for point in curve.points {
      output.note(
        "  lambda \(point.lambda): clean \(Format.fixed(100 * point.clean, digits: 1)) %, attacked "
          + "\(Format.fixed(100 * point.attacked, digits: 1)) %")
    }
    return curve
  }
}
