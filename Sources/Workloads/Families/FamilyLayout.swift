/// How a family's towers are chained in a step: what the program writer works from.
struct FamilyLayout: Sendable {
  /// Towers with their parameters.
  var towers: [StepProgram.Tower]
  /// From pixels to what is compared: image tower, then a bridge where there is one.
  var imageChain: [TowerPath]
  /// The text tower, forward once.
  var textChain: [TowerPath]
  /// The contrastive space; nil for families without a contrastive loss.
  var contrastive: Contrastive?
  /// Passes after the contrastive loss that carry losses of their own.
  var tail: [TowerPath]
  /// Bytes of tokens that the image chain hands to passes which attend across, per sample and
  /// element: elements per sample; held from the image forward to the end of the backward.
  var heldTokenElements: Int
  /// Elements per sample that BLIP-2's matching pairs hold.
  var pairTokenElements: Int = 0

  /// The contrastive loss of a family.
  struct Contrastive: Sendable {
    var width: Int
    var kind: ContrastiveKind
    /// Vectors per image (BLIP-2: one per query).
    var vectorsPerImage: Int
    /// Label smoothing, as BLIP-2's contrastive loss has it.
    var smoothing: Float = 0
  }
}

extension ModelSpec {
  /// Names of this model's towers, in the order of reports.
  public var towerNames: [String] { layout(frozen: [], patchDropout: 0).towers.map(\.name) }

  /// The chains of a step.
  ///
  /// `frozen`: names of towers that are not trained.
  /// `partial`: what is trained of towers that are neither frozen nor trained whole.
  /// `patchDropout`: share of image patches dropped.
  /// `imageSize`: another image size than the model's, for attacks at lower resolution.
  func layout(
    frozen: Set<String>, partial: [String: Trainability] = [:], patchDropout: Double,
    imageSize: Int? = nil
  ) -> FamilyLayout {
    wholeLayout(frozen: frozen, patchDropout: patchDropout, imageSize: imageSize)
      .training(partial.filter { !frozen.contains($0.key) })
  }

