import Testing
import Workloads

@Suite("Counts by kernel against counts by formula")
struct ParameterFormulaTests {
  @Test("parameters of 2,000 random models of all families")
  func randomModels() {
    var random = RandomModels(seed: 1)
    for _ in 0..<2000 {
      let family = random.family()
      let model = ModelSpec(id: "random", family: family, source: "")
      #expect(model.parameters == ClosedForm.total(family), "\(family)")
    }
  }

  @Test("forward FLOP of 500 random image and text towers")
  func randomFlops() {
    var random = RandomModels(seed: 2)
    for _ in 0..<500 {
      let image = random.image(output: random.number(1...12))
      let text = random.text(output: image.outputWidth)
      let model = ModelSpec(id: "random", family: .clip(image: image, text: text), source: "")
      let flops = model.forwardFlopsByTower.map(\.flops)
      #expect(flops == [ClosedForm.imageFlops(image), ClosedForm.textFlops(text)], "\(model)")
    }
  }

  @Test("forward FLOP of random blocks that attend across")
  func crossFlops() {
    var random = RandomModels(seed: 3)
    for _ in 0..<200 {
      var block = random.block(causal: true)
      block.crossAttentionWidth = random.number(1...20)
      block.crossMLP = random.flag()
      let tokens = random.number(1...9)
      let other = random.number(1...9)
      let graph = SegmentSpec.block(block).graph(
        BlockShape(samples: 1, tokens: tokens, crossTokens: other), style: .float32)
      let expected = ClosedForm.blockFlops(block, tokens: tokens, crossTokens: other)
      #expect(graph.forwardFlops == expected, "\(block)")
      #expect(graph.parameterElements == ClosedForm.block(block), "\(block)")
    }
  }

  /// ViT-B/16 by hand: 12 blocks of 7,087,872, embeddings 742,656, norms 3,072, head 393,216.
  @Test("ViT-B/16 by hand")
  func byHand() {
    let image = VisionTowerSpec(
      imageSize: 224, patchSize: 16,
      block: BlockSpec(width: 768, heads: 12, mlpWidth: 3072), layers: 12, outputWidth: 512)
    #expect(ClosedForm.block(image.block) == 7_087_872)
    #expect(ClosedForm.image(image) == 86_192_640)
  }

  /// Rows plus columns of every matrix, vectors whole: w = 10, f = 40.
  @Test("a factored optimizer keeps rows and columns")
  func factored() {
    let block = BlockSpec(width: 10, heads: 2, mlpWidth: 40)
    let graph = SegmentSpec.block(block).graph(
      BlockShape(samples: 1, tokens: 3), style: .float32)
    let matrices = (10 + 30) + (10 + 10) + (10 + 40) + (40 + 10)
    let vectors = 30 + 10 + 40 + 10 + 2 * 20
    #expect(graph.factoredElements == matrices + vectors)
    let text = TextTowerSpec(tokens: 5, vocabulary: 100, block: block, layers: 1, outputWidth: 8)
    let embedding = SegmentSpec.textEmbedding(text).graph(
      BlockShape(samples: 1, tokens: 5), style: .float32)
    #expect(embedding.factoredElements == (100 + 10) + 5 * 10)
  }
}
