import Workloads

/// What a family does with the tokens of an image tower.
enum ImageRole {
  /// Pools and projects them into the contrastive space of this width.
  case embeds(width: Int)
  /// Pools them for a classifier.
  case classifies
  /// Hands all of them on, without a final norm: BLIP-2.
  case handsOn
}

/// How a pooled vector gets into the contrastive space.
enum ProjectionKind: String, CaseIterable {
  /// A matrix.
  case linear
  /// A matrix and a bias.
  case linearWithBias = "linear-with-bias"
  /// Nothing: the tower has that width already.
  case none
}

/// Where an image tower's final norm acts.
enum FinalNorm: String, CaseIterable {
  /// On the pooled vector.
  case pooled
  /// On every token.
  case tokens
  /// There is none.
  case none
}

extension Section {
  /// An image tower.
  func imageTower(_ role: ImageRole) -> VisionTowerSpec {
    let before = reader.diagnostics.count
    let imageSize = required("image_size", .pixels)
    let patchSize = required("patch_size", .pixels)
    let layers = required("layers", .layerCount)
    if reader.diagnostics.count == before {
      checkPatches(imageSize: imageSize, patchSize: patchSize)
    }
    let block = self.block(causal: false)
    var tower = VisionTowerSpec(
      imageSize: imageSize, patchSize: patchSize, block: block, layers: layers, outputWidth: nil)
    tower.classToken = value("class_token", .bool, default: true)
    tower.patchBias = value("patch_bias", .bool, default: false)
    tower.positions = value("positions", .bool, default: true)
    tower.preNorm = value("pre_norm", .bool, default: true)
    if case .handsOn = role {
      tower.finalNorm = false
      tower.pooling = .none
      return tower
    }
    let finalNorm = value("final_norm", .enumeration(of: FinalNorm.self), default: .pooled)
    tower.finalNorm = finalNorm != .none
    tower.finalNormAfterPooling = finalNorm != .tokens
    if case .embeds(let width) = role {
      (tower.outputWidth, tower.outputBias) = projection(from: block.width, to: width)
    }
    readPooling(into: &tower)
    return tower
  }

  private func checkPatches(imageSize: Int, patchSize: Int) {
    guard imageSize.isMultiple(of: patchSize) else {
      let near = max(1, (imageSize + patchSize / 2) / patchSize) * patchSize
      error(
        "patch_size", "an image of \(imageSize) px does not divide into patches of \(patchSize) px",
        help: "the nearest image_size that does is \(near) px")
      return
    }
    let patches = (imageSize / patchSize) * (imageSize / patchSize)
    if patches > 131_071 {
      error(
        "patch_size", "\(patches) patches are more than the limit of 131071",
        help: "use larger patches or a smaller image")
    }
  }

  private func readPooling(into tower: inout VisionTowerSpec) {
    let words: [Pooling] = [.classToken, .mean, .attention, .attentionalPooler]
    tower.pooling = value(
      "pooling", .word(among: words.map { ($0.rawValue, $0) }),
      default: tower.classToken ? .classToken : .mean)
    switch tower.pooling {
    case .classToken:
      if !tower.classToken {
        error(
          "pooling", "there is no class token to pool", help: "use mean or attention pooling")
      }
    case .attention, .attentionalPooler:
      let before = reader.diagnostics.count
      tower.poolerHeads = required("pooler_heads", .headCount)
      var width = tower.block.width
      if tower.pooling == .attention {
        tower.poolerMLPWidth = value("pooler_mlp_width", .hiddenWidth, default: 0)
      } else {
        tower.poolerQueries = required("pooler_queries", .tokenCount)
        width = tower.outputWidth ?? width
      }
      if reader.diagnostics.count == before, !width.isMultiple(of: tower.poolerHeads) {
        error(
          "pooler_heads", "a width of \(width) does not divide into \(tower.poolerHeads) heads",
          help: "use a divisor of \(width)")
      }
    case .mean, .endToken, .last, .cascadedPooler, .none: break
    }
  }

  /// The output width and whether it has a bias.
  private func projection(from width: Int, to embedding: Int) -> (width: Int?, bias: Bool) {
    switch value("projection", .enumeration(of: ProjectionKind.self), default: .linear) {
    case .linear: return (embedding, false)
    case .linearWithBias: return (embedding, true)
    case .none:
      if width != embedding {
        error(
          "projection",
          "without a projection the width \(width) must be the embedding width \(embedding)",
          help: "use linear, or make the widths equal")
      }
      return (nil, false)
    }
  }

