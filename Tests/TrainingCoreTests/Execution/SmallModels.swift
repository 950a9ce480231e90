import TrainingCore
import Workloads

/// One small model of every family that the core runs, odd enough to show confused sizes.
enum SmallModels {
  static let families = [
    "clip", "clip-mean", "eva", "eva-post", "siglip", "coca", "coca-class", "blip2-stage1",
    "blip2-stage2",
    "blip2-stage2-encoder", "classifier", "decoder", "llama", "bert", "encoder-decoder",
  ]

  static func image(_ change: (inout VisionTowerSpec) -> Void = { _ in }) -> VisionTowerSpec {
    var block = BlockSpec(width: 12, heads: 2, mlpWidth: 20)
    block.norm = .layerNorm
    var tower = VisionTowerSpec(
      imageSize: 12, patchSize: 4, block: block, layers: 3, outputWidth: 6)
    change(&tower)
    return tower
  }

  static func text(_ change: (inout TextTowerSpec) -> Void = { _ in }) -> TextTowerSpec {
    var block = BlockSpec(width: 10, heads: 2, mlpWidth: 14)
    block.causal = true
    var tower = TextTowerSpec(tokens: 5, vocabulary: 17, block: block, layers: 2, outputWidth: 6)
    change(&tower)
    return tower
  }

  static var qformer: QFormerSpec {
    var block = BlockSpec(width: 8, heads: 2, mlpWidth: 14)
    block.normPosition = .postResidual
    block.crossAttentionWidth = 12
    return QFormerSpec(
      block: block, layers: 3, queries: 3, vocabulary: 17, positions: 9, textTokens: 5,
      embeddingWidth: 6)
  }

  static func language(_ change: (inout LanguageModelSpec) -> Void = { _ in }) -> LanguageModelSpec
  {
    var block = BlockSpec(width: 8, heads: 2, mlpWidth: 12)
    block.causal = true
    var model = LanguageModelSpec(vocabulary: 17, block: block, layers: 2, positions: 9, tokens: 6)
    change(&model)
    return model
  }

  static var encoderDecoder: LanguageModelSpec {
    language {
      var encoder = BlockSpec(width: 8, heads: 2, mlpWidth: 12)
      encoder.mlp = .geGLU
      encoder.norm = .rmsNorm
      $0.encoderBlock = encoder
      $0.encoderLayers = 2
      $0.block.crossAttentionWidth = 8
      $0.decoderTokens = 4
      $0.positions = 0
      $0.tiedEmbeddings = false
    }
  }

  static func model(_ family: String) -> ModelSpec {
    let kind: ModelSpec.Family
    switch family {
    case "clip-mean":
      kind = .clip(
        image: image {
          $0.classToken = false
          $0.pooling = .mean
          $0.finalNormAfterPooling = false
          $0.block.layerScale = true
          $0.block.mlp = .quickGELU
        }, text: text { $0.pooling = .last })
    case "eva":
      kind = .clip(
        image: image {
          $0.block.mlp = .swiGLU
          $0.block.attentionSubNorm = true
          $0.block.mlpSubNorm = true
          $0.block.attentionBias = .queryValue
          $0.block.headWidth = 8
          $0.block.rotary = true
          $0.block.dropPath = true
          $0.preNorm = false
          $0.patchBias = true
        }, text: text())
    case "eva-post":
      kind = .clip(
        image: image {
          $0.block.normPosition = .post
          $0.finalNormAfterPooling = false
        }, text: text { $0.block.dropPath = true })
    case "siglip":
      kind = .sigLIP(
        image: image {
          $0.classToken = false
          $0.pooling = .attention
          $0.poolerHeads = 2
          $0.poolerMLPWidth = 9
          $0.outputWidth = nil
          $0.finalNormAfterPooling = false
        },
        text: text {
          $0.outputWidth = 12
          $0.pooling = .last
          $0.block.causal = false
        })
    case "coca", "coca-class", "coca-long":
      let isPooled = family != "coca-class"
      var block = BlockSpec(width: 10, heads: 2, mlpWidth: 14)
      block.causal = true
      block.crossAttentionWidth = isPooled ? 6 : 12
      block.crossMLP = true
      kind = .coca(
        image: image {
          guard isPooled else { return }
          $0.pooling = .attentionalPooler
          $0.poolerHeads = 2
          $0.poolerQueries = 4
          $0.finalNormAfterPooling = true
        },
        text: text { $0.classToken = true },
        decoder: CaptionDecoderSpec(
          block: block, layers: 2, tokens: family == "coca-long" ? 5 : 3, vocabulary: 17))
    case "blip2-stage1":
      kind = .blip2Stage1(
        image: image {
          $0.pooling = .none
          $0.finalNorm = false
          $0.outputWidth = nil
        }, qformer: qformer)
    case "blip2-stage2", "blip2-stage2-encoder":
      kind = .blip2Stage2(
        image: image {
          $0.pooling = .none
          $0.finalNorm = false
          $0.outputWidth = nil
        }, qformer: qformer,
        language: family == "blip2-stage2" ? language { $0.tokens = 8 } : encoderDecoder)
    case "classifier": kind = .imageClassifier(image: image { $0.outputWidth = nil }, classes: 5)
    case "decoder": kind = .languageModel(language())
    case "llama":
      kind = .languageModel(
        language {
          $0.positions = 0
          $0.tiedEmbeddings = false
          $0.block.heads = 4
          $0.block.headWidth = 4
          $0.block.keyValueHeads = 2
          $0.block.mlp = .swiGLU
          $0.block.norm = .rmsNorm
          $0.block.rotary = true
          $0.block.attentionBias = .none
          $0.block.projectionBias = false
          $0.block.mlpBias = false
        })
    case "bert":
      kind = .languageModel(
        language {
          $0.block.causal = false
          $0.block.normPosition = .postResidual
          $0.embeddingNorm = true
          $0.finalNorm = false
          $0.headTransform = true
          $0.vocabularyBias = true
          $0.tokenTypes = 2
        })
    case "t5":
      var model = encoderDecoder
      model.relativePositionEntries = 8
      kind = .languageModel(model)
    case "encoder-decoder": kind = .languageModel(encoderDecoder)
    default: kind = .clip(image: image(), text: text())
    }
    return ModelSpec(id: family, family: kind, source: "test")
  }