  /// The chains of a step whose towers are frozen or trained whole.
  private func wholeLayout(
    frozen: Set<String>, patchDropout: Double, imageSize: Int?
  ) -> FamilyLayout {
    func isTrained(_ name: String) -> Bool { !frozen.contains(name) }
    func vision(_ spec: VisionTowerSpec) -> VisionTowerSpec {
      guard let imageSize else { return spec }
      var resized = spec
      resized.imageSize = imageSize
      return resized
    }
    func imagePath(_ spec: VisionTowerSpec, head: SegmentSpec?) -> TowerPath {
      let resized = vision(spec)
      let tokens = resized.tokens(patchDropout: patchDropout)
      var entries: [TowerPath.Entry] = [
        .init(spec: .patchEmbedding(resized), count: 1, tokens: tokens),
        .init(spec: .block(resized.block), count: resized.layers, tokens: tokens),
      ]
      if let head { entries.append(.init(spec: head, count: 1, tokens: tokens)) }
      return TowerPath(
        name: "image", role: .image, trainable: isTrained("image"), entries: entries)
    }
    func textPath(_ spec: TextTowerSpec) -> TowerPath {
      var block = spec.block
      block.endsInClassToken = spec.classToken
      return TowerPath(
        name: "text", role: .text, trainable: isTrained("text"),
        entries: [
          .init(spec: .textEmbedding(spec), count: 1, tokens: spec.tokens),
          .init(spec: .block(block), count: spec.layers, tokens: spec.tokens),
          .init(spec: .textHead(spec), count: 1, tokens: spec.tokens),
        ])
    }
    /// Compared features end divided by their length.
    func normalised(_ path: TowerPath, width: Int, vectors: Int = 1) -> TowerPath {
      var path = path
      path.entries.append(
        TowerPath.Entry(spec: .normalise(width: width), count: 1, tokens: vectors))
      return path
    }
    func tower(_ name: String, _ parameters: Int) -> StepProgram.Tower {
      StepProgram.Tower(name: name, parameters: parameters, trainable: isTrained(name))
    }

    switch family {
    case .clip(let image, let text), .sigLIP(let image, let text):
      let isSigmoid: Bool
      if case .sigLIP = family { isSigmoid = true } else { isSigmoid = false }
      let width = text.outputWidth ?? text.block.width
      let imagePath = normalised(
        imagePath(image, head: .visionHead(vision(image))), width: width)
      let textPath = normalised(textPath(text), width: width)
      return FamilyLayout(
        towers: [
          tower("image", countedImage(image)), tower("text", textPath.parameterElements),
          // The logit scale, and the sigmoid loss's bias.
          StepProgram.Tower(name: "loss", parameters: isSigmoid ? 2 : 1, trainable: true),
        ],
        imageChain: [imagePath], textChain: [textPath],
        contrastive: .init(
          width: width, kind: isSigmoid ? .sigmoid : .infoNCE, vectorsPerImage: 1),
        tail: [], heldTokenElements: 0)
    case .coca(let image, let text, let decoder):
      let width = text.outputWidth ?? text.block.width
      var handingOn = vision(image)
      handingOn.handsOnTokens = true
      var imagePath = normalised(
        imagePath(image, head: .visionHead(handingOn)), width: width)
      let textPath = normalised(textPath(text), width: width)
      let queries = image.poolerQueries
      let crossTokens = handingOn.handedOnTokens(
        of: queries > 0 ? queries : handingOn.tokens(patchDropout: patchDropout))
      var tail = TowerPath(
        name: "decoder", role: .decoder, trainable: isTrained("decoder"),
        entries: [
          .init(
            spec: .captionInput(width: decoder.block.width, textTokens: text.tokens), count: 1,
            tokens: decoder.tokens),
          .init(
            spec: .block(decoder.block), count: decoder.layers, tokens: decoder.tokens,
            crossTokens: crossTokens),
          .init(spec: .captionHead(decoder), count: 1, tokens: decoder.tokens),
        ])
      tail.inputNeedsGradient = textPath.trainable
      tail.crossNeedsGradient = imagePath.trainable
      imagePath.inputNeedsGradient = false
      return FamilyLayout(
        towers: [
          tower("image", countedImage(image)), tower("text", textPath.parameterElements),
          tower("decoder", tail.parameterElements),
          StepProgram.Tower(name: "loss", parameters: 1, trainable: true),
        ],
        imageChain: [imagePath], textChain: [textPath],
        contrastive: .init(width: width, kind: .infoNCE, vectorsPerImage: 1),
        tail: [tail],
        heldTokenElements: crossTokens * (decoder.block.crossAttentionWidth ?? 0))
    case .blip2Stage1(let image, let qformer):
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
    case .blip2Stage2(let image, let qformer, let language):
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
    case .visionLanguage(let image, let bridge, let language):
      let imagePath = imagePath(image, head: nil)
      var chain: [TowerPath]
      var towers = [tower("image", imagePath.parameterElements)]
      var projector = TowerPath(
        name: "projector", role: .bridge, trainable: isTrained("projector"), entries: [])
      let prefixTokens: Int
      switch bridge {
      case .perceptron(let layers):
        let tokens = imagePath.entries[0].tokens
        chain = [imagePath]
        prefixTokens = tokens - (image.classToken ? 1 : 0)
        projector.entries = [
          .init(
            spec: .projector(
              from: image.block.width, to: language.block.width, layers: layers,
              classToken: image.classToken), count: 1, tokens: tokens)
        ]
        projector.inputNeedsGradient = imagePath.trainable
      case .qformer(let qformer):
        chain = blip2Chain(image, qformer, .queries, imagePath, isTrained("qformer"))
        chain[1].entries.removeLast()
        prefixTokens = qformer.queries
        towers.append(tower("qformer", chain[1].parameterElements))
        projector.entries = [
          .init(
            spec: .projector(
              from: qformer.block.width, to: language.block.width, layers: 1, classToken: false),
            count: 1, tokens: qformer.queries)
        ]
        projector.inputNeedsGradient = chain[1].trainable || imagePath.trainable
      }
      chain.append(projector)
      towers.append(tower("projector", projector.parameterElements))
      var prefixed = language
      // Readers say so where a sequence does not hold the image's tokens.
      prefixed.prefixTokens = min(prefixTokens, max(0, language.tokens - 1))
      var model = languagePath(prefixed, trained: isTrained("language"))
      model.inputNeedsGradient = projector.trainable || projector.inputNeedsGradient
      towers.append(tower("language", model.parameterElements))
      return FamilyLayout(
        towers: towers, imageChain: chain, textChain: [], contrastive: nil, tail: [model],
        heldTokenElements: 0)
    case .imageClassifier(let image, let classes):
      let path = imagePath(image, head: .classifierHead(vision(image), classes: classes))
      let counted = ModelSpec.classifierParameters(image, classes: classes)
      return FamilyLayout(
        towers: [tower("image", counted)], imageChain: [path], textChain: [], contrastive: nil,
        tail: [], heldTokenElements: 0)
    case .languageModel(let language):
      let path = languagePath(language, trained: isTrained("language"))
      return FamilyLayout(
        towers: [tower("language", path.parameterElements)], imageChain: [], textChain: [],
        contrastive: nil, tail: [path], heldTokenElements: 0)
    }
  }

