import Clusters
import Quantities

/// What a wall time costs: accelerator-hours, money, electricity, emissions.
struct RunBill: Sendable {
  let cluster: Cluster
  /// Nodes that are billed without training.
  var spareNodes = 0

  /// Accelerator-hours in use.
  func acceleratorHours(_ wall: Seconds) -> AcceleratorHours {
    AcceleratorHours(wall.value / 3600 * Double(cluster.accelerators))
  }

  /// Accelerator-hours of whole nodes: what is billed.
  func billed(_ wall: Seconds) -> AcceleratorHours {
    let perNode = cluster.profile.node.accelerators.value
    return AcceleratorHours(wall.value / 3600 * Double((cluster.nodes + spareNodes) * perNode))
  }

  /// Money for whole nodes; nil where the price is unknown.
  func cost(_ wall: Seconds) -> USDollars? {
    guard let price = cluster.profile.site.price?.value else { return nil }
    return USDollars(billed(wall).value * price.value)
  }

  /// Share of its power limit that a board draws while training, where nobody has measured it.
  static let limitShare = Range90(low: 0.6, typical: 0.85, high: 1)

  /// Power of one accelerator while training; a share of the board's limit where none is measured.
  var power: Sourced<Watts>? {
    if let measured = cluster.profile.accelerator.powerTraining { return measured }
    guard let limit = cluster.profile.accelerator.powerLimit else { return nil }
    return Sourced(
      limit.value * Self.limitShare.typical, low: limit.value * Self.limitShare.low,
      high: limit.value * Self.limitShare.high, origin: .assumed, source: limit.source)
  }

  /// `accelerators power (1 + host share) PUE wall`.
  func energy(_ wall: Seconds, power: Watts) -> Joules {
    let site = cluster.profile.site
    let equipment =
      power.value * Double(cluster.accelerators) * (1 + cluster.profile.node.hostPower.value)
    return Joules(equipment * site.pue.value * wall.value)
  }

  /// Emissions of that energy; nil where the grid is unknown.
  func carbon(_ energy: Joules) -> GramsOfCarbon? {
    guard let grid = cluster.profile.site.grid?.value else { return nil }
    return GramsOfCarbon(grid.value * energy.value)
  }
}
