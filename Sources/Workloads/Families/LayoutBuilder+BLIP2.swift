/// BLIP-2: an image tower, and a Q-Former whose passes share weights.
extension LayoutBuilder {
  /// Contrastive, matching and caption losses on the Q-Former.
  func blip2Stage1(_ image: VisionTowerSpec, _ qformer: QFormerSpec) -> FamilyLayout {
    var chain = blip2Chain(
      image, qformer, .cachingQueries, imagePath(image, head: nil), isTrained("qformer"))
    chain[1] = normalised(
      chain[1], width: qformer.embeddingWidth, vectors: qformer.queries)
    let imageTokens = vision(image).tokens(patchDropout: patchDropout)
    let text = normalised(
      qformerPath(qformer, .text, imageTokens: imageTokens, isTrained("qformer")),
      width: qformer.embeddingWidth)
    var matching = qformerPath(
      qformer, .matching, imageTokens: imageTokens, isTrained("qformer"))
    matching.samplesFactor = 3
    matching.crossNeedsGradient = matching.trainable || isTrained("image")
    var caption = qformerPath(
      qformer, .caption, imageTokens: imageTokens, isTrained("qformer"))
    // The cached keys of the queries carry gradients back.
    caption.crossNeedsGradient = caption.trainable
    caption.crossFollowsBlocks = caption.trainable
    return FamilyLayout(
      towers: [
        tower("image", imagePath(image, head: nil).parameterElements),
        tower("qformer", sharedParameters(qformer, image: image) + 2 * image.block.width),
        // The contrastive temperature.
        StepProgram.Tower(name: "loss", parameters: 1, trainable: true),
      ],
      imageChain: chain, textChain: [text],
      contrastive: .init(
        width: qformer.embeddingWidth, kind: .infoNCE, vectorsPerImage: qformer.queries,
        smoothing: 0.1),
      tail: [matching, caption],
      heldTokenElements: imageTokens * image.block.width,
      pairTokenElements: 3 * imageTokens * image.block.width)
  }

  /// The queries stand before the text of a language model.
  func blip2Stage2(
    _ image: VisionTowerSpec, _ qformer: QFormerSpec, _ language: LanguageModelSpec
  ) -> FamilyLayout {
    var chain = blip2Chain(
      image, qformer, .queries, imagePath(image, head: nil), isTrained("qformer"))
    let imageTokens = vision(image).tokens(patchDropout: patchDropout)
    let last = chain.count - 1
    // Stage 2 has no contrastive head: the queries are projected into the language model.
    chain[last].entries.removeLast()
    chain[last].entries.append(
      .init(
        spec: .projection(from: qformer.block.width, to: language.block.width), count: 1,
        tokens: qformer.queries))
    let bridge = chain[last].parameterElements
    var prefixed = language
    prefixed.prefixTokens = qformer.queries
    var model = languagePath(prefixed, trained: isTrained("language"))
    model.inputNeedsGradient = isTrained("qformer") || isTrained("image")
    return FamilyLayout(
      towers: [
        tower("image", imagePath(image, head: nil).parameterElements),
        tower("qformer", bridge), tower("language", model.parameterElements),
      ],
      imageChain: chain, textChain: [], contrastive: nil, tail: [model],
      heldTokenElements: imageTokens * image.block.width)
  }

  /// The image tower and the Q-Former behind it.
  func blip2Chain(
    _ image: VisionTowerSpec, _ qformer: QFormerSpec, _ pass: QFormerPass, _ path: TowerPath,
    _ trained: Bool
  ) -> [TowerPath] {
    let tokens = path.entries[0].tokens
    var bridge = qformerPath(qformer, pass, imageTokens: tokens, trained)
    bridge.entries.insert(
      .init(spec: .tokenNorm(width: image.block.width), count: 1, tokens: tokens), at: 0)
    bridge.crossNeedsGradient = trained || path.trainable
    bridge.inputNeedsGradient = path.trainable
    return [path, bridge]
  }

  private func qformerPath(
    _ qformer: QFormerSpec, _ pass: QFormerPass, imageTokens: Int, _ trained: Bool
  ) -> TowerPath {
    let tokens = qformer.queryTokens(pass) + qformer.textTokens(pass)
    var entries: [TowerPath.Entry] = [
      .init(spec: .qformerEmbedding(qformer, pass), count: 1, tokens: tokens)
    ]
    if qformer.queryTokens(pass) > 0 {
      // Every second block attends across, from the first.
      for layer in 0..<qformer.layers {
        let crossing = layer % 2 == 0
        entries.append(
          .init(
            spec: .qformerBlock(qformer, pass, crossing: crossing), count: 1, tokens: tokens,
            crossTokens: crossing ? imageTokens : 0))
      }
    } else {
      entries.append(
        .init(
          spec: .qformerBlock(qformer, pass, crossing: false), count: qformer.layers,
          tokens: tokens))
    }
    entries.append(.init(spec: .qformerHead(qformer, pass), count: 1, tokens: tokens))
    let role: Pass.Role =
      switch pass {
      case .queries, .cachingQueries: .bridge
      case .text: .text
      case .matching: .matching
      case .caption: .caption
      }
    return TowerPath(name: "qformer", role: role, trainable: trained, entries: entries)
  }

  /// Parameters of a Q-Former whose passes share weights: the union over passes, by name.
  private func sharedParameters(_ qformer: QFormerSpec, image: VisionTowerSpec) -> Int {
    var total = 0
    func union(_ graphs: [Graph]) -> Int {
      var seen: [String: Int] = [:]
      for graph in graphs {
        for tensor in graph.tensors where tensor.role == .parameter && !tensor.name.contains("tied")
        {
          // A pass may read the first rows of a table only.
          seen[tensor.name] = max(seen[tensor.name] ?? 0, tensor.elements)
        }
      }
      return seen.values.reduce(0, +)
    }
    let passes = QFormerPass.allCases.filter { $0 != .queries }
    func graph(_ spec: SegmentSpec, _ pass: QFormerPass) -> Graph {
      let tokens = qformer.queryTokens(pass) + qformer.textTokens(pass)
      return spec.graph(
        BlockShape(samples: 1, tokens: tokens, crossTokens: image.tokens), style: .float32)
    }
    total += union(passes.map { graph(.qformerEmbedding(qformer, $0), $0) })
    total += union(passes.map { graph(.qformerHead(qformer, $0), $0) })
    let crossing = (qformer.layers + 1) / 2
    total += crossing * union(passes.map { graph(.qformerBlock(qformer, $0, crossing: true), $0) })
    total +=
      (qformer.layers - crossing)
      * union(passes.map { graph(.qformerBlock(qformer, $0, crossing: false), $0) })
    return total
  }
}
