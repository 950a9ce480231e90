/// Language models, alone and behind an image tower.
extension LayoutBuilder {
  /// The image's tokens stand before the text's.
  func visionLanguage(
    _ image: VisionTowerSpec, _ bridge: VisionLanguageBridge, _ language: LanguageModelSpec
  ) -> FamilyLayout {
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
  }

  func languageModel(_ language: LanguageModelSpec) -> FamilyLayout {
    let path = languagePath(language, trained: isTrained("language"))
    return FamilyLayout(
      towers: [tower("language", path.parameterElements)], imageChain: [], textChain: [],
      contrastive: nil, tail: [path], heldTokenElements: 0)
  }

  /// The segments of a language model, an encoder before its decoder where there is one.
  func languagePath(_ model: LanguageModelSpec, trained: Bool) -> TowerPath {
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
}
