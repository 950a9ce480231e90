/// One stretch of a tower whose kernels are described by one graph, repeated or not.
///
/// A tower is a list of segments with repeat counts; 64 identical blocks are one segment.
public enum SegmentSpec: Sendable, Hashable {
  /// Patches to tokens.
  case patchEmbedding(VisionTowerSpec)
  /// Tokens to the pooled image vector.
  case visionHead(VisionTowerSpec)
  /// Token ids to vectors.
  case textEmbedding(TextTowerSpec)
  /// Tokens to the pooled text vector.
  case textHead(TextTowerSpec)
  /// A transformer block.
  case block(BlockSpec)
  /// Token ids of a language model to vectors; a projected prefix may stand before them.
  case languageEmbedding(LanguageModelSpec, decoder: Bool)
  /// Final norm of an encoder stack.
  case encoderNorm(LanguageModelSpec)
  /// Final norm, vocabulary product and cross-entropy.
  case languageHead(LanguageModelSpec)
  /// The text tower's tokens, class token included, to CoCa's decoder: its first ones.
  case captionInput(width: Int, textTokens: Int)
  /// CoCa's final norm, vocabulary product and cross-entropy.
  case captionHead(CaptionDecoderSpec)
  /// Linear classifier and cross-entropy.
  case classifierHead(VisionTowerSpec, classes: Int)
  /// Queries or text into the Q-Former.
  case qformerEmbedding(QFormerSpec, QFormerPass)
  /// One Q-Former block.
  case qformerBlock(QFormerSpec, QFormerPass, crossing: Bool)
  /// What follows the Q-Former's blocks in a pass.
  case qformerHead(QFormerSpec, QFormerPass)
  /// A linear layer from one width to another on every token, with bias.
  case projection(from: Int, to: Int)
  /// Linear layers with GELU between them, from image tokens to a language model's width; the class
  /// token, where there is one, stays behind.
  case projector(from: Int, to: Int, layers: Int, classToken: Bool)
  /// LayerNorm on every token of another tower's output (BLIP-2's `ln_vision`).
  case tokenNorm(width: Int)
  /// Features divided by their length, a vector at a time.
  case normalise(width: Int)
  /// Tokens of a tower, projected, compared with a teacher's features: the class token with one, or
  /// all of them with as many vectors.
  case distillation(width: Int, teacherWidth: Int, vectors: Int)
  /// A contrastive loss.
  case contrastiveLoss(ContrastiveLossSpec)

  /// The forward kernels for a micro-batch.
  ///
  /// - Parameters:
  ///   - shape: samples, tokens that this segment works on, tokens attended across.
  ///   - style: what the software stack makes of each layer.
  /// - Returns: The kernels with their tensors and backward rules.
  public func graph(_ shape: BlockShape, style: KernelStyle) -> Graph {
    var builder = GraphBuilder(style: style)
    builder.trained = shape.trained
    switch self {
    case .block(let block): return block.graph(shape, style: style)
    case .contrastiveLoss(let loss): return loss.graph(style: style)
    case .tokenNorm(let width):
      let x = builder.input("x", shape.rows * width)
      let y = builder.norm("norm", x, rows: shape.rows, width: width, kind: .layerNorm)
      builder.output(builder.cast(y, to: style.residual))
    case .normalise(let width):
      let x = builder.input("x", shape.rows * width, type: style.compute)
      builder.output(
        builder.pointwise(
          "normalise", [x], keeping: .inputs, function: .normalise(width: width)))
    case .distillation(let width, let teacherWidth, let vectors):
      builder.distillation(width: width, teacherWidth: teacherWidth, vectors: vectors, shape)
    case .patchEmbedding(let tower): builder.patchEmbedding(tower, shape)
    case .visionHead(let tower): builder.visionHead(tower, shape)
    case .textEmbedding(let tower): builder.textEmbedding(tower, shape)
    case .textHead(let tower): builder.textHead(tower, shape)
    case .languageEmbedding(let model, let decoder):
      builder.languageEmbedding(model, decoder: decoder, shape)
    case .encoderNorm(let model): builder.encoderNorm(model, shape)
    case .languageHead(let model): builder.languageHead(model, shape)
    case .captionInput(let width, let textTokens):
      builder.captionInput(width: width, textTokens: textTokens, shape)
    case .captionHead(let decoder): builder.captionHead(decoder, shape)
    case .classifierHead(let tower, let classes):
      builder.classifierHead(tower, classes: classes, shape)
    case .qformerEmbedding(let qformer, let pass): builder.qformerEmbedding(qformer, pass, shape)
    case .qformerBlock(let qformer, let pass, let crossing):
      builder.qformerBlock(qformer, pass, crossing: crossing, shape)
    case .qformerHead(let qformer, let pass): builder.qformerHead(qformer, pass, shape)
    case .projection(let from, let to):
      let x = builder.input("x", shape.rows * from)
      builder.output(
        builder.linear("projection", x, rows: shape.rows, k: from, n: to, biasElements: to))
    case .projector(let from, let to, let layers, let classToken):
      builder.projector(from: from, to: to, layers: layers, classToken: classToken, shape)
    }
    return builder.finish()
  }

  /// Whether something besides the stream comes in that may need a gradient.
  var attendsAcross: Bool {
    switch self {
    case .block(let block): block.crossAttentionWidth != nil
    case .qformerBlock(_, let pass, let crossing): pass == .caption || crossing
    default: false
    }
  }

  /// Whether the segment is a repeated block that may be recomputed.
  public var isBlock: Bool {
    switch self {
    case .block, .qformerBlock: true
    default: false
    }
  }
}
