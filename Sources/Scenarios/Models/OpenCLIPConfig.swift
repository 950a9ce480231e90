public import Workloads

/// Reads open_clip's model configurations (`model_configs/*.json`): native ViT image towers,
/// native text towers, CoCa.
///
/// Absent fields have open_clip's defaults. What changes the counts and is not supported (timm and
/// ResNet image towers, Hugging Face text towers, scaled attention variants) is a located error;
/// fields without effect on shapes (tokenizers, norm epsilons) are accepted. A configuration with
/// `init_logit_bias` is trained with the sigmoid loss.
///
/// Source: mlfoundations/open_clip 3.3.0, `src/open_clip/model.py` and `coca_model.py`.
public enum OpenCLIPConfig {
  /// Reads a configuration from disk; the model's id is the file's name without its ending.
  ///
  /// - Throws: `MissingFile`, or `FileErrors` with everything that is wrong or not supported.
  public static func read(path: String) throws -> ModelSpec {
    try read(SourceFile(path: path), id: stem(of: path))
  }

  /// Reads a configuration from memory.
  ///
  /// - Throws: `FileErrors` with everything that is wrong or not supported.
  public static func read(_ file: SourceFile, id: String) throws(FileErrors) -> ModelSpec {
    try Reader.read(file) { root in
      ModelSpec(
        id: id, family: family(root), source: "open_clip model configuration \(file.name)")
    }
  }

  private static func stem(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(".json") ? String(name.dropLast(5)) : name
  }

  private static func family(_ root: Section) -> ModelSpec.Family {
    let width = root.required("embed_dim", .width)
    let quick = root.value("quick_gelu", .bool, default: false)
    let isSigmoid = root.has("init_logit_bias")
    root.accept(["custom_text", "init_logit_scale", "init_logit_bias", "nonscalar_logit_scale"])
    root.accept(["cast_dtype", "output_dict", "model_type", "custom_text_type"])
    let isCoCa = root.has("multimodal_cfg")
    let image = root.section("vision_cfg") { $0.openCLIPImage(embedding: width, quickGELU: quick) }
    let text = root.section("text_cfg") {
      $0.openCLIPText(embedding: width, quickGELU: quick, isCoCa: isCoCa)
    }
    guard isCoCa else {
      return isSigmoid ? .sigLIP(image: image, text: text) : .clip(image: image, text: text)
    }
    let tokenWidth = image.pooling == .attentionalPooler ? width : image.block.width
    let decoder = root.section("multimodal_cfg") {
      $0.openCLIPDecoder(imageWidth: tokenWidth, quickGELU: quick)
    }
    return .coca(image: image, text: text, decoder: decoder)
  }
}

extension Section {
  /// Marks keys as known: they change no shape.
  func accept(_ keys: [String]) {
    for key in keys { _ = entry(key) }
  }

  /// Marks every key as known, where one error says all.
  public func acceptEverything() { accept(keys) }

  /// Notes fields that would change the counts; `false`, `0` and null are the same as absent.
  func refuse(_ keys: [String], help: String = "write the towers out in a model file instead") {
    for key in keys {
      guard let node = node(key) else { continue }
      if let text = node.scalar, ["false", "0", "0.0", "none", ""].contains(text) { continue }
      error(key, "open_clip's '\(key)' is not supported", help: help)
    }
  }

  /// MLP width as open_clip computes it: `int(width * ratio)`.
  func openCLIPHidden(_ width: Int) -> Int {
    let ratio = value(
      "mlp_ratio", .number.checked("above 0 and at most 64") { $0 > 0 && $0 <= 64 }, default: 4)
    return max(1, Int(Double(width) * ratio))
  }

  func openCLIPBlock(
    width: Int, heads: Int, causal: Bool, quickGELU: Bool, headKey: String
  ) -> BlockSpec {
    if heads < 1 || !width.isMultiple(of: max(1, heads)) {
      error(
        headKey, "a width of \(width) does not divide into \(heads) heads",
        help: "use a divisor of \(width)")
    }
    var block = BlockSpec(width: width, heads: max(1, heads), mlpWidth: openCLIPHidden(width))
    block.mlp = quickGELU ? .quickGELU : .gelu
    block.causal = causal
    if let scale = optional("ls_init_value", .number) { block.layerScale = scale != 0 }
    accept(["act_kwargs", "norm_kwargs", "output_tokens"])
    refuse([
      "qk_norm", "scaled_cosine_attn", "scale_heads", "scale_attn_inner", "scale_attn", "scale_fc",
      "block_type",
    ])
    return block
  }
}
