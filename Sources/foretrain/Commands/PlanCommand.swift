import ArgumentParser
import Planning
import Reporting

/// `foretrain plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Search all strategies: ranked plans, and why the others were turned down.",
    discussion: """
      Global batch and samples seen stay as they are; micro-batch, accumulation, ZeRO stage, \
      recomputation and attention of each tower, and the form of the contrastive loss vary.
      Exit code 2 where nothing fits.

        foretrain plan eva02-clip-e14-plus --calibration lsa-itc
        foretrain plan blip2-stage1-vitg --deadline 5d --limit 5
      """)

  @OptionGroup var question: ScenarioOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "Plans to print at most.")
  var limit = 10

  func validate() throws {
    guard limit >= 1 else { throw ValidationError("--limit must be at least 1") }
  }

  func run() throws {
    let loaded = try question.load(output: output)
    let result = PlannerRun.plan(loaded.scenario, limit: limit, output: output)
    try output.write(
      PlanView(result, scenario: loaded.scenario), provenance: loaded.provenance)
    if let reason = result.infeasible {
      output.note(reason)
      throw Failure.no
    }
  }
}
