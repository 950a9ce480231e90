import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

@Suite("Seconds of the parameter update")
struct UpdateTimeTests {
  @Test("the update of fp32 weights writes 16-bit ones, whatever the precision is called")
  func pureMaster() {
    var stack = SampleSetups.masterCopyStack
    func update(_ keepsMaster: Bool) -> Double {
      stack.pureKeepsMaster = keepsMaster
      var strategy = SampleSetups.strategy(microBatch: 8, ranks: 1, software: stack)
      strategy.precision = .pureBF16
      return Estimator(
        scenario: "update",
        workload: SampleSetups.workload(SampleModels.tiny, globalBatch: strategy.globalBatch),
        cluster: Cluster(profile: SampleHardware.a100(memoryGiB: 40), accelerators: 1)
      ).estimate(strategy, complete: false).breakdown.optimizer.value
    }
    // Six passes over fp32 states, a 16-bit gradient and the 16-bit weight; else all in 16 bits.
    let passes = Double(Optimizer.adamw.statePasses)
    let ratio = update(true) / update(false)
    #expect(abs(ratio - (4 * passes + 2 + 2) / (2 * passes + 2)) < 1e-9)
  }
}
