import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// Gradients of earlier micro-batches that wait while a backward makes new ones.
struct GradientsSetAsideTests {
  private func memory(accumulation: Int, setsAside: Bool) -> MemoryEstimate {
    var stack = SampleSetups.autocastStack
    stack.setsGradientsAside = setsAside
    let strategy = SampleSetups.strategy(
      microBatch: 1, ranks: 8, recomputation: .full, accumulation: accumulation, software: stack)
    return Estimator(
      scenario: "aside",
      workload: SampleSetups.workload(SampleModels.vitB16, globalBatch: strategy.globalBatch),
      cluster: Cluster(profile: SampleHardware.a100(memoryGiB: 40), accelerators: 8)
    ).estimate(strategy, complete: false).memory
  }

  /// By hand: with one image a device the end of the backward is the fullest, where both fp32 sets of
  /// gradients are there but for those of what is before the first block: 4 + 4 bytes a parameter.
  @Test func twoSetsAtTheEndOfTheBackward() {
    let parameters = Double(SampleModels.vitB16.parameters)
    let once = memory(accumulation: 2, setsAside: false).gradients.value
    #expect(once == 4 * parameters)
    let twice = memory(accumulation: 2, setsAside: true).gradients.value
    #expect(twice > 7 * parameters)
    #expect(twice <= 8 * parameters)
  }

  /// Without an earlier micro-batch there is nothing to set aside.
  @Test func oneMicroBatchSetsNothingAside() {
    #expect(
      memory(accumulation: 1, setsAside: true).peak
        == memory(accumulation: 1, setsAside: false).peak)
  }
}
