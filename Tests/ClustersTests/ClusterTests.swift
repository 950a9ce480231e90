import Clusters
import Quantities
import Testing

/// A profile with `perNode` accelerators per node; every other value is one.
private func profile(perNode: Int) -> HardwareProfile {
  func one<Unit: UnitOfMeasure>() -> Sourced<Quantity<Unit>> {
    Sourced(Quantity(1.0), origin: .given)
  }
  let share = Sourced(1.0, origin: .given)
  let none = Sourced(false, origin: .given)
  let curve = GEMMCurve.Plateau(
    efficiency: 0.7, halfK: 0, launch: Quantity(1e-6), memoryFloor: 0.7)
  return HardwareProfile(
    id: "test", title: "Test", asOf: "2026-11-25", datasheetOnly: true,
    accelerator: Accelerator(
      name: "Test", peak: [.fp32: one()], memory: one(), memoryContext: one(),
      memoryBandwidth: one(), multiprocessors: Sourced(1, origin: .given)),
    efficiency: Efficiency(
      gemm: Sourced(.plateau(curve), origin: .given), gemmRange: Range90(exactly: 1),
      attention: [], attentionOrigin: none, attentionMeasured: 1...1,
      memoryBound: Efficiency.MemoryBound(
        elementwise: share, normalization: share, softmax: share, optimizer: share),
      kernelLaunch: one(), eagerOperator: one()),
    node: Node(
      accelerators: Sourced(perNode, origin: .given), fabricKind: Sourced("none", origin: .given),
      fabricLink: nil, busBandwidth: one(), latency: one(), allReduce: [], allReduceOrigin: none,
      hostLink: one(), networkAdapters: Sourced(1, origin: .given), networkLink: one(),
      cores: Sourced(1, origin: .given), hostMemory: one(), hostPower: share),
    network: Network(
      topology: Sourced("none", origin: .given), busBandwidth: one(), latencyBase: one(),
      latencyPerLocalRank: Quantity(1.0), latencyPerDoubling: Quantity(1.0), ramp: [],
      rampOrigin: none, scaleLossMiddle: share, scaleLossLarge: share,
      overlapCostWithinNode: share, overlapCostAcrossNodes: share),
    site: Site(
      price: nil, priceNote: "", pue: share, grid: nil, failuresPer1000NodeDays: share,
      restart: one(), checkpointBandwidth: one()),
    sources: [:])
}

@Suite("Clusters")
struct ClusterTests {
  @Test(
    "whole nodes are occupied",
    arguments: [(1, 4, 1), (4, 4, 1), (5, 4, 2), (176, 4, 44), (8, 8, 1), (9, 8, 2), (3, 1, 3)])
  func nodes(accelerators: Int, perNode: Int, nodes: Int) {
    let cluster = Cluster(profile: profile(perNode: perNode), accelerators: accelerators)
    #expect(cluster.nodes == nodes)
    #expect(cluster.acceleratorsPerNode == min(accelerators, perNode))
  }

  @Test("a cluster without accelerators is a programming error")
  func empty() async {
    await #expect(processExitsWith: .failure) {
      _ = Cluster(profile: profile(perNode: 4), accelerators: 0)
    }
  }
}
