import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// What the allocator loses, and what the readings hold.
struct ReserveTests {
  private func memory(_ loss: Double, microBatch: Int, ranks: Int = 8) -> MemoryEstimate {
    var stack = SampleSetups.autocastStack
    stack.allocatorLoss = Sourced(loss, origin: .assumed)
    stack.memoryRange = Sourced(Range90(low: 0.9, typical: 1, high: 1.2), origin: .assumed)
    let strategy = SampleSetups.strategy(
      microBatch: microBatch, ranks: ranks, recomputation: .full, software: stack)
    return Estimator(
      scenario: "reserve",
      workload: SampleSetups.workload(SampleModels.vitB16, globalBatch: strategy.globalBatch),
      cluster: Cluster(profile: SampleHardware.a100(memoryGiB: 40), accelerators: ranks)
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
  ///
  /// Logits grow as the square of the batch, a block as the batch: they cross somewhere below 256.
  @Test func theFullestInstantCountsTheReserve() {
    var moved = false
    for microBatch in stride(from: 64, through: 256, by: 8) {
      let exact = memory(0, microBatch: microBatch, ranks: 1024)
      let lossy = memory(0.5, microBatch: microBatch, ranks: 1024)
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
