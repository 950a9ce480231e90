import ArgumentParser
import Clusters
import Foundation
import Measurement
import Planning
import Reporting
import Scenarios
import Strategies
import Training
import TrainingCore
import Workloads

/// `foretrain tradeoff`.
struct TradeOffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tradeoff",
    abstract: "Train one model that is told lambda beside models with a fixed lambda, for real.",
    discussion: """
      Every run trains on this machine's cores. Then the zero-shot accuracy is taken, clean and \
      under attack: at every lambda for a model that is told it, once for the others. DIR gets \
      tradeoff.svg, tradeoff.csv (means over seeds) and points.csv (every run). Ctrl-C keeps the \
      runs that have ended; the same command goes on with the others.

        foretrain tradeoff tiny-clip --into tradeoff --steps 1500 --seeds 1,2,3
      """)

  @OptionGroup var question: ScenarioOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "The folder for points and pictures.")
  var into: String
  @Option(help: "Optimizer steps of every run; as many as the scenario's samples make by default.")
  var steps: Int?
  @Option(help: "The highest learning rate; 5e-4 by default.")
  var learningRate: Float?
  @Option(help: "Seeds, with commas: every run is made once for each.")
  var seeds = "1,2,3"
  @Option(help: "Methods, with commas, see `foretrain list methods`.")
  var methods = "none,oat,lsa-itc"
  @Option(help: "Fixed values of lambda, with commas: a model is trained for each.")
  var fixed = "0.2,0.4,1"
  @Option(help: "Images of every accuracy.")
  var images = 512
  @Option(help: "The matrix library; onednn by default where it is found.")
  var gemm: TrainOptions.Library?
  @Option(help: "Threads; one per core by default.")
  var threads: Int?

  func run() throws {
    let seeds: [UInt64] = try list(seeds, "--seeds", of: "whole numbers") { UInt64($0) }
    let fixed: [Float] = try list(fixed, "--fixed", of: "numbers above 0 up to 1") { text in
      Float(text).flatMap { $0 > 0 && $0 <= 1 ? $0 : nil }
    }
    let known = CalibrationMethod.allCases.map(\.rawValue).joined(separator: ", ")
    let methods: [CalibrationMethod] = try list(methods, "--methods", of: known) {
      CalibrationMethod(rawValue: $0)
    }
    guard images >= 1 else { throw ValidationError("--images: \(images) is below 1") }
    if let steps, steps < 1 { throw ValidationError("--steps: \(steps) is below 1") }
    let strongest = try load(methods.last { $0.knowsLambda } ?? .oat)
    let runs = try runs(methods: methods, fixed: fixed, strongest)
    guard let first = runs.first else {
      throw ValidationError("--methods and --fixed name no run at all")
    }
    let steps = steps ?? first.local.steps
    for run in runs {
      try run.local.checkRules()
      try run.local.checkMemory(run.loaded, output: output)
    }
    let attack = ModelSweep.attack(of: strongest.local)
    let session = TradeOffSession(
      steps: steps, learningRate: learningRate, images: images,
      rule: try TrainOptions.rule(of: first.local), attack: attack,
      core: try TrainOptions.core(gemm: gemm, threads: threads),
      file: TradeOffFile(path: into + "/points.csv"), output: output)
    Interrupts.handleTerminationGracefully()
    let keys = try runs.map { try key(of: $0, steps: steps, attack: attack) }
    let jobs = seeds.flatMap { seed in
      zip(runs, keys).map {
        TradeOffSession.Job(run: $0.run, seed: seed, local: $0.local, key: $1)
      }
    }
    let result = TradeOffResult(
      title: "\(first.local.scenario.id): clean and attacked zero-shot accuracy after "
        + "\(steps) steps",
      curves: try session.run(jobs))
    try AtomicWriter.write(result.drawing.svg, to: into + "/tradeoff.svg")
    try AtomicWriter.write(result.drawing.csv, to: into + "/tradeoff.csv")
    output.note("wrote \(into)/tradeoff.svg and tradeoff.csv")
    try output.write(result, provenance: first.loaded.provenance)
  }

  /// A run and the scenario that describes it.
  private struct Run {
    var run: TradeOffRun
    var local: LocalRun
    var loaded: LoadedScenario
  }

  private func load(
    _ method: CalibrationMethod
  ) throws -> (loaded: LoadedScenario, local: LocalRun) {
    let machine = Self.standIn
    var question = question
    question.calibration = method.rawValue
    let loaded = try question.load(output: output, unmeasured: machine)
    return (loaded, try LocalRun(loaded, orUnmeasured: machine))
  }

  /// `strongest`: the method whose attack all models are asked under, whatever they were trained against.
  private func runs(
    methods: [CalibrationMethod], fixed: [Float],
    _ strongest: (loaded: LoadedScenario, local: LocalRun)
  ) throws -> [Run] {
    var runs = try methods.map { method in
      let (loaded, local) = try load(method)
      return Run(
        run: TradeOffRun(
          method: local.workload.calibration, lambdas: MethodStrengths(local.scenario).lambdas),
        local: local, loaded: loaded)
    }
    // Attack and strengths of the fixed runs are those of the model that they stand beside.
    runs += fixed.map {
      Run(
        run: TradeOffRun(fixed: $0, like: strongest.local.workload.calibration),
        local: strongest.local, loaded: strongest.loaded)
    }
    return runs
  }

  /// This machine's profile, where nobody has measured it.
  private static var standIn: HardwareProfile {
    MachineProfile.unmeasured(
      MachineFingerprint.current(), residentBytes: MachineFingerprint.residentBytes())
  }

  /// What decides the points of a run beside its name and seed.
  private func key(
    of run: Run, steps: Int, attack: ZeroShotEvaluator.Attack
  ) throws -> String {
    let scenario = try run.loaded.loader.text(of: run.loaded.scenario)
    let rate = learningRate.map { "\($0)" } ?? "default"
    // Where a run is asked under another attack than its scenario has.
    let own = ModelSweep.attack(of: run.local)
    return Fingerprint.of(
      "\(scenario)\n\(run.local.workload.model.family)\nsteps \(steps)\nrate \(rate)\nimages \(images)"
        + (own.radius != attack.radius ? "\nradius \(attack.radius)" : "")
        + (own.steps != attack.steps ? "\nattack steps \(attack.steps)" : ""))
  }

  private func list<Element>(
    _ text: String, _ flag: String, of known: String, _ parse: (String) -> Element?
  ) throws -> [Element] {
    try text.split(separator: ",").map(String.init).map { item in
      guard let element = parse(item) else {
        throw ValidationError("\(flag): found '\(item)', expected \(known)")
      }
      return element
    }
  }
}
