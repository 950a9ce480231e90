import Workloads

extension StepProgram {
  /// Model FLOP of one optimizer step of one rank, what is recomputed included.
  ///
  /// - Parameter chosen: Which segments count, by tower name and kind; nil: all.
  /// - Returns: FLOP of forward, backward and recomputed kernels.
  func flops(of chosen: ((String, SegmentSpec) -> Bool)? = nil) -> Double {
    phases.reduce(0) { sum, phase in
      let steps = phase.steps.reduce(0) { $0 + flops($1, chosen) }
      return sum + steps * Double(phase.repeats) / Double(phase.every)
    }
  }

  /// The same of one phase alone, over all its occurrences.
  func flops(in name: PhaseName) -> Double {
    phases.filter { $0.name == name }.reduce(0) { sum, phase in
      let steps = phase.steps.reduce(0) { $0 + flops($1, nil) }
      return sum + steps * Double(phase.repeats) / Double(phase.every)
    }
  }

  private func flops(_ step: Step, _ chosen: ((String, SegmentSpec) -> Bool)?) -> Double {
    func graph(_ index: Int) -> Graph? {
      let segment = segments[index]
      if let chosen, !chosen(towers[segment.tower].name, segment.spec) { return nil }
      return segment.spec.graph(segment.shape, style: segment.style)
    }
    switch step {
    case .forward(let segment, let count, _, _, _, _):
      return Double(count) * (graph(segment)?.forwardFlops ?? 0)
    case .backward(let segment, let count, let keep, let need, _, _, _):
      guard let graph = graph(segment) else { return 0 }
      let analysis = SegmentAnalysis(
        graph: graph, need: need, gradientType: segments[segment].style.gradients)
      let back = analysis.backward.reduce(0) { $0 + $1.operation.modelFlops }
      let again: Double
      switch keep {
      case .input: again = analysis.forwardFlops
      case .selective:
        again = analysis.selectiveRecompute.reduce(0) { $0 + $1.operation.modelFlops }
      case .all, .nothing: again = 0
      }
      return Double(count) * (back + again)
    default: return 0
    }
  }

  /// Labels of all backward kernels of a tower, with the need that they serve.
  func backwardKernels(of tower: String) -> [(label: String, need: GradientNeed)] {
    phases.flatMap(\.steps).flatMap { step -> [(label: String, need: GradientNeed)] in
      guard case .backward(let index, _, _, let need, _, _, _) = step,
        towers[segments[index].tower].name == tower
      else { return [] }
      let segment = segments[index]
      let analysis = SegmentAnalysis(
        graph: segment.spec.graph(segment.shape, style: segment.style), need: need,
        gradientType: segment.style.gradients)
      return analysis.backward.map { ($0.label, need) }
    }
  }
}

/// Models whose numbers are known by hand.
enum Known {
  /// EVA-02-CLIP-E/14+: Sun et al., arXiv 2303.15389.
  static var enormous: ModelSpec {
    var block = BlockSpec(width: 1792, heads: 16, mlpWidth: 15360)
    block.normPosition = .post
    block.attentionBias = .queryValue
    var image = VisionTowerSpec(
      imageSize: 224, patchSize: 14, block: block, layers: 64, outputWidth: 1024)
    image.patchBias = true
    image.preNorm = false
    image.outputBias = true
    var words = BlockSpec(width: 1280, heads: 20, mlpWidth: 5120)
    words.causal = true
    let text = TextTowerSpec(
      tokens: 77, vocabulary: 49408, block: words, layers: 32, outputWidth: 1024)
    return ModelSpec(id: "E-14-plus", family: .clip(image: image, text: text), source: "")
  }

  /// BLIP-2 stage 1 with ViT-g: Li et al., arXiv 2301.12597.
  static var bridge: ModelSpec {
    ModelSpec(
      id: "blip2", family: .blip2Stage1(image: giant, qformer: queries), source: "",
      frozenByDefault: ["image"])
  }

  static var giant: VisionTowerSpec {
    var block = BlockSpec(width: 1408, heads: 16, mlpWidth: 6144)
    block.attentionBias = .queryValue
    var image = VisionTowerSpec(
      imageSize: 224, patchSize: 14, block: block, layers: 39, outputWidth: nil)
    image.patchBias = true
    image.preNorm = false
    image.finalNorm = false
    image.pooling = .none
    return image
  }

  static var queries: QFormerSpec {
    var block = BlockSpec(width: 768, heads: 12, mlpWidth: 3072)
    block.normPosition = .postResidual
    block.crossAttentionWidth = 1408
    return QFormerSpec(
      block: block, layers: 12, queries: 32, vocabulary: 30523, positions: 512, textTokens: 32,
      embeddingWidth: 256)
  }

  /// Two towers of two blocks: quick to write and to differentiate.
  static var small: ModelSpec {
    var words = BlockSpec(width: 16, heads: 2, mlpWidth: 64)
    words.causal = true
    return ModelSpec(
      id: "small",
      family: .clip(
        image: VisionTowerSpec(
          imageSize: 16, patchSize: 4, block: BlockSpec(width: 24, heads: 3, mlpWidth: 96),
          layers: 2, outputWidth: 8),
        text: TextTowerSpec(
          tokens: 7, vocabulary: 100, block: words, layers: 2, outputWidth: 8)), source: "")
  }
}
