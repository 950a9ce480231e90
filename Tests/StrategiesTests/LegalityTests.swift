import Clusters
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

struct LegalityTests {
  private let cluster = Cluster(
    profile: SampleHardware.a100(memoryGiB: 39.39), accelerators: 4)
  private let workload = SampleSetups.workload(SampleModels.tiny, globalBatch: 256)

  private func rules(_ change: (inout Strategy) -> Void) -> Set<LegalityRule> {
    var strategy = SampleSetups.strategy(microBatch: 64, ranks: 4)
    change(&strategy)
    return Set(strategy.violations(workload: workload, cluster: cluster).map(\.rule))
  }

  @Test func aLegalStrategyBreaksNone() { #expect(rules { _ in }.isEmpty) }

  @Test func eachRuleIsFoundAlone() {
    #expect(rules { $0.microBatch = 32 } == [.batchDivides])
    #expect(rules { $0.microBatch = 0 } == [.microBatchPositive, .batchDivides])
    #expect(rules { $0.zeroStage = 4 } == [.zeroSupported])
    #expect(rules { $0.virtualPipeline = 2 } == [.parallelismSupported, .pipelineChain])
    #expect(rules { $0.sequenceParallel = true } == [.parallelismSupported, .tensorDivides])
    #expect(rules { $0.software.attention = [.unfused] } == [.attentionSupported])
    #expect(
      rules { $0.recomputation = ["image": .selective] } == [.selectiveDropsSomething])
    #expect(
      rules {
        $0.tensorParallel = 2; $0.dataParallel = 2
      }.contains(.parallelismSupported))
    #expect(
      rules {
        $0.dataParallel = 2; $0.accumulation = 2
      } == [.fillsCluster])
  }

  @Test func missingMatrixUnitsAreFound() {
    var profile = cluster.profile
    profile.accelerator.peak[.bf16] = nil
    let old = Cluster(profile: profile, accelerators: 4)
    let strategy = SampleSetups.strategy(microBatch: 64, ranks: 4)
    let broken = strategy.violations(workload: workload, cluster: old).map(\.rule)
    #expect(broken == [.precisionSupported])
  }
}
