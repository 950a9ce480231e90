import Clusters
import CostModel
import Planning
import Strategies
import TestSupport
import Workloads

/// Scenarios in code.
enum SampleScenario {
  static func make(
    _ model: ModelSpec, memoryGiB: Double, ranks: Int, globalBatch: Int, microBatch: Int,
    zero: Int = 1, patchDropout: Double = 0, method: CalibrationMethod = .none
  ) -> Scenario {
    let workload = SampleSetups.workload(
      model, globalBatch: globalBatch, patchDropout: patchDropout, optimizer: .lamb,
      calibration: CalibrationSettings(method: method))
    return Scenario(
      id: "sample", title: "Sample", workload: workload, calibrations: [:],
      cluster: Cluster(
        profile: SampleHardware.a100(memoryGiB: memoryGiB), accelerators: ranks),
      strategy: SampleSetups.strategy(
        microBatch: microBatch, ranks: ranks, zero: zero, recomputation: .full,
        accumulation: max(1, globalBatch / ranks / microBatch)),
      search: SearchSpace(), objective: .time, constraints: .init(), campaign: .init(),
      assumptions: [])
  }
}
