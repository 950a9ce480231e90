public import Quantities

/// The network between nodes.
public struct Network: Sendable, Hashable {
  /// Time over ideal time at a message size: middle sizes are slower than bandwidth says.
  public struct RampPoint: Sendable, Hashable {
    /// Message size.
    public var size: Bytes
    /// Time is this times `bytes / busBandwidth`.
    public var factor: Double
    /// A point.
    public init(size: Bytes, factor: Double) {
      self.size = size
      self.factor = factor
    }
  }

  /// For example `dragonfly+`, `fat tree`.
  public var topology: Sourced<String>
  /// Bus bandwidth per rank of a large multi-node ring (nccl-tests definition), per node total.
  public var busBandwidth: Sourced<BytesPerSecond>
  /// Fixed part of a small collective's latency.
  public var latencyBase: Sourced<Seconds>
  /// Latency per further local rank.
  public var latencyPerLocalRank: Seconds
  /// Latency per doubling of the node count.
  public var latencyPerDoubling: Seconds
  /// Slow-down of middle sizes, sorted by size; may be empty.
  public var ramp: [RampPoint]
  /// Who says so, for the ramp.
  public var rampOrigin: Sourced<Bool>
  /// Bandwidth factor per doubling of nodes beyond 4, for messages of about 64 MiB.
  public var scaleLossMiddle: Sourced<Double>
  /// Bandwidth factor per doubling of nodes beyond 4, for large messages.
  public var scaleLossLarge: Sourced<Double>
  /// Share of compute speed lost while communication overlaps it, within a node.
  public var overlapCostWithinNode: Sourced<Double>
  /// Share of compute speed lost while communication overlaps it, across nodes.
  public var overlapCostAcrossNodes: Sourced<Double>

  /// A network from its parts.
  public init(
    topology: Sourced<String>, busBandwidth: Sourced<BytesPerSecond>,
    latencyBase: Sourced<Seconds>, latencyPerLocalRank: Seconds, latencyPerDoubling: Seconds,
    ramp: [RampPoint], rampOrigin: Sourced<Bool>, scaleLossMiddle: Sourced<Double>,
    scaleLossLarge: Sourced<Double>, overlapCostWithinNode: Sourced<Double>,
    overlapCostAcrossNodes: Sourced<Double>
  ) {
    self.topology = topology
    self.busBandwidth = busBandwidth
    self.latencyBase = latencyBase
    self.latencyPerLocalRank = latencyPerLocalRank
    self.latencyPerDoubling = latencyPerDoubling
    self.ramp = ramp
    self.rampOrigin = rampOrigin
    self.scaleLossMiddle = scaleLossMiddle
    self.scaleLossLarge = scaleLossLarge
    self.overlapCostWithinNode = overlapCostWithinNode
    self.overlapCostAcrossNodes = overlapCostAcrossNodes
  }
}
