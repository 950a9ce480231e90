import Clusters
import CostModel
import Planning
import Quantities
import Strategies
import Workloads

extension Samples {
  static func sourced<Value>(_ value: Value) -> Sourced<Value> {
    Sourced(value, origin: .published, source: "p")
  }

  static func profile(datasheetOnly: Bool = false) -> HardwareProfile {
    HardwareProfile(
      id: "a100-80gb-sxm-dgx", title: "DGX A100 80 GB", asOf: "2025-08-01",
      datasheetOnly: datasheetOnly,
      accelerator: Accelerator(
        name: "NVIDIA A100-SXM4-80GB", peak: [.bf16: sourced(FlopsPerSecond(312e12))],
        memory: sourced(Bytes(84_986_665_370)), memoryContext: sourced(Bytes(0.7e9)),
        memoryBandwidth: sourced(BytesPerSecond(2.039e12)), multiprocessors: sourced(108)),
      efficiency: Efficiency(
        gemm: sourced(
          .plateau(
            .init(efficiency: 0.75, halfK: 300, launch: Seconds(2.6e-6), memoryFloor: 0.85))),
        gemmRange: Range90(low: 0.92, typical: 1, high: 1.12), attention: [],
        attentionOrigin: sourced(true), attentionMeasured: 1...4096,
        memoryBound: .init(
          elementwise: sourced(0.85), normalization: sourced(0.7), softmax: sourced(0.73),
          optimizer: sourced(0.85)),
        kernelLaunch: sourced(Seconds(2.6e-6)), eagerOperator: sourced(Seconds(7e-6))),
      node: Node(
        accelerators: sourced(8), fabricKind: sourced("nvswitch"), fabricLink: nil,
        busBandwidth: sourced(BytesPerSecond(230e9)), latency: sourced(Seconds(20e-6)),
        allReduce: [], allReduceOrigin: sourced(true),
        hostLink: sourced(BytesPerSecond(22e9)), networkAdapters: sourced(8),
        networkLink: sourced(BytesPerSecond(25e9)), cores: sourced(128),
        hostMemory: sourced(Bytes(2e12)), hostPower: sourced(0.3)),
      network: Network(
        topology: sourced("fat tree"), busBandwidth: sourced(BytesPerSecond(190e9)),
        latencyBase: sourced(Seconds(6.8e-6)), latencyPerLocalRank: Seconds(0.6e-6),
        latencyPerDoubling: Seconds(5e-6), ramp: [], rampOrigin: sourced(true),
        scaleLossMiddle: sourced(0.9), scaleLossLarge: sourced(0.98),
        overlapCostWithinNode: sourced(0.15), overlapCostAcrossNodes: sourced(0.02)),
      site: Site(
        price: sourced(USDollarsPerAcceleratorHour(2.79)),
        priceNote: "Lambda gpu_8x_a100_80gb_sxm4, 2025-08", pue: sourced(1.58), grid: nil,
        failuresPer1000NodeDays: sourced(4), restart: sourced(Seconds(1800.0)),
        checkpointBandwidth: sourced(BytesPerSecond(2e9))),
      sources: ["p": "NVIDIA A100 datasheet", "b": "a second source"])
  }

  static func scenario(
    _ method: CalibrationMethod = .none, title: String = "EVA-02-CLIP-E/14+, 144 A100-80GB",
    datasheetOnly: Bool = false
  ) -> Scenario {
    Scenario(
      id: "eva02-clip-e14-plus", title: title, workload: workload(method),
      calibrations: [:],
      cluster: Cluster(profile: profile(datasheetOnly: datasheetOnly), accelerators: 144),
      strategy: strategy(), search: SearchSpace(), objective: .time, constraints: .init(),
      campaign: .init(),
      assumptions: [
        (
          key: "workload.samples_seen", value: "9e9", origin: .assumed,
          source: "EVA-CLIP README names s9B"
        )
      ])
  }
}
