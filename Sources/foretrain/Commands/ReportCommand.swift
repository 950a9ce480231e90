import ArgumentParser
import Clusters
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
      best plan of plain training and, for time against cost, beside the best plans on a quarter, \
      half, twice and four times the accelerators, or on the clusters of --also. Files are written \
      whole or not at all.

        foretrain report eva02-clip-e14-plus --calibration lsa-itc -o report
        foretrain report eva02-clip-b16 -o report --also h100-80gb-sxm-dgx:32,a100-40gb-sxm-p4d
      """)

  @Option(help: "Clusters to set beside the scenario's, ID or ID:COUNT, separated by commas.")
  var also: String?

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
      scenario: scenario, estimate: best, plan: result, baselines: baselines,
      comparison: try comparison(loaded),
      provenance: loaded.provenance)
    if !output.quiet { Terminal.endProgress() }
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

  /// Best plans on other clusters, the scenario's own among them; none where it is alone.
  private func comparison(_ loaded: LoadedScenario) throws -> [Estimate] {
    let scenario = loaded.scenario
    let own = scenario.cluster
    var clusters: [Cluster]
    if let also {
      clusters = [own]
      clusters += try ClusterRequest.list(also, flag: "--also").map {
        try $0.cluster(loaded.loader, default: own.accelerators)
      }
    } else {
      // Only counts that leave the global batch whole.
      let counts =
        [own.accelerators / 4, own.accelerators / 2, own.accelerators]
        + [own.accelerators * 2, own.accelerators * 4]
      clusters = counts.filter {
        $0 >= 1 && scenario.workload.globalBatch % $0 == 0
          && (own.accelerators > 1 || $0 == own.accelerators)
      }.map { Cluster(profile: own.profile, accelerators: $0) }
    }
    guard clusters.count > 1 else { return [] }
    output.progress("planning on \(clusters.count) clusters")
    return Comparer(scenario).compare(clusters).estimates
  }
}
