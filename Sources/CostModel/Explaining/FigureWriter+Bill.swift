import Clusters
import Quantities
import Strategies
import Workloads

extension FigureWriter {
  /// Accelerator-hours, money, electricity, emissions, campaign.
  mutating func bill() {
    let perNode = Expression.input(
      "hardware:node.accelerators", Double(profile.node.accelerators.value))
    let nodes = .counted("nodes in use", Double(cluster.nodes)) + figure("run.spare_nodes")
    let wall = figure("wall_hours.typical")
    for name in ["low", "typical", "high"] {
      book.add(
        "accelerator_hours.\(name)", "accelerator-hours", "accelerator-hours in use, \(name)",
        figure("wall_hours.\(name)") * accelerators)
    }
    book.add("node_hours", "node-hours", "hours of whole nodes, spare ones included", wall * nodes)
    let billed = book.add(
      "billed_accelerator_hours", "accelerator-hours", "accelerator-hours of whole nodes",
      wall * nodes * perNode)
    if let price = profile.site.price {
      for name in ["low", "typical", "high"] {
        book.add(
          "cost_usd.\(name)", "USD", "money for whole nodes, \(name)",
          figure("wall_hours.\(name)") * nodes * perNode * hardware("site.price", price))
      }
    }
    if estimate.energy != nil { energy() }
    campaign(billed, nodes * perNode)
  }

  private mutating func energy() {
    guard let power = RunBill(cluster: cluster).power else { return }
    let isMeasured = profile.accelerator.powerTraining != nil
    func watts(_ isLow: Bool?) -> Expression {
      guard !isMeasured, let limit = profile.accelerator.powerLimit else {
        guard let isLow else { return hardware("accelerator.power_training", power) }
        return hardware("accelerator.power_training", power, isLow: isLow)
      }
      let share =
        switch isLow {
        case nil: RunBill.limitShare.typical
        case true?: RunBill.limitShare.low
        case false?: RunBill.limitShare.high
        }
      return .constant(share) * hardware("accelerator.power_limit", limit)
    }
    let typical = book.add(
      "energy_kwh.typical", "kWh", "electricity of the facility",
      watts(nil) * accelerators
        * (1 + hardware("node.host_power", profile.node.hostPower))
        * hardware("site.pue", profile.site.pue) * (3600 * figure("wall_hours.typical")) / 3.6e6)
    for isLow in [true, false] {
      let name = isLow ? "low" : "high"
      let time = figure("wall_hours.\(name)") / figure("wall_hours.typical") - 1
      let load = watts(isLow) / watts(nil) - 1
      let spread = Expression.root(time * time + load * load)
      book.add(
        "energy_kwh.\(name)", "kWh", "the same, \(name): wall time and power independent",
        typical * (isLow ? .maximum([0, 1 - spread]) : 1 + spread))
    }
    guard let grid = profile.site.grid, estimate.carbon != nil else { return }
    for name in ["low", "typical", "high"] {
      book.add(
        "carbon_kg.\(name)", "kg CO2e", "emissions, \(name)",
        figure("energy_kwh.\(name)") * 3.6e6 * hardware("site.grid", grid) / 1000)
    }
  }

  private mutating func campaign(_ billed: Expression, _ perHour: Expression) {
    for (index, line) in estimate.run.campaign.enumerated() {
      let expression: Expression
      switch line.name {
      case "run": expression = billed
      case "repeats":
        expression = billed * (scenario("campaign.repeats", Double(settings.repeats)) - 1)
      case "trials":
        expression =
          billed * scenario("campaign.trials.runs", Double(settings.trials))
          * scenario("campaign.trials.share_of_samples", settings.trialShare)
      case "failed runs":
        expression = billed * scenario("campaign.failed_runs", settings.failedRuns)
      default: expression = figure("run.sweep_seconds") / 3600 * perHour
      }
      book.add(
        "run.campaign[\(index)].accelerator_hours", "accelerator-hours", line.name, expression)
    }
  }
}
