public import Workloads

/// Models in code, for tests that must not depend on files.
public enum SampleModels {
  /// OpenAI's ViT-B/16 CLIP.
  public static var vitB16: ModelSpec {
    let image = VisionTowerSpec(
      imageSize: 224, patchSize: 16, block: BlockSpec(width: 768, heads: 12, mlpWidth: 3072),
      layers: 12, outputWidth: 512)
    return clip("ViT-B-16", image: image, textWidth: 512, textHeads: 8, textLayers: 12, output: 512)
  }

  /// EVA-02-CLIP-E/14+ (post-norm, rotary-free, 64 layers of width 1792, MLP 15360).
  public static var evaE14Plus: ModelSpec {
    var block = BlockSpec(width: 1792, heads: 16, mlpWidth: 15360)
    block.normPosition = .post
    block.attentionBias = .queryValue
    var image = VisionTowerSpec(
      imageSize: 224, patchSize: 14, block: block, layers: 64, outputWidth: 1024)
    image.patchBias = true
    image.preNorm = false
    image.outputBias = true
    return clip(
      "EVA02-E-14-plus", image: image, textWidth: 1280, textHeads: 20, textLayers: 32,
      output: 1024)
  }

  /// EVA-CLIP-18B: 48 layers of width 5120, MLP 25600; text as E/14+.
  public static var eva18B: ModelSpec {
    var block = BlockSpec(width: 5120, heads: 40, mlpWidth: 25600)
    block.norm = .rmsNorm
    block.attentionBias = .none
    var image = VisionTowerSpec(
      imageSize: 224, patchSize: 14, block: block, layers: 48, outputWidth: 1536)
    image.patchBias = true
    image.preNorm = false
    return clip(
      "EVA-CLIP-18B", image: image, textWidth: 1280, textHeads: 20, textLayers: 32, output: 1536)
  }

  /// A CLIP that a test prices in a blink.
  public static var tiny: ModelSpec {
    let image = VisionTowerSpec(
      imageSize: 32, patchSize: 8, block: BlockSpec(width: 64, heads: 4, mlpWidth: 256),
      layers: 4, outputWidth: 32)
    return clip("tiny", image: image, textWidth: 64, textHeads: 4, textLayers: 4, output: 32)
  }

  private static func clip(
    _ id: String, image: VisionTowerSpec, textWidth: Int, textHeads: Int, textLayers: Int,
    output: Int
  ) -> ModelSpec {
    var block = BlockSpec(width: textWidth, heads: textHeads, mlpWidth: 4 * textWidth)
    block.causal = true
    let text = TextTowerSpec(
      tokens: 77, vocabulary: 49408, block: block, layers: textLayers, outputWidth: output)
    return ModelSpec(id: id, family: .clip(image: image, text: text), source: "test")
  }
}
