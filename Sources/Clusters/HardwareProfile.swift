import Quantities

/// Everything that is known about one kind of cluster: a file of `hardware-profiles/`.
public struct HardwareProfile: Sendable, Hashable {
  /// For example `a100-40gb-sxm-juwels`.
  public var id: String
  /// One line for people.
  public var title: String
  /// The date of the figures, ISO 8601.
  public var asOf: String
  /// True where the efficiencies follow from the datasheet and a general plateau alone.
  public var datasheetOnly: Bool
  /// The device.
  public var accelerator: Accelerator
  /// How much of its peak it reaches.
  public var efficiency: Efficiency
  /// The server.
  public var node: Node
  /// The network between servers.
  public var network: Network
  /// Price, power, failures.
  public var site: Site
  /// Source ids to citations.
  public var sources: [String: String]

  /// A profile from its parts.
  public init(
    id: String, title: String, asOf: String, datasheetOnly: Bool, accelerator: Accelerator,
    efficiency: Efficiency, node: Node, network: Network, site: Site, sources: [String: String]
  ) {
    self.id = id
    self.title = title
    self.asOf = asOf
    self.datasheetOnly = datasheetOnly
    self.accelerator = accelerator
    self.efficiency = efficiency
    self.node = node
    self.network = network
    self.site = site
    self.sources = sources
  }
}

/// So many accelerators of one profile.
public struct Cluster: Sendable, Hashable {
  /// The kind of cluster.
  public var profile: HardwareProfile
  /// How many accelerators the run uses.
  public var accelerators: Int

  /// A cluster.
  ///
  /// - Precondition: at least one accelerator.
  public init(profile: HardwareProfile, accelerators: Int) {
    precondition(accelerators >= 1, "a cluster needs at least one accelerator")
    self.profile = profile
    self.accelerators = accelerators
  }

  /// Accelerators that share one node.
  public var acceleratorsPerNode: Int { min(accelerators, profile.node.accelerators.value) }

  /// Whole nodes that are occupied, and billed.
  public var nodes: Int {
    let perNode = profile.node.accelerators.value
    return (accelerators + perNode - 1) / perNode
  }
}
