import Workloads

/// One way in which NCCL runs a collective across nodes, and its time.
///
/// Formulas and constants are those of the library's own tuner (NVIDIA/nccl 2.30.7,
/// `src/graph/tuning.cc`), with the bus bandwidth of the profile in the place of channels times
/// their speed. n ranks on k nodes, p = n / k:
///
/// - ring: S = 2 (n - 1) steps of an all-reduce, n - 1 of the others, of which I = 2 (k - 1) or
///   k - 1 cross the network. `base + (S - I) inside + I network + bytes S / (n B)`
/// - tree, all-reduce only: `base + 2 ((p - 1) inside + log2(k) network) + 2 bytes / B`
///
/// with B the bus bandwidth times what the protocol carries.
struct CollectiveAlgorithm: Sendable {
  /// Latencies in seconds, and the share of the bus bandwidth.
  struct Constants: Sendable {
    var base: Double
    var inside: Double
    var network: Double
    var share: Double
  }

  var isTree: Bool
  var constants: Constants

  /// Low latency: 4 bytes of data and 4 of flags; 120 of 128 bytes; whole buffers.
  static let all: [CollectiveAlgorithm] = [
    .init(
      isTree: false, constants: .init(base: 6.6e-6, inside: 0.6e-6, network: 2.7e-6, share: 0.5)),
    .init(isTree: false, constants: .init(base: 14e-6, inside: 1.9e-6, network: 4e-6, share: 0.92)),
    .init(isTree: false, constants: .init(base: 8.4e-6, inside: 3.4e-6, network: 14e-6, share: 1)),
    .init(
      isTree: true, constants: .init(base: 6.8e-6, inside: 0.6e-6, network: 5e-6, share: 1 / 3.8)),
    .init(
      isTree: true,
      constants: .init(base: 14e-6, inside: 1.25e-6, network: 8.5e-6, share: 0.92 * 15 / 16)),
    .init(isTree: true, constants: .init(base: 8.4e-6, inside: 4e-6, network: 14e-6, share: 0.92)),
  ]

  /// Seconds of a collective.
  ///
  /// - Parameters:
  ///   - kind: Which one.
  ///   - group: The ranks.
  ///   - hop: Further seconds of every step inside a node and across the network.
  ///   - transfer: Seconds in which the bus carries the result once, `bytes / busbw`.
  /// - Returns: nil where the algorithm has no such collective.
  func seconds(
    _ kind: Collective.Kind, group: RankGroup, hop: (inside: Double, network: Double),
    transfer: Double
  ) -> Double? {
    let (ranks, nodes) = (Double(group.ranks), Double(group.nodes))
    let local = Double(group.perNode)
    let network = constants.network + hop.network
    let inside = constants.inside + hop.inside
    if isTree {
      guard kind == .allReduce else { return nil }
      let depth = logarithm(nodes) / logarithm(2)
      return constants.base + 2 * ((local - 1) * inside + depth * network)
        + 2 * transfer / constants.share
    }
    let rounds = kind == .allReduce ? 2.0 : 1
    let steps = rounds * (ranks - 1)
    let crossing = rounds * (nodes - 1)
    return constants.base + (steps - crossing) * inside + crossing * network
      + transfer * steps / ranks / constants.share
  }
}
