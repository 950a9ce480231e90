import Workloads

/// Random small towers that use every option of the specs.
struct RandomModels {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }
  mutating func flag() -> Bool { Bool.random(using: &generator) }
  mutating func pick<Item>(_ items: [Item]) -> Item { items[number(0...(items.count - 1))] }

  mutating func block(causal: Bool = false) -> BlockSpec {
    let heads = pick([1, 2, 4])
    let headWidth = 2 * number(1...6)
    let width = flag() ? heads * headWidth : heads * headWidth + 2
    var block = BlockSpec(
      width: width, heads: heads, headWidth: headWidth, mlpWidth: number(1...40))
    block.keyValueHeads = flag() ? heads : 1
    block.mlp = pick(MLPKind.allCases)
    block.norm = pick(NormKind.allCases)
    block.normPosition = pick(NormPosition.allCases)
    block.attentionSubNorm = flag()
    block.mlpSubNorm = flag()
    block.attentionBias = pick(AttentionBias.allCases)
    block.projectionBias = flag()
    block.mlpBias = flag()
    block.rotary = flag()
    block.causal = causal
    block.layerScale = flag()
    block.dropPath = flag()
    return block
  }

  mutating func image(output: Int?) -> VisionTowerSpec {
    let patch = number(1...4)
    var tower = VisionTowerSpec(
      imageSize: patch * number(1...4), patchSize: patch, block: block(), layers: number(1...3),
      outputWidth: output)
    tower.classToken = flag()
    tower.patchBias = flag()
    tower.positions = flag()
    tower.classTokenPosition = flag()
    tower.preNorm = flag()
    tower.finalNorm = flag()
    tower.finalNormAfterPooling = flag()
    tower.pooling = tower.classToken ? .classToken : .mean
    tower.outputBias = flag()
    return tower
  }

  mutating func text(output: Int?) -> TextTowerSpec {
    var tower = TextTowerSpec(
      tokens: number(1...9), vocabulary: number(1...50), block: block(causal: true),
      layers: number(1...3), outputWidth: output)
    tower.outputBias = flag()
    tower.classToken = flag()
    return tower
  }

  mutating func qformer(imageWidth: Int) -> QFormerSpec {
    let heads = number(1...3)
    var block = BlockSpec(width: heads * number(1...5), heads: heads, mlpWidth: number(1...20))
    block.normPosition = .postResidual
    block.crossAttentionWidth = imageWidth
    return QFormerSpec(
      block: block, layers: number(1...5), queries: number(1...4), vocabulary: number(1...30),
      positions: number(5...9), textTokens: number(1...5), embeddingWidth: number(1...9))
  }

  mutating func language() -> LanguageModelSpec {
    var decoder = block(causal: true)
    var encoder: BlockSpec?
    if flag() {
      encoder = decoder
      encoder?.causal = false
      decoder.crossAttentionWidth = decoder.width
    }
    var model = LanguageModelSpec(
      vocabulary: number(1...40), block: decoder, layers: number(1...3),
      positions: pick([0, 12]), tokens: number(5...12))
    model.encoderBlock = encoder
    model.encoderLayers = encoder == nil ? 0 : number(1...3)
    model.decoderTokens = encoder == nil ? 0 : number(1...6)
    model.relativePositionEntries = pick([0, 32])
    model.tokenTypes = pick([0, 2])
    model.embeddingNorm = flag()
    model.finalNorm = flag()
    model.headTransform = flag()
    model.vocabularyBias = flag()
    model.tiedEmbeddings = flag()
    return model
  }

  mutating func family() -> ModelSpec.Family {
    let width = number(1...12)
    switch number(0...8) {
    case 0: return .clip(image: image(output: width), text: text(output: width))
    case 1: return .sigLIP(image: image(output: width), text: text(output: nil))
    case 2:
      var pooled = image(output: nil)
      pooled.pooling = .attention
      pooled.poolerHeads = pooled.block.heads
      if pooled.block.width % pooled.poolerHeads != 0 { pooled.poolerHeads = 1 }
      pooled.poolerMLPWidth = flag() ? number(1...20) : 0
      return .sigLIP(image: pooled, text: text(output: width))
    case 3:
      var pooled = image(output: width)
      pooled.pooling = .attentionalPooler
      pooled.poolerHeads = 1
      pooled.poolerQueries = number(2...5)
      var described = text(output: width)
      described.classToken = true
      var decoder = block(causal: true)
      decoder.crossAttentionWidth = width
      decoder.crossMLP = true
      return .coca(
        image: pooled, text: described,
        decoder: CaptionDecoderSpec(
          block: decoder, layers: number(1...3), tokens: number(1...6),
          vocabulary: number(1...30)))
    case 4:
      let tower = image(output: nil)
      return .blip2Stage1(image: tower, qformer: qformer(imageWidth: tower.block.width))
    case 5:
      let tower = image(output: nil)
      return .blip2Stage2(
        image: tower, qformer: qformer(imageWidth: tower.block.width), language: language())
    case 6:
      let tower = image(output: nil)
      return .visionLanguage(
        image: tower,
        bridge: flag()
          ? .perceptron(layers: number(1...3)) : .qformer(qformer(imageWidth: tower.block.width)),
        language: language())
    case 7: return .imageClassifier(image: image(output: nil), classes: number(1...20))
    default: return .languageModel(language())
    }
  }
}
