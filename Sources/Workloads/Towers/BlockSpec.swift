/// The feed-forward part of a transformer block.
public enum MLPKind: String, Sendable, Hashable, CaseIterable {
  /// Two matrices with GELU (exact or tanh form; one kernel).
  case gelu
  /// Two matrices with `x sigmoid(1.702 x)`: three element-wise kernels in eager frameworks.
  case quickGELU = "quick-gelu"
  /// Two matrices with ReLU.
  case relu
  /// Three matrices, `silu(gate) * up`.
  case swiGLU = "swiglu"
  /// Three matrices, `gelu(gate) * up`, as T5 v1.1.
  case geGLU = "geglu"

  /// Whether there is a third matrix.
  public var isGated: Bool { self == .swiGLU || self == .geGLU }
}

/// The normalisation of a tower.
public enum NormKind: String, Sendable, Hashable, CaseIterable {
  /// Mean and variance, with scale and bias.
  case layerNorm = "layer-norm"
  /// Root mean square, with scale alone.
  case rmsNorm = "rms-norm"
}

/// Where a block normalises.
public enum NormPosition: String, Sendable, Hashable, CaseIterable {
  /// `x + f(norm(x))`.
  case pre
  /// `x + norm(f(x))`, as EVA-02-CLIP-E.
  case post
  /// `norm(x + f(x))`, as BERT.
  case postResidual = "post-residual"
}

/// Which of the query, key and value projections carry a bias.
public enum AttentionBias: String, Sendable, Hashable, CaseIterable {
  /// All three.
  case all
  /// Query and value only, as EVA and BEiT.
  case queryValue = "query-value"
  /// None.
  case none
}

/// One kind of transformer block, complete enough to count it exactly.
///
/// Shapes: the residual stream is `[samples, tokens, width]`; attention has `heads` heads of
/// `headWidth`, `keyValueHeads` for keys and values; the MLP has `mlpWidth` hidden units.
public struct BlockSpec: Sendable, Hashable {
  /// Width of the residual stream.
  public var width: Int
  /// Query heads.
  public var heads: Int
  /// Width of one head; `heads * headWidth` may differ from `width`.
  public var headWidth: Int
  /// Key and value heads (grouped-query attention); equal to `heads` otherwise.
  public var keyValueHeads: Int
  /// Hidden units of the MLP.
  public var mlpWidth: Int
  /// The MLP.
  public var mlp: MLPKind
  /// Kind of normalisation.
  public var norm: NormKind
  /// Place of normalisation.
  public var normPosition: NormPosition
  /// LayerNorm after attention and inside the MLP, as EVA-02 (sub-LN).
  public var attentionSubNorm: Bool
  /// LayerNorm on the MLP's hidden units.
  public var mlpSubNorm: Bool
  /// Biases of query, key and value.
  public var attentionBias: AttentionBias
  /// Bias of the attention output projection.
  public var projectionBias: Bool
  /// Biases of the MLP's matrices.
  public var mlpBias: Bool
  /// Rotary position embedding on queries and keys.
  public var rotary: Bool
  /// Whether attention is causal.
  ///
  /// Counted in full, see `Operation.flops`.
  public var causal: Bool
  /// Whether the last token is a class token behind a text, as in CoCa's text tower.
  ///
  /// Padding is hidden then: tokens see no key further behind a text's end than the next one, as
  /// open_clip's mask has it (`build_cls_mask` shifts by one).
  public var endsInClassToken: Bool
  /// Per-channel scale of both branches.
  public var layerScale: Bool
  /// Stochastic depth on both branches, rate above 0.
  public var dropPath: Bool
  /// Dropout behind each branch, a rate; above 0 a mask is written and kept.
  public var dropout = 0.0
  /// Dropout of attention's probabilities, a rate.
  public var attentionDropout = 0.0
  /// Attention over another sequence between self-attention and MLP: width of that sequence.
  public var crossAttentionWidth: Int?
  /// False for blocks that only attend across (CoCa poolers).
  public var selfAttention: Bool
  /// A second MLP after cross-attention, as CoCa's multimodal decoder.
  public var crossMLP: Bool

  /// A pre-norm GELU block with biases everywhere; set the rest afterwards.
  public init(width: Int, heads: Int, headWidth: Int? = nil, mlpWidth: Int) {
    self.width = width
    self.heads = heads
    self.headWidth = headWidth ?? width / max(1, heads)
    keyValueHeads = heads
    self.mlpWidth = mlpWidth
    mlp = .gelu
    norm = .layerNorm
    normPosition = .pre
    attentionSubNorm = false
    mlpSubNorm = false
    attentionBias = .all
    projectionBias = true
    mlpBias = true
    rotary = false
    causal = false
    endsInClassToken = false
    layerScale = false
    dropPath = false
    crossAttentionWidth = nil
    selfAttention = true
    crossMLP = false
  }

  /// Width of all query heads together.
  public var attentionWidth: Int { heads * headWidth }
  /// Width of all key heads together.
  public var keyValueWidth: Int { keyValueHeads * headWidth }
}
