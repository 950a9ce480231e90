import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// What the allocator loses, and what the readings hold.
struct ReserveTests {
  private func memory(_ loss: Double, microBatch: Int) -> MemoryEstimate {
    var stack = SampleSetups.autocastStack
    stack.allocatorLoss = Sourced(loss, origin: .assumed)
    stack.memoryRange = Sourced(Range90(low: 0.9, typical: 1, high: 1.2), origin: .assumed)
    let strategy = SampleSetups.strategy(
      microBatch: microBatch, ranks: 8, recomputation: .full, software: stack)
    return Estimator(
      scenario: "reserve",
      workload: SampleSetups.workload(SampleModels.vitB16, globalBatch: strategy.globalBatch),
      cluster: Cluster(profile: SampleHardware.a100(memoryGiB: 40), accelerators: 8)
    ).estimate(strategy, complete: false).memory
  }

  /// A tenth of the activations, nothing of states and of the loss's matrices.
  @Test func lossLiesOnActivationsAlone() {
    let memory = memory(0.1, microBatch: 256)
    #expect(memory.activations.value > 0)
    #expect(abs(memory.reserve.value - 0.1 * memory.activations.value) < 1)
    let none = self.memory(0, microBatch: 256)
    #expect(none.reserve.value == 0)
    #expect(none.allocated == none.reserved)
  }

  /// Where logits and blocks come near each other the fullest instant is that with the reserve.
  @Test func theFullestInstantCountsTheReserve() {
    var moved = false
    for microBatch in stride(from: 256, through: 8192, by: 256) {
      let exact = memory(0, microBatch: microBatch)
      let lossy = memory(0.5, microBatch: microBatch)
      // What is fullest without a reserve, with it: no more than the peak with it.
      let there = exact.peak.value + 0.5 * exact.activations.value
      #expect(lossy.peak.value >= there - 1)
      if lossy.peak.value > there + 1 {
        moved = true
        #expect(lossy.activations > exact.activations)
        #expect(lossy.loss < exact.loss)
      }
    }
    #expect(moved)
  }

  /// The interval is the range times all that torch holds, and the context beside it.
  @Test func theIntervalIsAShareOfWhatIsHeld() {
    let memory = memory(0.1, microBatch: 256)
    let context = SampleHardware.a100(memoryGiB: 40).accelerator.memoryContext
    let low = 0.9 * memory.reserved.value + (context.low ?? context.value).value
    let high = 1.2 * memory.reserved.value + (context.high ?? context.value).value
    #expect(abs(memory.peakInterval.low.value - low) < 1)
    #expect(abs(memory.peakInterval.high.value - high) < 1)
  }
}
