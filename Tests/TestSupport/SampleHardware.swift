public import Clusters
import Quantities

/// Hardware values in code, for tests that must not depend on files.
public enum SampleHardware {
  static func assumed<Value>(_ value: Value) -> Sourced<Value> {
    Sourced(value, origin: .assumed, source: "sample")
  }

  /// A cluster like an A100 pod: 8 per node, 8 HDR200 adapters; round figures, not a profile.
  public static func a100(memoryGiB: Double, id: String = "sample-a100") -> HardwareProfile {
    let gib = 1024.0 * 1024 * 1024
    let device = Accelerator(
      name: "Sample A100",
      peak: [
        .fp32: assumed(FlopsPerSecond(19.5e12)), .tf32: assumed(FlopsPerSecond(156e12)),
        .fp16: assumed(FlopsPerSecond(312e12)), .bf16: assumed(FlopsPerSecond(312e12)),
      ], memory: assumed(Bytes(memoryGiB * gib)), memoryContext: assumed(Bytes(0.9 * gib)),
      memoryBandwidth: assumed(BytesPerSecond(memoryGiB > 50 ? 2.039e12 : 1.555e12)),
      multiprocessors: assumed(108), powerLimit: assumed(Watts(400.0)))
    let tiles: [(Int, Int, Double)] = [
      (256, 128, 0.767), (128, 256, 0.761), (128, 128, 0.768), (128, 64, 0.512),
      (64, 128, 0.614), (64, 64, 0.530),
    ]
    let curve = GEMMCurve.TileWave(
      tiles: tiles.map { .init(m: $0.0, n: $0.1, efficiency: $0.2) },
      splitK: [1, 2, 3, 4, 5, 6, 8], launch: Seconds(1.4e-7), tileOverhead: Seconds(3.317e-6),
      splitKOverhead: Seconds(6.03e-6), splitKTraffic: 0.336, waveWeight: 0.253,
      memoryFloor: 0.611, misaligned: 0.79)
    let efficiency = Efficiency(
      gemm: assumed(.tileWave(curve)), gemmRange: Range90(low: 0.93, typical: 1, high: 1.12),
      attention: [
        .init(headWidth: 64, plateau: FlopsPerSecond(177e12), half: 165),
        .init(headWidth: 128, plateau: FlopsPerSecond(204e12), half: 182),
      ], attentionOrigin: assumed(true), attentionMeasured: 512...16384,
      memoryBound: .init(
        elementwise: assumed(0.87), normalization: assumed(0.62), softmax: assumed(0.73),
        optimizer: assumed(0.85)),
      kernelLaunch: assumed(Seconds(2.6e-6)), eagerOperator: assumed(Seconds(7e-6)))
    let node = Node(
      accelerators: assumed(8), fabricKind: assumed("nvswitch"),
      fabricLink: assumed(BytesPerSecond(300e9)), busBandwidth: assumed(BytesPerSecond(230e9)),
      latency: assumed(Seconds(20e-6)), allReduce: [], allReduceOrigin: assumed(true),
      hostLink: assumed(BytesPerSecond(22e9)), networkAdapters: assumed(8),
      networkLink: assumed(BytesPerSecond(25e9)), cores: assumed(128),
      hostMemory: assumed(Bytes(1024 * gib)), hostPower: assumed(0.3))
    return HardwareProfile(
      id: id, title: "Sample A100", asOf: "2026-01-01", datasheetOnly: false, accelerator: device,
      efficiency: efficiency, node: node, network: network, site: site,
      sources: ["sample": "round figures for tests"])
  }

  private static var network: Network {
    Network(
      topology: assumed("fat tree"), busBandwidth: assumed(BytesPerSecond(190e9)),
      latencyBase: assumed(Seconds(30e-6)), latencyPerLocalRank: Seconds(1e-6),
      latencyPerDoubling: Seconds(8e-6), ramp: [], rampOrigin: assumed(true),
      scaleLossMiddle: assumed(0.9), scaleLossLarge: assumed(0.98),
      overlapCostWithinNode: assumed(0.15), overlapCostAcrossNodes: assumed(0.02))
  }

  private static var site: Site {
    Site(
      price: assumed(USDollarsPerAcceleratorHour(2.0)), priceNote: "", pue: assumed(1.2),
      grid: assumed(GramsPerJoule(400 / 3.6e6)), failuresPer1000NodeDays: assumed(7),
      restart: assumed(Seconds(600.0)), checkpointBandwidth: assumed(BytesPerSecond(2e9)))
  }
}
