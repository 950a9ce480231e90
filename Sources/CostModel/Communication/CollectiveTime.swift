public import Clusters
import Quantities
public import Workloads

/// Seconds of collectives among a group of ranks of a cluster, and of messages between two ranks.
///
/// Bus bandwidth as nccl-tests define it: an all-reduce of S bytes on n ranks takes
/// `2 (n-1)/n S / busbw`, an all-gather or reduce-scatter half of that, plus latency. Within a node
/// a measured table is interpolated where the profile has one; across nodes the fastest of ring and
/// tree in three protocols is taken, middle sizes are slower by a ramp, and many nodes cost
/// bandwidth.
public struct CollectiveTime: Sendable {
  let cluster: Cluster
  let group: RankGroup

  /// Collectives of a group; of all ranks of the cluster where none is given.
  public init(cluster: Cluster, group: RankGroup? = nil) {
    self.cluster = cluster
    self.group = group ?? .all(of: cluster)
  }

  /// Seconds of a collective whose result has `bytes` bytes on one rank.
  public func seconds(_ kind: Collective.Kind, bytes: Double) -> Double {
    let ranks = Double(group.ranks)
    guard ranks > 1, bytes > 0 else { return 0 }
    let share = (ranks - 1) / ranks * (kind == .allReduce ? 2 : 1)
    return group.nodes > 1
      ? acrossNodes(bytes, kind) : withinNode(bytes, share: share)
  }

  /// Seconds of a message from one rank to another, all ranks of a node sending at once: a rank has
  /// its share of the node's adapters.
  public func message(bytes: Double, acrossNodes: Bool) -> Double {
    guard bytes > 0 else { return 0 }
    guard acrossNodes else {
      let node = cluster.profile.node
      let rate = node.fabricLink?.value.value ?? node.busBandwidth.value.value
      return node.latency.value.value + bytes / rate
    }
    let network = cluster.profile.network
    let rate = network.busBandwidth.value.value / Double(cluster.acceleratorsPerNode)
    return network.latencyBase.value.value + bytes * ramp(bytes) / rate
  }

  /// Share of compute speed that is lost while a collective runs beside it.
  var overlapCost: Double {
    group.nodes > 1
      ? cluster.profile.network.overlapCostAcrossNodes.value
      : cluster.profile.network.overlapCostWithinNode.value
  }

  private func withinNode(_ bytes: Double, share: Double) -> Double {
    let node = cluster.profile.node
    if let first = node.allReduce.first, let last = node.allReduce.last, node.allReduce.count > 1 {
      let full = Double(node.accelerators.value)
      let measuredShare = 2 * (full - 1) / full
      // Sizes beyond the table keep the bandwidth of its last point.
      let time: Double
      if bytes >= last.size.value {
        time = last.time.value * bytes / last.size.value
      } else if bytes <= first.size.value {
        time = first.time.value
      } else {
        time = interpolated(bytes, node.allReduce)
      }
      return time * share / measuredShare
    }
    return node.latency.value.value + share * bytes / node.busBandwidth.value.value
  }

  private func interpolated(_ bytes: Double, _ points: [CollectivePoint]) -> Double {
    let upper = points.firstIndex { $0.size.value >= bytes } ?? points.count - 1
    let (left, right) = (points[max(0, upper - 1)], points[upper])
    guard right.size > left.size else { return right.time.value }
    let position =
      logarithm(bytes / left.size.value) / logarithm(right.size.value / left.size.value)
    return left.time.value * power(right.time.value / left.time.value, position)
  }

  /// The fastest algorithm and protocol, as NCCL's tuner chooses.
  private func acrossNodes(_ bytes: Double, _ kind: Collective.Kind) -> Double {
    let network = cluster.profile.network
    // The profile's small all-reduce beyond that of the tuner's tree: what every hop costs more.
    let hop = max(0, network.latencyPerDoubling.value / 2 - 5e-6)
    let inside = max(0, network.latencyPerLocalRank.value / 2 - 0.6e-6)
    let start = max(0, network.latencyBase.value.value - 6.8e-6)
    // Groups that communicate at once share the node's adapters.
    let bandwidth = network.busBandwidth.value.value / Double(group.groupsPerNode)
    let doublings = max(0, logarithm(Double(group.nodes)) / logarithm(2))
    let beyondFour = max(0, doublings - 2)
    let perDoubling =
      bytes >= 256e6 ? network.scaleLossLarge.value : network.scaleLossMiddle.value
    let transfer = bytes * ramp(bytes) / (bandwidth * power(perDoubling, beyondFour))
    return start
      + (CollectiveAlgorithm.all.compactMap {
        $0.seconds(kind, group: group, hop: (inside, hop), transfer: transfer)
      }.min() ?? transfer)
  }

  private func ramp(_ bytes: Double) -> Double {
    let points = cluster.profile.network.ramp
    guard let first = points.first, let last = points.last else { return 1 }
    if bytes <= first.size.value { return first.factor }
    if bytes >= last.size.value { return last.factor }
    let upper = points.firstIndex { $0.size.value >= bytes } ?? points.count - 1
    let (left, right) = (points[max(0, upper - 1)], points[upper])
    guard right.size > left.size else { return right.factor }
    let position =
      logarithm(bytes / left.size.value) / logarithm(right.size.value / left.size.value)
    return left.factor + position * (right.factor - left.factor)
  }
}
