import ArgumentParser
import CostModel
import Foundation
import Planning
import Reporting
import Strategies
import Workloads

/// `foretrain report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write report.html, report.md, report.json and a CSV of every chart.",
    discussion: """
      The report prices the best plan of the scenario's calibration method and sets it beside the \
      best plan of plain training. Files are written whole or not at all.

        foretrain report eva02-clip-e14-plus --calibration lsa-itc -o report
      """)

  @OptionGroup var question: ScenarioOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard output.output != nil else { throw ValidationError("-o DIR is missing") }
    guard output.format == .table else {
      throw ValidationError("a report is always written in all forms; leave --format out")
    }
  }

  func run() throws {
    guard let folder = output.output else { return }
    let loaded = try question.load(output: output)
    let scenario = loaded.scenario
    let result = PlannerRun.plan(scenario, limit: 10, output: output)
    let fixed = scenario.estimate().estimate
    guard let best = result.plans.first ?? fixed ?? result.fixed else {
      Terminal.complain(result.infeasible ?? "every strategy breaks a rule")
      throw Failure.no
    }
    var baselines: [Estimate] = []
    if scenario.workload.calibration.method != .none {
      let plain = PlannerRun.plan(scenario.with(method: .none), limit: 1, output: output)
      if let estimate = plain.plans.first { baselines.append(estimate) }
    }
    let report = Report(
      scenario: scenario, estimate: best, plan: result, baselines: baselines, comparison: [],
      provenance: loaded.provenance)
    let written = try report.write(to: folder)
    if !output.quiet { try Terminal.data(report.summary(style: output.screenStyle) + "\n") }
    for path in written where path.hasSuffix("report.html") || path.hasSuffix("report.md") {
      try Terminal.data(path + "\n")
    }
    if let reason = result.infeasible {
      output.note(reason)
      throw Failure.no
    }
  }
}
