import Testing
import Workloads

/// Layers that ranks share, against the formulas of the papers.
struct ShardingTests {
  private let block: BlockSpec = {
    var block = BlockSpec(width: 512, heads: 8, mlpWidth: 2048)
    block.causal = true
    block.dropout = 0.1
    block.attentionDropout = 0.1
    return block
  }()

  /// Megatron-LM: fused softmax, bias, dropout and residual; scores stored.
  private let megatron: KernelStyle = {
    var style = KernelStyle(
      compute: .float16, residual: .float16, weights: .float16, gradients: .float16,
      normInFloat32: false, softmaxInFloat32: false, headCopies: false, fusedScaleMaskSoftmax: true,
      fusedResidual: true, fusedActivation: true, attention: .unfused)
    style.dropout = true
    return style
  }()

  private func shape(_ tensor: Int, sequence: Bool = false) -> BlockShape {
    var shape = BlockShape(samples: 2, tokens: 256)
    shape.sharding = Sharding(tensor: tensor, sequence: sequence)
    return shape
  }

  private func analysis(_ tensor: Int, sequence: Bool = false) -> SegmentAnalysis {
    SegmentAnalysis(
      graph: SegmentSpec.block(block).graph(shape(tensor, sequence: sequence), style: megatron),
      need: .all, gradientType: .float16)
  }

  private func collectives(_ kernels: [Kernel]) -> [LayerCollective] {
    kernels.compactMap {
      if case .collective(let collective) = $0.operation { collective } else { nil }
    }
  }

  /// Activations of a layer, arXiv 2205.05198, equations 1, 2 and 4: `s b h (34 + 5 a s / h)` on one
  /// rank, `s b h (10 + 24 / t + 5 a s / (h t))` on t, all of it over t with sequence parallelism.
  @Test(arguments: [1, 2, 4, 8]) func keptBytesAreThePapers(tensor: Int) {
    let sbh = 256.0 * 2 * 512
    let scores = 5.0 * 8 * 256 / 512
    let t = Double(tensor)
    #expect(Double(analysis(tensor).keptBytes) == sbh * (10 + 24 / t + scores / t))
    #expect(Double(analysis(tensor, sequence: true).keptBytes) == sbh * (34 + scores) / t)
    // Selective recomputation leaves what grows with the tokens alone (section 5).
    #expect(Double(analysis(tensor, sequence: true).selectiveKeptBytes) == sbh * 34 / t)
  }

  @Test func productsAreDividedAndSumToTheWhole() {
    let (one, four) = (analysis(1), analysis(4))
    #expect(four.forwardFlops == one.forwardFlops / 4)
    let norms = 4 * 512
    let rowBiases = 2 * 512
    #expect(
      four.parameterElements
        == (one.parameterElements - norms - rowBiases) / 4 + norms + rowBiases)
    #expect(collectives(one.forward).isEmpty && collectives(one.backward).isEmpty)
  }

  /// Two all-reduces each way, of the residual stream (arXiv 1909.08053, figure 4).
  @Test func aLayerReducesTwiceEachWay() {
    let stream = 2 * 256 * 512 * 2
    for kernels in [analysis(4).forward, analysis(4).backward] {
      let found = collectives(kernels)
      #expect(found.map(\.kind) == [.allReduce, .allReduce])
      #expect(found.allSatisfy { $0.bytes == stream })
    }
  }

  /// Gather and scatter in the place of each all-reduce; the backward gathers the inputs of both
  /// weight gradients once more (arXiv 2205.05198, section 4.2.2).
  @Test func sequenceParallelLayersGatherAndScatter() {
    let stream = 2 * 256 * 512 * 2
    let layer = analysis(4, sequence: true)
    #expect(
      collectives(layer.forward).map(\.kind)
        == [.allGather, .reduceScatter, .allGather, .reduceScatter])
    let back = collectives(layer.backward)
    #expect(back.filter { $0.kind == .allGather }.count == 4)
    #expect(back.filter { $0.kind == .reduceScatter }.count == 2)
    #expect((collectives(layer.forward) + back).allSatisfy { $0.bytes == stream })
    #expect(layer.inputBytes == stream / 4)
  }

  /// The logits of a rank are those of its share of the vocabulary.
  @Test func headsShareTheVocabulary() {
    let model = LanguageModelSpec(
      vocabulary: 1000, block: block, layers: 2, positions: 256, tokens: 256)
    func flops(_ tensor: Int) -> Double {
      SegmentSpec.languageHead(model).graph(shape(tensor), style: megatron).forwardFlops
    }
    #expect(flops(4) == flops(1) / 4)
  }
}
