import Workloads

/// Names of parameters, the same in checkpoints, fixtures and reports.
///
/// `<tower>.<part>.<tensor>`, with `embedding`, `blocks.<i>`, `head` and a few others as parts and
/// the tensors' names in the program with `_` for spaces: `image.blocks.0.qkv.weight`.
enum ParameterNames {
  /// The part of a tower that a segment is; empty where a tower is one segment.
  static func part(_ spec: SegmentSpec, layer: Int?) -> String {
    switch spec {
    case .patchEmbedding, .textEmbedding, .languageEmbedding(_, decoder: false),
      .qformerEmbedding:
      "embedding"
    case .languageEmbedding(_, decoder: true): "decoder_embedding"
    case .block, .qformerBlock: "blocks.\(layer ?? 0)"
    case .visionHead, .textHead, .classifierHead, .languageHead, .captionHead, .qformerHead:
      "head"
    case .encoderNorm: "encoder_norm"
    case .tokenNorm: "token_norm"
    case .projection: "projection"
    case .projector: "projector"
    case .contrastiveLoss, .distillation, .normalise, .captionInput: ""
    }
  }

  /// The whole name of a parameter tensor of a segment.
  static func name(
    _ tensor: String, of segment: StepProgram.Segment, tower: String, layer: Int?
  ) -> String {
    let tied = " (tied)"
    if tensor.hasSuffix(tied) {
      return "\(tower).embedding.\(underscored(String(tensor.dropLast(tied.count))))"
    }
    let part = part(segment.spec, layer: layer)
    return part.isEmpty
      ? "\(tower).\(underscored(tensor))" : "\(tower).\(part).\(underscored(tensor))"
  }

  private static func underscored(_ name: String) -> String {
    String(name.map { $0 == " " ? "_" : $0 })
  }
}
