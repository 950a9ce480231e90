import Workloads

extension SmallRun {
  /// A small model of a family beside CLIP: `siglip`, `coca` or `blip2-stage1`.
  static func model(family name: String) -> ModelSpec {
    ModelSpec(id: name, family: towers(name), source: "")
  }

  private static func towers(_ name: String) -> ModelSpec.Family {
    let block = BlockSpec(width: 12, heads: 2, mlpWidth: 20)
    var image = VisionTowerSpec(
      imageSize: 16, patchSize: 8, block: block, layers: 2, outputWidth: 8)
    var textBlock = block
    textBlock.causal = true
    var text = TextTowerSpec(
      tokens: 8, vocabulary: 128, block: textBlock, layers: 2, outputWidth: 8)
    switch name {
    case "siglip":
      (text.pooling, text.outputBias) = (.last, true)
      return .sigLIP(image: image, text: text)
    case "coca":
      image.pooling = .attentionalPooler
      (image.poolerHeads, image.poolerQueries) = (2, 4)
      text.classToken = true
      var decoder = textBlock
      (decoder.crossAttentionWidth, decoder.crossMLP) = (8, true)
      return .coca(
        image: image, text: text,
        decoder: CaptionDecoderSpec(block: decoder, layers: 2, tokens: 6, vocabulary: 128))
    default:
      (image.finalNorm, image.pooling, image.outputWidth) = (false, .none, nil)
      var bridge = BlockSpec(width: 8, heads: 2, mlpWidth: 14)
      (bridge.normPosition, bridge.crossAttentionWidth) = (.postResidual, 12)
      return .blip2Stage1(
        image: image,
        qformer: QFormerSpec(
          block: bridge, layers: 3, queries: 3, vocabulary: 128, positions: 9, textTokens: 8,
          embeddingWidth: 6))
    }
  }
}