  /// A text tower of CLIP kind.
  func textTower(embeddingWidth: Int) -> TextTowerSpec {
    let tokens = required("tokens", .tokenCount)
    let vocabulary = required("vocabulary", .tableSize)
    let layers = required("layers", .layerCount)
    let block = self.block(causal: true)
    let output = projection(from: block.width, to: embeddingWidth)
    var tower = TextTowerSpec(
      tokens: tokens, vocabulary: vocabulary, block: block, layers: layers,
      outputWidth: output.width)
    tower.outputBias = output.bias
    tower.classToken = value("class_token", .bool, default: false)
    let words: [Pooling] = tower.classToken ? [.classToken] : [.endToken, .last]
    tower.pooling = value(
      "pooling", .word(among: words.map { ($0.rawValue, $0) }), default: words[0])
    return tower
  }

  /// CoCa's multimodal decoder over tokens of `imageWidth`.
  func captionDecoder(imageWidth: Int) -> CaptionDecoderSpec {
    let tokens = required("tokens", .tokenCount)
    let vocabulary = required("vocabulary", .tableSize)
    let layers = required("layers", .layerCount)
    let before = reader.diagnostics.count
    var block = self.block(causal: true)
    block.crossAttentionWidth = imageWidth
    block.crossMLP = true
    if reader.diagnostics.count == before, block.width != imageWidth {
      error(
        "width", "the decoder is \(block.width) wide, the image tokens it attends to \(imageWidth)",
        help: "make them equal")
    }
    return CaptionDecoderSpec(block: block, layers: layers, tokens: tokens, vocabulary: vocabulary)
  }

  /// BLIP-2's Q-Former over image tokens of `imageWidth`.
  func qformer(imageWidth: Int, embeddingWidth: Int) -> QFormerSpec {
    var block = plainBlock()
    block.normPosition = .postResidual
    block.crossAttentionWidth = imageWidth
    block.dropout = value("dropout", .fraction, default: QFormerSpec.publishedDropout)
    block.attentionDropout = value(
      "attention_dropout", .fraction, default: QFormerSpec.publishedDropout)
    return QFormerSpec(
      block: block, layers: required("layers", .layerCount),
      queries: required("queries", .tokenCount), vocabulary: required("vocabulary", .tableSize),
      positions: required("positions", .tokenCount),
      textTokens: required("text_tokens", .tokenCount), embeddingWidth: embeddingWidth)
  }

  /// A language model: a decoder, or an encoder and a decoder of the same dimensions.
  func languageModel() -> LanguageModelSpec {
    let tokens = required("tokens", .tokenCount)
    let vocabulary = required("vocabulary", .tableSize)
    let layers = required("layers", .layerCount)
    let encoderLayers = optional("encoder_layers", .layerCount)
    var block = self.block(causal: true)
    let positions = value("positions", .tokenCount, default: 0)
    let buckets = value("relative_position_buckets", .tokenCount, default: 0)
    var encoder: BlockSpec?
    var decoderTokens = 0
    if encoderLayers != nil {
      encoder = block
      encoder?.causal = false
      block.crossAttentionWidth = block.width
      decoderTokens = required("decoder_tokens", .tokenCount)
    }
    var model = LanguageModelSpec(
      vocabulary: vocabulary, block: block, layers: layers, positions: positions, tokens: tokens)
    model.encoderBlock = encoder
    model.encoderLayers = encoderLayers ?? 0
    model.decoderTokens = decoderTokens
    model.relativePositionEntries = buckets * block.heads
    model.tokenTypes = value("token_types", .tokenCount, default: 0)
    model.embeddingNorm = value("embedding_norm", .bool, default: false)
    model.finalNorm = value("final_norm", .bool, default: true)
    model.headTransform = value("head_transform", .bool, default: false)
    model.vocabularyBias = value("vocabulary_bias", .bool, default: false)
    model.tiedEmbeddings = value("tied_embeddings", .bool, default: true)
    if positions > 0, tokens > positions {
      error(
        "tokens", "\(tokens) tokens are more than the \(positions) learned positions",
        help: "use at most \(positions)")
    }
    return model
  }
}
