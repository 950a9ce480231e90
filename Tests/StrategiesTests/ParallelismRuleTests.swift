import Clusters
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

struct ParallelismRuleTests {
  private func language(heads: Int = 8, layers: Int = 12, tokens: Int = 64) -> ModelSpec {
    var block = BlockSpec(width: 64, heads: heads, mlpWidth: 256)
    block.causal = true
    return ModelSpec(
      id: "lm",
      family: .languageModel(
        LanguageModelSpec(
          vocabulary: 100, block: block, layers: layers, positions: tokens, tokens: tokens)),
      source: "test")
  }

  private func rules(
    _ model: ModelSpec, _ change: (inout Strategy) -> Void
  ) -> [LegalityRule: String] {
    var strategy = SampleSetups.strategy(microBatch: 1, ranks: 1)
    strategy.software.tensorParallel = true
    strategy.software.pipelineParallel = true
    strategy.accumulation = 8
    change(&strategy)
    let workload = SampleSetups.workload(model, globalBatch: strategy.globalBatch)
    let cluster = Cluster(
      profile: SampleHardware.a100(memoryGiB: 80), accelerators: strategy.accelerators)
    return Dictionary(
      strategy.violations(workload: workload, cluster: cluster).map { ($0.rule, $0.detail) },
      uniquingKeysWith: { first, _ in first })
  }

  @Test func legalCutsBreakNone() {
    #expect(rules(language()) { $0.tensorParallel = 8 }.isEmpty)
    #expect(
      rules(language()) {
        $0.tensorParallel = 4
        $0.sequenceParallel = true
        $0.pipelineParallel = 4
        $0.virtualPipeline = 3
      }.isEmpty)
    // Towers of a CLIP model may be shared, each on all ranks.
    #expect(rules(SampleModels.tiny) { $0.tensorParallel = 4 }.isEmpty)
  }

  @Test func whatDoesNotDivideIsNamed() {
    #expect(
      rules(language()) { $0.tensorParallel = 16 }[.tensorDivides]?.contains("8 heads") == true)
    #expect(
      rules(language(tokens: 62)) {
        $0.tensorParallel = 4
        $0.sequenceParallel = true
      }[.tensorDivides]?.contains("62 tokens") == true)
    #expect(
      rules(language()) { $0.pipelineParallel = 16 }[.pipelineDivides]?.contains("12 blocks")
        == true)
    #expect(
      rules(language()) {
        $0.pipelineParallel = 2
        $0.virtualPipeline = 4
      }[.pipelineDivides]?.contains("equal chunks") == true)
    #expect(
      rules(language()) {
        $0.pipelineParallel = 3
        $0.virtualPipeline = 2
      }[.pipelineDivides]?.contains("8 micro-batches") == true)
  }

  @Test func twoTowersAreNoPipeline() {
    #expect(
      rules(SampleModels.tiny) { $0.pipelineParallel = 2 }[.pipelineChain]?.contains(
        "several towers") == true)
  }

  @Test func shardedGradientsAreNotPipelined() {
    #expect(
      rules(language()) {
        $0.pipelineParallel = 2
        $0.zeroStage = 2
      }[.zeroSupported] != nil)
  }
}
