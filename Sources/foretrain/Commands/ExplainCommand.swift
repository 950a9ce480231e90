import ArgumentParser
import CostModel
import Explaining
import Planning
import Reporting
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
      """)

  @OptionGroup var question: ScenarioOptions
  @Argument(help: "A path of the estimate's JSON, for example step_seconds.typical.")
  var path: String?
  @Option(help: "How many levels of the formula are shown.")
  var depth = 2
  @Option(help: "Write the waterfall as SVG to FILE.")
  var chart: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard depth >= 1 else { throw ValidationError("--depth must be at least 1") }
    if let chart, chart.isEmpty { throw ValidationError("--chart names no file") }
  }

  func run() throws {
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
    if let path {
      let figure = try explainer.figure(path)
      let influences = explainer.influences(on: [figure.path])[figure.path] ?? []
      try output.write(
        ExplanationView(
          subject: loaded.scenario.id, figure: figure, book: explainer.breakdown.figures,
          influences: influences, depth: depth), provenance: loaded.provenance)
      return
    }
    let view = WaterfallView(explainer.breakdown, pins: explainer.influences(on: explainer.pinned))
    if let chart {
      try AtomicWriter.write(view.svg, to: chart)
      output.note("wrote \(chart)")
    }
    try output.write(view, provenance: loaded.provenance)
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
