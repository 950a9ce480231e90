/// Two towers whose features are compared: CLIP, SigLIP, CoCa.
extension LayoutBuilder {
  func twoTowers(
    _ image: VisionTowerSpec, _ text: TextTowerSpec, loss: ContrastiveKind
  ) -> FamilyLayout {
    let width = text.outputWidth ?? text.block.width
    let imagePath = normalised(
      imagePath(image, head: .visionHead(vision(image))), width: width)
    let textPath = normalised(textPath(text), width: width)
    return FamilyLayout(
      towers: [
        tower("image", countedImage(image)), tower("text", textPath.parameterElements),
        // The logit scale, and the sigmoid loss's bias.
        StepProgram.Tower(name: "loss", parameters: loss == .sigmoid ? 2 : 1, trainable: true),
      ],
      imageChain: [imagePath], textChain: [textPath],
      contrastive: .init(
        width: width, kind: loss, vectorsPerImage: 1),
      tail: [], heldTokenElements: 0)
  }

  /// The decoder reads the text's tokens and attends to the image's.
  func coca(
    _ image: VisionTowerSpec, _ text: TextTowerSpec, _ decoder: CaptionDecoderSpec
  ) -> FamilyLayout {
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
  }
}
