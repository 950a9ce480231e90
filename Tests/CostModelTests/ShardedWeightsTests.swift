import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// ZeRO-3: weights are gathered for every use, gradients scattered, beside the kernels where the
/// stack can.
struct ShardedWeightsTests {
  private func estimate(
    overlaps: Bool, bus gigabytes: Double, stage: Int = 3, frozen: Set<String> = []
  ) -> Estimate {
    var stack = SampleSetups.masterCopyStack
    stack.overlapsReduction = overlaps
    stack.isEager = false
    var profile = SampleHardware.a100(memoryGiB: 79)
    profile.node.busBandwidth = Sourced(BytesPerSecond(gigabytes * 1e9), origin: .assumed)
    profile.node.latency = Sourced(Seconds(0.0), origin: .assumed)
    profile.network.overlapCostWithinNode = Sourced(0, origin: .assumed)
    let strategy = Strategy(
      microBatch: 16, accumulation: 1, dataParallel: 8, zeroStage: stage, recomputation: [:],
      precision: .ampBF16, attention: [:], defaultAttention: .flash, contrastiveGather: .local,
      software: stack)
    var workload = SampleSetups.workload(SampleModels.vitB16, globalBatch: 128)
    workload.frozen = frozen
    return Estimator(
      scenario: "test", workload: workload, cluster: Cluster(profile: profile, accelerators: 8)
    ).estimate(strategy, complete: false)
  }

  private func exposed(_ estimate: Estimate) -> Double {
    estimate.breakdown.exposedCommunication.value
  }

  /// Nothing hides: two gathers of 16-bit weights and one scatter of 16-bit gradients, `7/8 6 P /
  /// busbw`, beside the features' gathers, which hardly count.
  @Test func withoutOverlapEveryByteShows() {
    let estimate = estimate(overlaps: false, bus: 10)
    let bytes = 6 * Double(SampleModels.vitB16.parameters)
    let expected = 7.0 / 8 * bytes / 10e9
    #expect(abs(exposed(estimate) / expected - 1) < 0.03)
  }

  /// On a fast link all but the first gather and the last scatter hide behind kernels.
  @Test func onAFastLinkAlmostAllHides() {
    let hidden = exposed(estimate(overlaps: true, bus: 230))
    let shown = exposed(estimate(overlaps: false, bus: 230))
    #expect(hidden < 0.5 * shown)
    #expect(hidden > 0)
  }

  /// On a slow link overlap saves at most the kernels' own time.
  @Test func onASlowLinkTheLinkSetsThePace() {
    let (together, apart) = (estimate(overlaps: true, bus: 1), estimate(overlaps: false, bus: 1))
    #expect(together.step.typical < apart.step.typical)
    #expect(exposed(apart) - exposed(together) <= apart.breakdown.compute.value * 1.0001)
    #expect(together.step.typical.value >= exposed(apart) * 0.999)
  }

  /// Frozen weights are gathered too, forward and backward, but have no gradients to scatter.
  @Test func frozenWeightsAreGathered() {
    let all = exposed(estimate(overlaps: false, bus: 10))
    let frozen = exposed(estimate(overlaps: false, bus: 10, frozen: ["text"]))
    let none = exposed(estimate(overlaps: false, bus: 10, stage: 2, frozen: ["text"]))
    #expect(frozen < all)
    #expect(frozen > none)
  }
}