  /// A batch that fits every family, filled by a simple generator.
  static func batch(
    _ model: ModelSpec, samples: Int, attacked: Int, micro: Int, seed: UInt64 = 1
  ) -> StepBatch {
    var state = seed
    func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(1 << 31)
    }
    func ids(_ count: Int) -> [Int32] { (0..<count).map { _ in Int32(next() * 16) } }
    var batch = StepBatch()
    if model.imageElements > 0 {
      batch.images = (0..<samples * model.imageElements).map { _ in Float(2 * next() - 1) }
    }
    switch model.family {
    case .clip(_, let text), .sigLIP(_, let text): batch.tokens = ids(samples * text.tokens)
    // The class token is no token of the text.
    case .coca(_, let text, _): batch.tokens = ids(samples * (text.tokens - 1))
    case .blip2Stage1(_, let qformer): batch.tokens = ids(samples * qformer.textTokens)
    case .blip2Stage2(_, let qformer, let language):
      batch.tokens = ids(samples * (language.tokens - qformer.queries))
      if language.encoderLayers > 0 { batch.decoderTokens = ids(samples * language.decoderTokens) }
    case .visionLanguage: preconditionFailure("priced, not run")
    case .imageClassifier(_, let classes):
      batch.classes = (0..<samples).map { _ in Int32(next() * Double(classes)) }
    case .languageModel(let language):
      batch.tokens = ids(samples * language.tokens)
      if language.encoderLayers > 0 { batch.decoderTokens = ids(samples * language.decoderTokens) }
    }
    batch.lambda = (0..<samples).map { $0 % micro < attacked ? [0.2, 0.6, 1][$0 % 3] : 0 }
    return batch
  }

  /// Small random weights, gains about 1.
  static func fill(_ executor: StepExecutor, seed: UInt64 = 7) {
    var state = seed
    for entry in executor.layout.entries {
      let isGain = entry.name.hasSuffix(".affine") || entry.name.hasSuffix("layer_scale")
      executor.values(of: entry.name).assign(
        (0..<entry.count).map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let value = Float(state >> 33) / Float(1 << 31) - 0.5
          return isGain ? 1 + 0.2 * value : 0.6 * value
        })
    }
  }

  /// The same values for a name whatever else a model has.
  static func fillByName(_ executor: StepExecutor) {
    for entry in executor.layout.entries {
      var state = UInt64(truncatingIfNeeded: entry.name.utf8.reduce(7) { $0 &* 31 &+ Int($1) })
      let isGain = entry.name.hasSuffix(".affine")
      executor.values(of: entry.name).assign(
        (0..<entry.count).map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let value = Float(state >> 33) / Float(1 << 31) - 0.5
          return isGain ? 1 + 0.2 * value : 0.6 * value
        })
    }
  }
}
