import Workloads

extension Section {
  /// The transformer block of a tower from the tower's own keys.
  ///
  /// `width`, `heads` and `mlp_width` must be there; everything else has the value of a plain
  /// pre-norm block with biases.
  ///
  /// - Parameter causal: Whether attention is causal where the file does not say.
  /// - Returns: The block; stand-in values where errors were noted.
  func block(causal: Bool) -> BlockSpec {
    var block = plainBlock()
    if let keyValueHeads = optional("key_value_heads", .headCount) {
      block.keyValueHeads = keyValueHeads
      if !block.heads.isMultiple(of: keyValueHeads) {
        error(
          "key_value_heads",
          "\(block.heads) heads cannot share \(keyValueHeads) key and value heads",
          help: "use a divisor of \(block.heads)")
      }
    }
    block.norm = value("norm_kind", .enumeration(of: NormKind.self), default: .layerNorm)
    block.normPosition = value("norm", .enumeration(of: NormPosition.self), default: .pre)
    block.attentionSubNorm = value("attention_sub_norm", .bool, default: false)
    block.mlpSubNorm = value("mlp_sub_norm", .bool, default: false)
    block.attentionBias = value(
      "attention_bias", .enumeration(of: AttentionBias.self), default: .all)
    block.projectionBias = value("projection_bias", .bool, default: true)
    block.mlpBias = value("mlp_bias", .bool, default: true)
    block.rotary = value("rotary", .bool, default: false)
    if block.rotary, !block.headWidth.isMultiple(of: 2) {
      error(
        "rotary", "rotary positions turn pairs, but a head is \(block.headWidth) wide",
        help: "use an even head_width")
    }
    block.causal = value("causal", .bool, default: causal)
    block.layerScale = value("layer_scale", .bool, default: false)
    block.dropPath = value("drop_path", .bool, default: false)
    block.dropout = value("dropout", .fraction, default: 0)
    block.attentionDropout = value("attention_dropout", .fraction, default: 0)
    return block
  }

  /// The dimensions that every block has: `width`, `heads`, `head_width`, `mlp_width`, `mlp`.
  func plainBlock() -> BlockSpec {
    let before = reader.diagnostics.count
    let width = required("width", .width)
    let heads = required("heads", .headCount)
    let headWidth = optional("head_width", .width)
    let mlpWidth = required("mlp_width", .hiddenWidth)
    // A stand-in beside a true number would only make a second, misleading error.
    if headWidth == nil, reader.diagnostics.count == before, !width.isMultiple(of: heads) {
      error(
        "heads", "a width of \(width) does not divide into \(heads) heads",
        help: "use a divisor of \(width), or give head_width")
    }
    var block = BlockSpec(width: width, heads: heads, headWidth: headWidth, mlpWidth: mlpWidth)
    block.mlp = value("mlp", .enumeration(of: MLPKind.self), default: .gelu)
    return block
  }
}
