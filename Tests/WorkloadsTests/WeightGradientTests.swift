import Testing
import Workloads

@Suite("Weight gradients")
struct WeightGradientTests {
  /// Elements of all weight gradients that a segment's backward writes.
  func gradientElements(_ graph: Graph, _ need: GradientNeed, _ type: ElementType) -> Int {
    let derived = graph.backward(need, gradientType: type)
    return derived.kernels.flatMap(\.writes).reduce(0) { sum, id in
      let tensor = derived.tensors[id.index]
      return sum + (tensor.role == .parameterGradient ? tensor.elements : 0)
    }
  }

  @Test("every parameter of a trained block gets exactly one gradient, in every style")
  func blocks() {
    var random = RandomModels(seed: 11)
    for style in [KernelStyle.float32, KeptActivationTests.pure, KeptActivationTests.autocast] {
      for round in 0..<150 {
        var block = random.block(causal: random.flag())
        if round.isMultiple(of: 2) {
          block.crossAttentionWidth = random.number(1...20)
          block.crossMLP = random.flag()
        }
        let graph = SegmentSpec.block(block).graph(
          BlockShape(
            samples: 2, tokens: 5, crossTokens: 3,
            conditioning: random.pick([.none, .dualAffine, .film])), style: style)
        for need in [GradientNeed.all, .weightsOnly] {
          #expect(
            gradientElements(graph, need, style.gradients) == graph.parameterElements, "\(block)")
        }
        #expect(gradientElements(graph, .inputOnly, style.gradients) == 0)
        #expect(gradientElements(graph, .none, style.gradients) == 0)
      }
    }
  }

  /// Tables of tokens are the exception: a scatter touches the rows of the batch alone.
  @Test("every parameter of heads and embeddings gets one gradient, tables of tokens aside")
  func ends() {
    var random = RandomModels(seed: 12)
    for _ in 0..<200 {
      let image = random.image(output: random.number(1...12))
      let text = random.text(output: random.number(1...12))
      let language = random.language()
      let shape = BlockShape(samples: 2, tokens: image.tokens)
      let words = BlockShape(samples: 2, tokens: text.tokens)
      let tokens = BlockShape(samples: 2, tokens: language.tokens)
      let tied = language.tiedEmbeddings ? language.vocabulary * language.block.width : 0
      let cases: [(SegmentSpec, BlockShape, Int)] = [
        (.patchEmbedding(image), shape, 0), (.visionHead(image), shape, 0),
        (.textEmbedding(text), words, -text.vocabulary * text.block.width),
        (.textHead(text), words, 0),
        (
          .languageEmbedding(language, decoder: false), tokens,
          -language.vocabulary * language.block.width
        ),
        // A tied output matrix is counted with the embedding and has its gradient here.
        (.languageHead(language), tokens, tied),
        (.projection(from: 7, to: 5), tokens, 0), (.tokenNorm(width: 6), tokens, 0),
      ]
      for (spec, shape, difference) in cases {
        let graph = spec.graph(shape, style: .float32)
        let found = gradientElements(graph, .all, .float32)
        // Of position tables only the rows of the sequence are read.
        let sizes = Dictionary(
          grouping: graph.tensors.filter { $0.role == .parameter }, by: \.name
        ).mapValues { $0.map(\.elements) }
        let unread = sizes.values.reduce(0) { $0 + ($1.max() ?? 0) - ($1.min() ?? 0) }
        #expect(found == graph.parameterElements + difference - unread, "\(spec)")
      }
    }
  }

  @Test("every parameter of BLIP-2's passes, poolers and decoders gets one gradient")
  func bridges() {
    var random = RandomModels(seed: 14)
    for _ in 0..<60 {
      let qformer = random.qformer(imageWidth: random.number(1...12))
      let table = qformer.vocabulary * qformer.block.width
      for pass in QFormerPass.allCases {
        let tokens = qformer.queryTokens(pass) + qformer.textTokens(pass)
        let shape = BlockShape(samples: 2, tokens: tokens, crossTokens: 4)
        let cases: [(SegmentSpec, Int)] = [
          (.qformerEmbedding(qformer, pass), qformer.textTokens(pass) == 0 ? 0 : -table),
          (.qformerBlock(qformer, pass, crossing: true), 0),
          (.qformerBlock(qformer, pass, crossing: false), 0),
          (.qformerHead(qformer, pass), pass == .caption ? table : 0),
        ]
        for (spec, difference) in cases {
          let graph = spec.graph(shape, style: .float32)
          let found = gradientElements(graph, .all, .float32)
          // Of position tables only the rows of the sequence are read.
          let sizes = Dictionary(
            grouping: graph.tensors.filter { $0.role == .parameter }, by: \.name
          ).mapValues { $0.map(\.elements) }
          let unread = sizes.values.reduce(0) { $0 + ($1.max() ?? 0) - ($1.min() ?? 0) }
          #expect(found == graph.parameterElements + difference - unread, "\(spec)")
        }
      }
      var pooled = random.image(output: random.number(2...12))
      pooled.poolerHeads = 1
      pooled.poolerQueries = random.number(2...5)
      pooled.poolerMLPWidth = random.number(0...9)
      for pooling in [Pooling.attention, .attentionalPooler, .mean] {
        pooled.pooling = pooling
        let shape = BlockShape(samples: 2, tokens: pooled.tokens)
        for spec in [SegmentSpec.visionHead(pooled), .classifierHead(pooled, classes: 7)] {
          let graph = spec.graph(shape, style: .float32)
          #expect(gradientElements(graph, .all, .float32) == graph.parameterElements, "\(spec)")
        }
      }
      let decoder = CaptionDecoderSpec(
        block: random.block(causal: true), layers: 1, tokens: 4, vocabulary: 9)
      let graph = SegmentSpec.captionHead(decoder).graph(
        BlockShape(samples: 2, tokens: 4), style: .float32)
      #expect(gradientElements(graph, .all, .float32) == graph.parameterElements)
    }
  }

  @Test("a kernel reads only what exists: inputs, parameters, constants or earlier results")
  func order() {
    var random = RandomModels(seed: 13)
    for style in [KernelStyle.float32, KeptActivationTests.autocast] {
      for _ in 0..<150 {
        let graph = SegmentSpec.block(random.block()).graph(
          BlockShape(samples: 2, tokens: 5), style: style)
        let analysis = SegmentAnalysis(
          graph: graph, need: .all, gradientType: style.gradients)
        var made = Set(graph.inputs)
        for kernel in analysis.forward {
          for id in kernel.reads where graph.tensor(id).role == .activation {
            #expect(made.contains(id), "\(kernel.label) reads \(graph.tensor(id).name)")
          }
          made.formUnion(kernel.writes)
        }
        made.formUnion(graph.backward(.all, gradientType: style.gradients).arriving)
        for kernel in analysis.backward {
          for id in kernel.reads where analysis.tensors[id.index].role == .activation {
            #expect(made.contains(id), "\(kernel.label) reads \(analysis.tensors[id.index].name)")
          }
          made.formUnion(kernel.writes)
        }
      }
    }
  }
}
