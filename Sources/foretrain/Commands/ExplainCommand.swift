import ArgumentParser
import CostModel
import Explaining
import Measurement
import Planning
import PublishedCases
import Reporting
import RunStore
import Scenarios
import Strategies

/// `foretrain explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Where a number comes from: formula, profile values, samples, step by step.",
    discussion: """
      Without a path: from ideal kernels to the step, and memory by part. With the path of a number \
      of the estimate's JSON: its formula, what it is made of, and every value of the hardware \
      profile, the software stack and the scenario that moves it, with its origin.

        foretrain explain eva02-clip-e14-plus
        foretrain explain eva02-clip-e14-plus cost_usd.typical
        foretrain explain tiny-clip memory.activations_bytes --format json
        foretrain explain 12

      A number alone names a run that `foretrain train` kept; the id of a published case works too. \
      Both show what was measured beside what is predicted.
      """)

  @OptionGroup var question: ScenarioOptions
  @Argument(help: "A path of the estimate's JSON, for example step_seconds.typical.")
  var path: String?
  @Option(help: "How many levels of the formula are shown.")
  var depth = 2
  @Option(help: "A file of published cases, one JSON object in a line, whose ids can be named.")
  var cases: String?
  @Option(help: "Write the waterfall as SVG to FILE.")
  var chart: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard depth >= 1 else { throw ValidationError("--depth must be at least 1") }
    if let chart, chart.isEmpty { throw ValidationError("--chart names no file") }
  }

  func run() throws {
    if let number = StoredRuns.number(question.scenario) { return try explain(run: number) }
    let folders = try question.folders.loader()
    if let found = try published(folders) {
      for note in found.notes { output.note("as published: \(note)") }
      try answer(
        Explainer(anyway: found.scenario, loader: folders), subject: found.scenario.id,
        measured: found.measured,
        provenance: try output.provenance(folders))
      return
    }
    let loaded = try question.load(output: output)
    let explainer: Explainer
    do {
      explainer = try Explainer(loaded.scenario, loader: loaded.loader)
    } catch let broken as Explainer.BrokenRules {
      for rejection in broken.rejections {
        Terminal.complain("\(rejection.rule): \(rejection.detail)")
      }
      throw Failure.no
    }
    try answer(explainer, subject: loaded.scenario.id, provenance: loaded.provenance)
  }

  /// A published case, where the argument names one and no scenario.
  private func published(_ loader: ScenarioLoader) throws -> ExplainedCase? {
    guard cases != nil || !loader.scenarioIDs.contains(question.scenario ?? "") else { return nil }
    do {
      return try ExplainedCase(question.scenario, cases: cases, loader: loader)
    } catch let problem as CaseProblem {
      Terminal.complain("the case cannot be run: \(problem.reason)")
      throw Failure.no
    }
  }

  private func answer(
    _ explainer: Explainer, subject: String, measured: [WaterfallView.MeasuredPart] = [],
    provenance: Provenance
  ) throws {
    if let path {
      let figure = try explainer.figure(path)
      let influences = explainer.influences(on: [figure.path])[figure.path] ?? []
      try output.write(
        ExplanationView(
          subject: subject, figure: figure, book: explainer.breakdown.figures,
          influences: influences,
          basis: MeasuredSamples.basis(of: influences) { Terminal.complain($0) }, depth: depth),
        provenance: provenance)
      return
    }
    let view = WaterfallView(
      explainer.breakdown, pins: explainer.influences(on: explainer.pinned), measured: measured)
    if let chart {
      try AtomicWriter.write(view.svg, to: chart)
      output.note("wrote \(chart)")
    }
    try output.write(view, provenance: provenance)
  }

  /// A run that took place: the prediction for its scenario, here, beside what was measured.
  private func explain(run number: Int64) throws {
    let run = try StoredRuns.run(number)
    let detail = try StoredRuns.detail(run)
    let loader = try question.folders.loader()
    let scenario = try loader.read(
      SourceFile(name: "run \(number)", text: detail.scenarioText ?? ""))
    let loaded = LoadedScenario(
      scenario: scenario, loader: loader,
      provenance: Provenance(
        version: Tool.version, scenarioHash: Fingerprint.of(detail.scenarioText ?? ""),
        fitHash: try Fingerprint.ofConstants(loader), stamp: output.invocation))
    let local = try LocalRun(loaded, machine: try loader.hardware(MachineProfile.id))
    let here = MachineFingerprint.current()
    if run.machine != here {
      output.note("run \(number) took place on \(run.machine.processor), this is another machine")
    }
    guard local.predictedStep(isMeasured: true) != nil else {
      Terminal.complain(
        "this machine's profile lacks a kernel of that run: measure it, foretrain bench")
      throw Failure.no
    }
    let explainer = try Explainer(anyway: local.asScenario, loader: loader)
    try answer(
      explainer, subject: "run \(number)", measured: StoredRuns.parts(detail, explainer),
      provenance: loaded.provenance)
  }
}

extension ExplanationView: Answer {}
extension WaterfallView: Answer {}

extension Explainer {
  /// What the waterfall says of its bars and of the parts of memory.
  var pinned: [String] {
    breakdown.bars.map { "waterfall." + $0.id }
      + breakdown.estimate.memory.parts.map { "memory.\($0.name)_bytes" }
  }
}