  /// Parameters of an image tower at its own resolution.
  private func countedImage(_ image: VisionTowerSpec) -> Int {
    TowerPath(
      name: "image", role: .image, trainable: true,
      entries: [
        .init(spec: .patchEmbedding(image), count: 1, tokens: image.tokens),
        .init(spec: .block(image.block), count: image.layers, tokens: image.tokens),
        .init(spec: .visionHead(image), count: 1, tokens: image.tokens),
      ]
    ).parameterElements
  }

  private static func classifierParameters(_ image: VisionTowerSpec, classes: Int) -> Int {
    TowerPath(
      name: "image", role: .image, trainable: true,
      entries: [
        .init(spec: .patchEmbedding(image), count: 1, tokens: image.tokens),
        .init(spec: .block(image.block), count: image.layers, tokens: image.tokens),
        .init(spec: .classifierHead(image, classes: classes), count: 1, tokens: image.tokens),
      ]
    ).parameterElements
  }

  private func blip2Chain(
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

  private func languagePath(_ model: LanguageModelSpec, trained: Bool) -> TowerPath {
    var entries: [TowerPath.Entry] = []
    let isEncoderDecoder = model.encoderLayers > 0
    entries.append(
      .init(
        spec: .languageEmbedding(model, decoder: false), count: 1, tokens: model.tokens))
    if let encoder = model.encoderBlock, isEncoderDecoder {
      entries.append(.init(spec: .block(encoder), count: model.encoderLayers, tokens: model.tokens))
      entries.append(.init(spec: .encoderNorm(model), count: 1, tokens: model.tokens))
      entries.append(
        .init(
          spec: .languageEmbedding(model, decoder: true), count: 1, tokens: model.decoderTokens))
      entries.append(
        .init(
          spec: .block(model.block), count: model.layers, tokens: model.decoderTokens,
          crossTokens: model.tokens))
      entries.append(.init(spec: .languageHead(model), count: 1, tokens: model.decoderTokens))
    } else {
      entries.append(.init(spec: .block(model.block), count: model.layers, tokens: model.tokens))
      entries.append(.init(spec: .languageHead(model), count: 1, tokens: model.tokens))
    }
    var path = TowerPath(
      name: "language", role: .language, trainable: trained, entries: entries)
    path.crossNeedsGradient = isEncoderDecoder
    return path
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
