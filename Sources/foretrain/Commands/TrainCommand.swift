import ArgumentParser
import Clusters
import Foundation
import Measurement
import Planning
import Quantities
import Reporting
import RunStore
import Scenarios
import Strategies
import Training
import TrainingCore
import TrainingData
import Workloads

/// `foretrain train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a scenario's model for real, on this machine's processor cores.",
    discussion: """
      Losses, speed and memory stand beside what the model predicts. Ctrl-C saves and exits 130; \
      --resume goes on, bit for bit. Exit code 2 where the scenario is too large for this machine.

        foretrain train tiny-clip
        foretrain train tiny-clip --calibration lsa-itc --metrics steps.csv
        foretrain train tiny-clip --resume
        foretrain train peer-tiny-clip --steps 20 --format json
      """)

  @OptionGroup var question: ScenarioOptions
  @OptionGroup var options: TrainOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let machine = MachineFingerprint.current()
    let standIn = MachineProfile.unmeasured(
      machine, residentBytes: MachineFingerprint.residentBytes())
    let loaded = try question.load(output: output, unmeasured: standIn)
    let local = try LocalRun(loaded, orUnmeasured: standIn)
    for change in local.changes { output.note("here: \(change)") }
    try local.checkRules()
    if options.sweep { try ModelSweep.check(data: options.trainingData) }
    try local.checkMemory(loaded, output: output)
    let core = try options.core()
    let checkpoints = try CheckpointPlan(
      scenario: local.scenario.id, folder: options.checkpointDir,
      interval: options.checkpointEvery, resume: options.resume, keeping: options.keepCheckpoints)
    let scenario = try Self.scenario(loaded)
    let (settings, changes) = try options.settings(for: local, resumed: checkpoints.resumed)
    let trainer = try trainer(local, settings, core)
    if let checkpoint = checkpoints.resumed {
      try Self.compare(checkpoint, with: scenario)
      try trainer.restore(checkpoint)
      note(checkpoint, trainer, changes)
    }
    let metrics = try options.metrics.map {
      try MetricsFile(path: $0, plan: trainer.plan, after: trainer.step)
    }
    let store = MetricsStore(path: DataFolder().database, scenario: local.scenario.id) {
      Terminal.complain($0)
    }
    Interrupts.handleTerminationGracefully()
    var session = TrainSession(
      trainer: trainer, local: local, checkpoints: checkpoints, scenario: scenario, output: output,
      metrics: metrics, store: store, isProfiled: options.profile)
    var ended = try session.run()
    if options.sweep { ended.result.sweep = try sweep(trainer, local) }
    try output.write(ended.result, provenance: loaded.provenance)
    if let unsaved = ended.unsaved { throw unsaved }
  }

  // MARK: Before the run

  private func trainer(
    _ local: LocalRun, _ settings: RunSettings, _ core: ComputeCore
  ) throws -> Trainer {
    let model = local.workload.model
    let log = PassedOverLog(isQuiet: output.quiet)
    let source = try pairs(seed: settings.seed)
      .source(for: model, batch: local.options.localBatch) { log.note($0) }
    return try Trainer(
      model: model, options: local.options, settings: settings,
      strengths: MethodStrengths(local.scenario), source: source, core: core)
  }

  private func pairs(seed: UInt64) -> PairSource {
    PairSource(data: options.trainingData, vocabulary: options.vocabulary, seed: seed)
  }

  // MARK: Afterwards

  private func sweep(_ trainer: Trainer, _ local: LocalRun) throws -> TradeOffCurve {
    let strengths = MethodStrengths(local.scenario)
    let sweep = ModelSweep(
      workload: local.workload, source: pairs(seed: trainer.settings.seed),
      attack: ModelSweep.attack(of: local), core: trainer.executor.core,
      images: options.sweepImages)
    defer { Terminal.endProgress() }
    return try sweep.curve(
      of: trainer,
      run: TradeOffRun(method: local.workload.calibration, lambdas: strengths.lambdas)
    ) { output.progress("sweep over lambda: \(Int(100 * $0)) %") }
  }

  // MARK: Resuming

  private static func scenario(_ loaded: LoadedScenario) throws -> CheckpointHeader.Scenario {
    let text = try loaded.loader.text(of: loaded.scenario)
    return CheckpointHeader.Scenario(
      id: loaded.scenario.id, hash: Fingerprint.of(text), text: text)
  }

  /// The title aside, which repeats the flags, both say the same.
  private static func compare(
    _ checkpoint: Checkpoint, with scenario: CheckpointHeader.Scenario
  ) throws {
    func lines(_ text: String) -> [String] {
      text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("title:") }
    }
    let (then, now) = (lines(checkpoint.header.scenario.text), lines(scenario.text))
    for index in 0..<max(then.count, now.count) {
      let old = index < then.count ? then[index].trimmingCharacters(in: .whitespaces) : "nothing"
      let new = index < now.count ? now[index].trimmingCharacters(in: .whitespaces) : "nothing"
      guard old == new else {
        throw CheckpointError.otherScenario(
          path: checkpoint.path, difference: "it said '\(old)' and now says '\(new)'")
      }
    }
  }

  private func note(_ checkpoint: Checkpoint, _ trainer: Trainer, _ changes: [String]) {
    output.note("resuming after step \(trainer.step): \(checkpoint.path)")
    for change in changes {
      output.note("\(change): losses are not those of an uninterrupted run")
    }
    let (then, now) = (checkpoint.header.machine, trainer.machine)
    if then != now {
      output.note(
        "saved with \(then.gemmVersion) on \(then.threads) threads, now \(now.gemmVersion) on "
          + "\(now.threads): losses may differ in their last digits")
    }
  }
}
