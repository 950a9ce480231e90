import Workloads

extension Section {
  /// `vision_cfg`.
  func openCLIPImage(embedding: Int, quickGELU: Bool) -> VisionTowerSpec {
    let standIn = VisionTowerSpec(
      imageSize: 16, patchSize: 16, block: BlockSpec(width: 1, heads: 1, mlpWidth: 1), layers: 1,
      outputWidth: embedding)
    if let timm = node("timm_model_name") {
      error(
        "timm_model_name", "image towers of timm are not supported: \(timm.kind)",
        help: "EVA-02-CLIP and SigLIP are in the zoo ('foretrain list models'); write others out "
          + "in a model file")
      acceptEverything()
      return standIn
    }
    if let layers = node("layers"), layers.items != nil {
      error(
        "layers", "ResNet image towers are not supported",
        help: "the image tower must be a ViT: one number of layers")
      acceptEverything()
      return standIn
    }
    let before = reader.diagnostics.count
    let layers = value("layers", .layerCount, default: 12)
    let width = value("width", .width, default: 768)
    let headWidth = value("head_width", .width, default: 64)
    let patch = value("patch_size", .count(upTo: 8192), default: 16)
    let size = openCLIPImageSize()
    if reader.diagnostics.count == before, !size.isMultiple(of: patch) {
      error(
        "patch_size", "an image of \(size) px does not divide into patches of \(patch) px",
        help: "use a divisor of \(size)")
    }
    let heads = openCLIPHeads(width: width, headWidth: headWidth)
    var tower = VisionTowerSpec(
      imageSize: size, patchSize: patch,
      block: openCLIPBlock(
        width: width, heads: heads, causal: false, quickGELU: quickGELU, headKey: "head_width"),
      layers: layers, outputWidth: embedding)
    // Patch dropout and what follows from it are settings of a run, not of a model.
    accept(["patch_dropout", "final_ln_after_pool"])
    tower.preNorm = !value("no_ln_pre", .bool, default: false)
    if let pooler = node("attentional_pool"), pooler.scalar != "false" {
      if pooler.scalar != "true" {
        error(
          "attentional_pool", "open_clip's pooler \(pooler.kind) is not supported",
          help: "use true, or write the towers out in a model file")
      }
      tower.pooling = .attentionalPooler
      tower.poolerQueries = value("attn_pooler_queries", .tokenCount, default: 256)
      tower.poolerHeads = value("attn_pooler_heads", .headCount, default: 8)
      if !embedding.isMultiple(of: tower.poolerHeads) {
        error(
          "attn_pooler_heads",
          "a width of \(embedding) does not divide into \(tower.poolerHeads) heads",
          help: "use a divisor of \(embedding)")
      }
      accept(["pool_type"])
    } else {
      accept(["attn_pooler_queries", "attn_pooler_heads"])
      tower.pooling = value(
        "pool_type", .word(among: [("tok", Pooling.classToken), ("avg", .mean)]),
        default: .classToken)
    }
    if let positions = optional("pos_embed_type", .text), positions != "learnable" {
      error(
        "pos_embed_type", "fixed positions are not supported",
        help: "write the towers out in a model file with positions: false")
    }
    return tower
  }

  /// `width // head_width`, as open_clip divides.
  private func openCLIPHeads(width: Int, headWidth: Int) -> Int {
    guard headWidth > width else { return width / headWidth }
    error(
      "head_width", "a head of \(headWidth) is wider than the tower, \(width)",
      help: "use a divisor of \(width)")
    return 1
  }

  /// One number, or two equal ones.
  private func openCLIPImageSize() -> Int {
    guard let node = node("image_size"), let items = node.items else {
      return value("image_size", .count(upTo: 8192), default: 224)
    }
    let sides = optional("image_size", .list(of: .count(upTo: 8192))) ?? []
    guard items.count == 2, Set(sides).count == 1, let side = sides.first else {
      error("image_size", "only square images are supported", help: "write one number")
      return 16
    }
    return side
  }

  /// `text_cfg`.
  func openCLIPText(embedding: Int, quickGELU: Bool, isCoCa: Bool) -> TextTowerSpec {
    if let name = node("hf_model_name") {
      error(
        "hf_model_name", "Hugging Face text towers are not supported: \(name.kind)",
        help: "write the text tower out in a model file")
      acceptEverything()
      return TextTowerSpec(
        tokens: 1, vocabulary: 1, block: BlockSpec(width: 1, heads: 1, mlpWidth: 1), layers: 1,
        outputWidth: embedding)
    }
    let tokens = value("context_length", .count(upTo: 131_071), default: 77)
    let vocabulary = value("vocab_size", .tableSize, default: 49408)
    let layers = value("layers", .layerCount, default: 12)
    let width = value("width", .width, default: 512)
    let heads = value("heads", .headCount, default: 8)
    let isCausal = !value("no_causal_mask", .bool, default: false)
    let block = openCLIPBlock(
      width: width, heads: heads, causal: isCausal, quickGELU: quickGELU, headKey: "heads")
    var tower = TextTowerSpec(
      tokens: tokens, vocabulary: vocabulary, block: block, layers: layers,
      outputWidth: embedding)
    tower.outputBias = value("proj_bias", .bool, default: false)
    tower.classToken = value("embed_cls", .bool, default: false)
    if tower.classToken {
      tower.tokens += 1
      tower.pooling = .classToken
      accept(["pool_type"])
    } else {
      tower.pooling = value(
        "pool_type",
        .word(among: [("argmax", Pooling.endToken), ("eos", .endToken), ("last", .last)]),
        default: .endToken)
    }
    if isCoCa, !tower.classToken {
      error("embed_cls", "CoCa needs a class token of the text", help: "add \"embed_cls\": true")
    }
    if let kind = optional("proj_type", .text), kind != "linear" {
      error("proj_type", "the projection '\(kind)' is not supported", help: "use \"linear\"")
    }
    accept(["pad_id", "eos_id", "final_ln_after_pool", "hf_tokenizer_name", "tokenizer_kwargs"])
    refuse(["bert_tokenizer", "hf_model_pretrained", "hf_proj_type", "hf_pooler_type"])
    return tower
  }

  /// CoCa's decoder, `multimodal_cfg`.
  ///
  /// It reads all but the last caption token.
  func openCLIPDecoder(imageWidth: Int, quickGELU: Bool) -> CaptionDecoderSpec {
    let context = value(
      "context_length", .count(upTo: 131_072).checked("at least 2", standIn: 2) { $0 >= 2 },
      default: 76)
    let vocabulary = value("vocab_size", .tableSize, default: 49408)
    let layers = value("layers", .layerCount, default: 12)
    let width = value("width", .width, default: 512)
    let heads = value("heads", .headCount, default: 8)
    var block = openCLIPBlock(
      width: width, heads: heads, causal: true, quickGELU: quickGELU, headKey: "heads")
    block.crossAttentionWidth = imageWidth
    block.crossMLP = true
    if width != imageWidth {
      error(
        "width", "the decoder is \(width) wide, the image tokens it attends to \(imageWidth)",
        help: "make them equal")
    }
    // open_clip reads these and builds nothing from them.
    accept(["n_queries", "attn_pooler_heads", "attn_pooler_queries", "dim_head"])
    return CaptionDecoderSpec(
      block: block, layers: layers, tokens: context - 1, vocabulary: vocabulary)
  }
}
