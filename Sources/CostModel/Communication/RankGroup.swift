public import Clusters
import Quantities
public import Strategies

/// Ranks that communicate, and how they lie on nodes.
///
/// Tensor-parallel ranks are neighbours, then data-parallel ones, then pipeline stages (the order
/// of Megatron-LM's process groups).
public struct RankGroup: Sendable, Hashable {
  /// Ranks of the group.
  public var ranks: Int
  /// Ranks of the group on one node.
  public var perNode: Int
  /// Groups that a node belongs to and that communicate at once.
  public var groupsPerNode: Int

  /// A group.
  public init(ranks: Int, perNode: Int, groupsPerNode: Int) {
    self.ranks = ranks
    self.perNode = max(1, min(perNode, ranks))
    self.groupsPerNode = max(1, groupsPerNode)
  }

  /// Nodes that the group lies on.
  public var nodes: Int { (ranks + perNode - 1) / perNode }

  /// All accelerators of a cluster.
  public static func all(of cluster: Cluster) -> RankGroup {
    RankGroup(
      ranks: cluster.accelerators, perNode: cluster.acceleratorsPerNode, groupsPerNode: 1)
  }

  /// Every rank at a distance of `stride`.
  private static func strided(_ ranks: Int, stride: Int, on cluster: Cluster) -> RankGroup {
    let local = cluster.acceleratorsPerNode
    let perNode = max(1, local / stride)
    return RankGroup(ranks: ranks, perNode: perNode, groupsPerNode: min(stride, local))
  }

  /// Ranks that share layers.
  public static func tensor(_ strategy: Strategy, on cluster: Cluster) -> RankGroup {
    let local = cluster.acceleratorsPerNode
    let ranks = strategy.tensorParallel
    return RankGroup(
      ranks: ranks, perNode: min(ranks, local), groupsPerNode: max(1, local / ranks))
  }

  /// Ranks that have the same layers and other samples.
  public static func data(_ strategy: Strategy, on cluster: Cluster) -> RankGroup {
    strided(strategy.dataParallel, stride: strategy.tensorParallel, on: cluster)
  }

  /// Whether neighbouring stages of a rank lie on different nodes.
  public static func stagesCrossNodes(_ strategy: Strategy, on cluster: Cluster) -> Bool {
    strategy.tensorParallel * strategy.dataParallel >= cluster.acceleratorsPerNode
      && cluster.nodes > 1
  }
}
