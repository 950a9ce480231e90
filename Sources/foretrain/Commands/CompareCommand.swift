import ArgumentParser
import Clusters
import CostModel
import Planning
import Quantities
import Reporting
import Scenarios

/// `foretrain compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Plan the same run anew on other hardware, at the same global batch.",
    discussion: """
      --hardware lists profiles with commas, each with a count (ID:COUNT) where it differs from the \
      scenario's.

        foretrain compare eva02-clip-e14-plus --hardware a100-80gb-sxm-dgx,h100-80gb-sxm-dgx:64
      """)

  @OptionGroup var question: ScenarioOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Price the scenario's own strategy instead of planning anew.")
  var keepStrategy = false

  func run() throws {
    guard let list = question.hardware else {
      throw ValidationError("--hardware is missing: give profiles, for example a,b:64")
    }
    var base = question
    base.hardware = nil
    let loader = try question.folders.loader()
    let clusters = try ClusterRequest.list(list, flag: "--hardware")
    if base.scenario == nil { base.hardware = clusters.first?.id }
    let loaded = try base.load(output: output)
    let scenario = loaded.scenario
    var comparer = Comparer(scenario)
    comparer.keepsStrategy = keepStrategy
    let comparison = comparer.compare(
      try clusters.map { try $0.cluster(loader, default: scenario.cluster.accelerators) })
    let failed = comparison.entries.filter { $0.estimate == nil }.map {
      Reporting.Comparison.Failed(
        hardware: $0.hardware, accelerators: $0.accelerators, reason: $0.reason ?? "no plan")
    }
    for entry in failed {
      Terminal.complain("\(entry.hardware) x \(entry.accelerators): \(entry.reason)")
    }
    try output.write(
      CompareView(
        Reporting.Comparison(
          comparison.estimates, breakEven: Self.breakEven(comparison), failed: failed)),
      provenance: loaded.provenance)
    if !failed.isEmpty { throw Failure.no }
  }

  /// The price at which each kind of hardware costs as much as the cheapest.
  private static func breakEven(
    _ comparison: HardwareComparison
  ) -> [Reporting.Comparison.BreakEven] {
    guard let cheapest = comparison.best.cost else { return [] }
    return comparison.breakEven.filter { $0.hardware != cheapest }.map {
      Reporting.Comparison.BreakEven(
        hardware: $0.hardware, against: cheapest,
        price: USDollarsPerAcceleratorHour($0.price), ratio: $0.ratio)
    }
  }
}
