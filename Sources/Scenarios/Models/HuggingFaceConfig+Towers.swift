import Workloads

extension Section {
  /// `vision_config` of CLIP (with a projection) or of SigLIP (attention pooling, none).
  func huggingFaceImage(embedding: Int?) -> VisionTowerSpec {
    let isSigLIP = embedding == nil
    var block = huggingFaceBlock(width: 768, mlpWidth: 3072, heads: 12)
    block.mlp = huggingFaceActivation("hidden_act", default: isSigLIP ? .gelu : .quickGELU)
    var tower = huggingFaceTrunk(block, patch: isSigLIP ? 16 : 32)
    tower.outputWidth = embedding
    if isSigLIP {
      tower.classToken = false
      tower.patchBias = true
      tower.preNorm = false
      tower.pooling = .attention
      tower.poolerHeads = block.heads
      tower.poolerMLPWidth = block.mlpWidth
      demand("vision_use_head", is: ["true"], "a tower without pooling head is not supported")
    }
    acceptEverything()
    return tower
  }

  /// The image tower of ViTForImageClassification.
  func huggingFaceClassifier() -> VisionTowerSpec {
    var block = huggingFaceBlock(width: 768, mlpWidth: 3072, heads: 12)
    block.mlp = huggingFaceActivation("hidden_act", default: .gelu)
    if !value("qkv_bias", .bool, default: true) { block.attentionBias = .none }
    var tower = huggingFaceTrunk(block, patch: 16)
    tower.patchBias = true
    tower.preNorm = false
    tower.finalNormAfterPooling = false
    return tower
  }

  private func huggingFaceTrunk(_ block: BlockSpec, patch: Int) -> VisionTowerSpec {
    let layers = value("num_hidden_layers", .layerCount, default: 12)
    let side = Reading<Int>.count(upTo: 8192)
    let size = value("image_size", side, default: 224)
    let patchSize = value("patch_size", side, default: patch)
    demand("num_channels", is: ["3"], "only images of 3 channels are supported")
    if !size.isMultiple(of: patchSize) {
      error(
        "patch_size", "an image of \(size) px does not divide into patches of \(patchSize) px",
        help: "use a divisor of \(size)")
    }
    return VisionTowerSpec(
      imageSize: size, patchSize: patchSize, block: block, layers: layers, outputWidth: nil)
  }

  /// `text_config` of CLIP (causal, end token) or of SigLIP (both ways, last token, bias).
  func huggingFaceText(embedding: Int?) -> TextTowerSpec {
    let isSigLIP = embedding == nil
    var block = huggingFaceBlock(
      width: isSigLIP ? 768 : 512, mlpWidth: isSigLIP ? 3072 : 2048, heads: isSigLIP ? 12 : 8)
    block.mlp = huggingFaceActivation("hidden_act", default: isSigLIP ? .gelu : .quickGELU)
    block.causal = !isSigLIP
    let projection = value("projection_size", .width, default: block.width)
    var tower = TextTowerSpec(
      tokens: value("max_position_embeddings", .tokenCount, default: isSigLIP ? 64 : 77),
      vocabulary: value("vocab_size", .tableSize, default: isSigLIP ? 32000 : 49408),
      block: block, layers: value("num_hidden_layers", .layerCount, default: 12),
      outputWidth: embedding ?? projection)
    if isSigLIP {
      tower.pooling = .last
      tower.outputBias = true
    }
    acceptEverything()
    return tower
  }
}
