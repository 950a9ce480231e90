import Workloads

/// Towers small enough to train in a fraction of a second a step.
enum SmallModels {
  /// Sizes of a pair of towers.
  struct Sizes {
    var image = 32
    var patch = 8
    var text = 32
    var vocabulary = 1024
    var width = 256
    var head = 64
    var layers = 4
    var textWidth: Int?
    var textLayers: Int?
    var gated = false
    var sigmoid = false
  }

  static func block(width: Int, head: Int, gated: Bool) -> BlockSpec {
    var block = BlockSpec(
      width: width, heads: width / head, headWidth: head,
      mlpWidth: gated ? width * 8 / 3 / 32 * 32 : 4 * width)
    if gated {
      // As EVA-02-CLIP: SwiGLU with norms inside, rotary positions, no bias of keys.
      block.mlp = .swiGLU
      block.rotary = true
      block.attentionSubNorm = true
      block.mlpSubNorm = true
      block.attentionBias = .queryValue
    }
    return block
  }

  static func pair(_ id: String, _ sizes: Sizes) -> ModelSpec {
    let textWidth = sizes.textWidth ?? sizes.width
    let image = VisionTowerSpec(
      imageSize: sizes.image, patchSize: sizes.patch,
      block: block(width: sizes.width, head: sizes.head, gated: sizes.gated),
      layers: sizes.layers, outputWidth: textWidth)
    var textBlock = block(width: textWidth, head: min(sizes.head, textWidth), gated: false)
    textBlock.causal = true
    let text = TextTowerSpec(
      tokens: sizes.text, vocabulary: sizes.vocabulary, block: textBlock,
      layers: sizes.textLayers ?? sizes.layers, outputWidth: textWidth)
    return ModelSpec(
      id: id,
      family: sizes.sigmoid ? .sigLIP(image: image, text: text) : .clip(image: image, text: text),
      source: "own")
  }

  /// BLIP-2 stage 1: a frozen image tower and a Q-Former.
  static func bridge(_ id: String, width: Int, layers: Int, queries: Int, text: Int) -> ModelSpec {
    var image = VisionTowerSpec(
      imageSize: 48, patchSize: 8, block: block(width: width, head: 64, gated: false),
      layers: layers, outputWidth: nil)
    image.pooling = .none
    image.finalNorm = false
    var block = block(width: width, head: 64, gated: false)
    block.normPosition = .postResidual
    block.crossAttentionWidth = width
    let qformer = QFormerSpec(
      block: block, layers: layers, queries: queries, vocabulary: 1025, positions: 64,
      textTokens: text, embeddingWidth: 128)
    return ModelSpec(
      id: id, family: .blip2Stage1(image: image, qformer: qformer), source: "own",
      frozenByDefault: ["image"])
  }
}
