import Testing
import Workloads

struct PipelineStageTests {
  private func counts(_ layers: Int, _ stages: Int) -> [Int] {
    (0..<stages).map { PipelineStage(index: $0, count: stages).blocks(of: layers) }
  }

  @Test func everyBlockIsOnOneStage() {
    for stages in 1...9 {
      for layers in stages...40 {
        let counts = counts(layers, stages)
        #expect(counts.reduce(0, +) == layers)
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
      }
    }
  }

  /// BLOOM has 70 blocks on 12 stages: 5 at the ends, 6 between (arXiv 2211.05100, section 3.3.1).
  @Test func theEndsAreLighter() {
    #expect(counts(70, 12) == [5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5])
  }

  /// Parameters of all ranks: the model, norms and row biases on every tensor-parallel rank, and the
  /// tied table on both ends.
  @Test(arguments: [(1, 4), (2, 1), (2, 4)]) func stagesSumToTheModel(tensor: Int, stages: Int) {
    var block = BlockSpec(width: 64, heads: 4, mlpWidth: 256)
    block.causal = true
    let language = LanguageModelSpec(
      vocabulary: 1000, block: block, layers: 8, positions: 32, tokens: 32)
    let model = ModelSpec(id: "lm", family: .languageModel(language), source: "test")
    func parameters(_ index: Int) -> Int {
      var options = ProgramOptions(microBatch: 1)
      options.sharding = Sharding(tensor: tensor)
      options.stage = PipelineStage(index: index, count: stages)
      return model.stepProgram(options).parameters
    }
    let sum = (0..<stages).reduce(0) { $0 + tensor * parameters($1) }
    // Per block: 2 norms of scale and bias, biases of both row-cut products; final norm; positions.
    let repeated = (tensor - 1) * (8 * 6 * 64 + 2 * 64 + 32 * 64)
    let tied = stages > 1 ? 1000 * 64 : 0
    #expect(sum == model.parameters + repeated + tied)
  }

  @Test func aStageRunsItsBlocksAlone() {
    var block = BlockSpec(width: 64, heads: 4, mlpWidth: 256)
    block.causal = true
    let language = LanguageModelSpec(
      vocabulary: 1000, block: block, layers: 8, positions: 32, tokens: 32)
    let model = ModelSpec(id: "lm", family: .languageModel(language), source: "test")
    func segments(_ index: Int) -> [SegmentSpec] {
      var options = ProgramOptions(microBatch: 1)
      options.stage = PipelineStage(index: index, count: 4)
      return model.stepProgram(options).segments.map(\.spec)
    }
    #expect(segments(0) == [.languageEmbedding(language, decoder: false), .block(block)])
    #expect(segments(1) == [.block(block)])
    #expect(segments(3) == [.block(block), .languageHead(language)])
  }
}
