import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// Pipelines and shared layers through the estimate, against the papers' formulas.
struct PipelineScheduleTests {
  private let language: LanguageModelSpec = {
    var block = BlockSpec(width: 1024, heads: 16, mlpWidth: 4096)
    block.causal = true
    var model = LanguageModelSpec(
      vocabulary: 64, block: block, layers: 16, positions: 512, tokens: 512)
    model.tiedEmbeddings = false
    return model
  }()

  private func estimate(
    tensor: Int = 1, pipeline: Int = 1, chunks: Int = 1, sequence: Bool = false,
    microBatches: Int = 8, microBatch: Int = 4, data: Int = 1
  ) -> Estimate {
    var stack = SampleSetups.masterCopyStack
    stack.tensorParallel = true
    stack.pipelineParallel = true
    stack.isEager = false
    let model = ModelSpec(id: "lm", family: .languageModel(language), source: "test")
    var strategy = Strategy(
      microBatch: microBatch, accumulation: microBatches, dataParallel: data, zeroStage: 0,
      recomputation: [:], precision: .ampBF16, attention: [:], defaultAttention: .flash,
      contrastiveGather: .local, software: stack)
    strategy.tensorParallel = tensor
    strategy.pipelineParallel = pipeline
    strategy.virtualPipeline = chunks
    strategy.sequenceParallel = sequence
    let workload = SampleSetups.workload(model, globalBatch: strategy.globalBatch)
    var profile = SampleHardware.a100(memoryGiB: 79)
    // Fast links: what is left is the schedule.
    profile.node.fabricLink = Sourced(BytesPerSecond(1e18), origin: .assumed)
    profile.node.latency = Sourced(Seconds(0.0), origin: .assumed)
    let cluster = Cluster(profile: profile, accelerators: strategy.accelerators)
    #expect(strategy.violations(workload: workload, cluster: cluster).isEmpty)
    return Estimator(scenario: "test", workload: workload, cluster: cluster)
      .estimate(strategy, complete: false)
  }

  /// The bubble over the work is `(p - 1) / (m v)` (arXiv 2104.04473, section 2.2); stages differ here
  /// by an embedding and a small head.
  @Test(arguments: [(2, 1), (4, 1), (4, 2), (4, 4)]) func theBubbleIsThePapers(
    stages: Int, chunks: Int
  ) {
    let step = estimate(pipeline: stages, chunks: chunks).breakdown
    let expected = Double(stages - 1) / Double(8 * chunks)
    let found = step.pipelineBubble / step.compute
    #expect(abs(found / expected - 1) < 0.05)
  }

  @Test func moreMicroBatchesHideTheBubble() {
    let few = estimate(pipeline: 4, microBatches: 4).breakdown
    let many = estimate(pipeline: 4, microBatches: 64).breakdown
    #expect(many.pipelineBubble / many.total < 0.1 * (few.pipelineBubble / few.total) * 2)
  }

  /// The first stage holds p micro-batches of its layers: as many activations as one rank with all
  /// layers (arXiv 2205.05198, section 4.2.3), a little less for lack of the head.
  @Test func theFirstStageHoldsAsManyActivationsAsTheWhole() {
    let whole = estimate(microBatches: 8).memory.activations.value
    for stages in [2, 4] {
      let first = estimate(pipeline: stages, microBatches: 8).memory
      #expect(abs(first.activations.value / whole - 1) < 0.12)
      #expect(first.peakInstant.hasSuffix("stage 1 of \(stages)"))
    }
  }

  /// Interleaving holds `1 + (p - 1) / (p v)` times as much (equation 5 there).
  @Test func interleavingHoldsMore() {
    let plain = estimate(pipeline: 4, microBatches: 16).memory.activations.value
    let twice = estimate(pipeline: 4, chunks: 2, microBatches: 16).memory.activations.value
    #expect(abs(twice / plain - (1 + 3.0 / 8)) < 0.05)
  }

  @Test func tensorParallelRanksShareStatesAndWork() {
    let (one, four) = (estimate(), estimate(tensor: 4))
    #expect(abs(four.memory.optimizer / one.memory.optimizer - 0.25) < 0.02)
    #expect(four.breakdown.compute < one.breakdown.compute * 0.5)
    #expect(four.breakdown.exposedCommunication > Seconds(0.0))
    #expect(four.trainableParameters == one.trainableParameters)
    let sequence = estimate(tensor: 4, sequence: true)
    #expect(sequence.memory.activations < four.memory.activations)
  }

  @Test func theStepIsItsParts() {
    let estimate = estimate(tensor: 2, pipeline: 2, chunks: 2, data: 2)
    #expect(abs(estimate.breakdown.total / estimate.step.typical - 1) < 1e-9)
    let phases = estimate.phases.reduce(0) { $0 + $1.time.value }
    #expect(abs(phases / estimate.step.typical.value - 1) < 1e-9)
    #expect(estimate.modelFlopsUtilization < 0.6 && estimate.modelFlopsUtilization > 0.05)
  }
}
