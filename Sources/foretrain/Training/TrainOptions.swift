import ArgumentParser
import Foundation
import Measurement
import Scenarios
import Strategies
import Training
import TrainingCore

/// What a run does beside its scenario, as flags.
struct TrainOptions: ParsableArguments {
  /// Matrix libraries.
  enum Library: String, ExpressibleByArgument, CaseIterable {
    case openblas
    case onednn
  }

  /// Emulated number formats.
  enum Emulation: String, ExpressibleByArgument, CaseIterable {
    case none
    case bf16
    case fp16

    var format: NumericEmulation {
      switch self {
      case .none: .none
      case .bf16: .bf16
      case .fp16: .fp16
      }
    }
  }

  @Option(help: "Optimizer steps; as many as the scenario's samples make by default.")
  var steps: Int?
  @Option(
    defaultAsFlag: CheckpointPlan.latest,
    help: "Go on from FILE, or, without one, from the newest checkpoint.")
  var resume: String?
  @Option(help: "Where checkpoints go; runs/SCENARIO in the data folder by default.")
  var checkpointDir: String?
  @Option(
    help: "Steps between checkpoints; shorter runs leave none; 0: only when stopped.")
  var checkpointEvery = 100
  @Option(help: "How many checkpoints are kept.")
  var keepCheckpoints = 3
  @Option(help: "The matrix library; onednn by default where it is found.")
  var gemm: Library?
  @Option(help: "Threads; one per core by default.")
  var threads: Int?
  @Option(help: "Seed of weights, data, lambdas and attacks; 1 by default.")
  var seed: UInt64?
  @Option(help: "The highest learning rate; 5e-4 by default.")
  var learningRate: Float?
  @Option(help: "none, bf16 or fp16: weights and gradients rounded, in fp32 memory at its speed.")
  var emulate: Emulation?
  @Option(help: "shapes, or tar shards of your own, for example 'train-{000..012}.tar'.")
  var trainingData = PairSource.shapes
  @Option(
    help:
      "What captions of shards are cut up with: CLIP's merges file, a vocab.json, or BERT's vocab.txt."
  )
  var vocabulary: String?
  @Option(help: "Write a row for every step to FILE.csv.")
  var metrics: String?

  @Flag(help: "Add where the time of a step goes, beside the matrix library's own speed.")
  var profile = false
  @Flag(help: "Afterwards find the zero-shot accuracy, clean and attacked, for every lambda.")
  var sweep = false
  @Option(help: "Images of --sweep.")
  var sweepImages = 512

  func validate() throws {
    if sweepImages < 1 { throw ValidationError("--sweep-images: \(sweepImages) is below 1") }
    if let steps, steps < 1 { throw ValidationError("--steps: \(steps) is below 1") }
    if checkpointEvery < 0 {
      throw ValidationError("--checkpoint-every: \(checkpointEvery) is below 0")
    }
    if keepCheckpoints < 1 {
      throw ValidationError("--keep-checkpoints: \(keepCheckpoints) is below 1")
    }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate: \(learningRate) is not above 0")
    }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    if let threads, threads < 1 || threads > cores {
      throw ValidationError("--threads: \(threads) is not 1 to \(cores), the cores of this machine")
    }
    for (flag, value) in [
      ("--metrics", metrics), ("--checkpoint-dir", checkpointDir), ("--resume", resume),
      ("--vocabulary", vocabulary), ("--training-data", trainingData),
    ] where value?.isEmpty == true {
      throw ValidationError("\(flag) names nothing")
    }
  }

  /// The core that runs the kernels.
  func core() throws -> ComputeCore { try Self.core(gemm: gemm, threads: threads) }

  /// A core with a library and so many threads; nil: the fastest one, all cores.
  static func core(gemm: Library?, threads: Int?) throws -> ComputeCore {
    let found = GEMMBackends.available()
    let wanted = gemm?.rawValue ?? (found.last?.name ?? Library.openblas.rawValue)
    guard let backend = found.first(where: { $0.name == wanted }) else {
      throw UsageError(
        "--gemm: \(wanted) is not installed on this machine",
        help: "install Debian's libdnnl, or write --gemm openblas")
    }
    let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
    return ComputeCore(backend: backend, workers: Workers(count: threads))
  }

  /// The scenario's optimizer.
  ///
  /// - Throws: `UsageError` for those that are only priced.
  static func rule(of local: LocalRun) throws(UsageError) -> UpdateRule {
    guard let rule = UpdateRule(rawValue: local.workload.optimizer.rawValue) else {
      throw UsageError(
        "the optimizer \(local.workload.optimizer.rawValue) is priced but not implemented here",
        help: "set workload.optimizer to \(implementedOptimizers)")
    }
    return rule
  }

  /// What the core has, for people: `adamw or lamb`.
  static var implementedOptimizers: String {
    let names = UpdateRule.allCases.map(\.rawValue)
    return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
  }

  /// Settings of a run that begins, or of one that goes on with what was saved.
  ///
  /// - Returns: The settings, and what differs from the saved ones, for people.
  func settings(
    for local: LocalRun, resumed: Checkpoint?
  ) throws -> (settings: RunSettings, changes: [String]) {
    guard var settings = resumed?.header.settings else {
      var settings = RunSettings(
        steps: steps ?? local.steps, rule: try Self.rule(of: local), seed: seed ?? 1)
      if let learningRate { settings.learningRate = learningRate }
      if let emulate { settings.emulation = emulate.format }
      return (settings, [])
    }
    var changes: [String] = []
    if let seed, seed != settings.seed {
      throw UsageError(
        "--seed: the saved run has seed \(settings.seed)", help: "leave --seed out to go on")
    }
    let done = resumed?.header.step ?? 0
    if steps ?? settings.steps <= done {
      throw UsageError(
        "the saved run has done \(done) steps already", help: "write --steps with a higher number")
    }
    if let steps, steps != settings.steps {
      changes.append("\(steps) steps instead of \(settings.steps)")
      settings.steps = steps
    }
    if let learningRate, learningRate != settings.learningRate {
      changes.append("learning rate \(learningRate) instead of \(settings.learningRate)")
      settings.learningRate = learningRate
    }
    if let emulate = emulate?.format, emulate != settings.emulation {
      changes.append("emulation \(emulate.rawValue) instead of \(settings.emulation.rawValue)")
      settings.emulation = emulate
    }
    return (settings, changes)
  }
}
