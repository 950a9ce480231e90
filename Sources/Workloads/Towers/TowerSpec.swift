/// How a tower turns its tokens into one vector.
public enum Pooling: String, Sendable, Hashable, CaseIterable {
  /// The class token.
  case classToken = "class-token"
  /// The mean over patches.
  case mean
  /// The text's end token (one position per sample).
  case endToken = "end-token"
  /// The last position.
  case last
  /// Attention pooling with one learned query and an MLP (SigLIP's MAP head).
  case attention
  /// CoCa's attentional pooler: learned queries, no MLP; the first is the contrastive one.
  case attentionalPooler = "attentional-pooler"
  /// CoCa's cascade in open_clip's `coca_base`: a 256-query pooler, then one query over it.
  case cascadedPooler = "cascaded-pooler"
  /// Every token goes on, as in BLIP-2.
  case none
}

/// An image tower: patch embedding, blocks, pooled head.
public struct VisionTowerSpec: Sendable, Hashable {
  /// Height and width of the image in pixels.
  public var imageSize: Int
  /// Height and width of a patch in pixels.
  public var patchSize: Int
  /// The blocks, all alike.
  public var block: BlockSpec
  /// Number of blocks.
  public var layers: Int
  /// Whether a class token is prepended.
  public var classToken: Bool
  /// Bias of the patch projection.
  public var patchBias: Bool
  /// Learned absolute positions: one per token (class token included where there is one).
  public var positions: Bool
  /// Whether the class token has a position of its own.
  public var classTokenPosition: Bool
  /// LayerNorm between embedding and blocks.
  public var preNorm: Bool
  /// LayerNorm after the blocks.
  public var finalNorm: Bool
  /// Whether the final norm acts on the pooled vector only (cheaper) or on every token.
  public var finalNormAfterPooling: Bool
  /// Pooling.
  public var pooling: Pooling
  /// Heads of an attention pooler, MLP width of a MAP head, number of queries.
  public var poolerHeads: Int
  /// Hidden units of a MAP head's MLP; 0 without one.
  public var poolerMLPWidth: Int
  /// Queries of an attentional pooler.
  public var poolerQueries: Int
  /// Output width after the projection; nil where there is no projection.
  public var outputWidth: Int?
  /// Bias of the output projection.
  public var outputBias: Bool
  /// Whether the tokens behind the pooled one go on to a decoder (CoCa).
  public var handsOnTokens = false

  /// A CLIP ViT: class token, pre-norm at the input, final norm, projection without bias.
  public init(
    imageSize: Int, patchSize: Int, block: BlockSpec, layers: Int, outputWidth: Int?
  ) {
    self.imageSize = imageSize
    self.patchSize = patchSize
    self.block = block
    self.layers = layers
    classToken = true
    patchBias = false
    positions = true
    classTokenPosition = true
    preNorm = true
    finalNorm = true
    finalNormAfterPooling = true
    pooling = .classToken
    poolerHeads = 0
    poolerMLPWidth = 0
    poolerQueries = 0
    self.outputWidth = outputWidth
    outputBias = false
  }

  /// Patches of one image.
  public var patches: Int { (imageSize / patchSize) * (imageSize / patchSize) }
  /// Tokens of one image with every patch kept.
  public var tokens: Int { patches + (classToken ? 1 : 0) }
  /// Tokens that remain when a share of the patches is dropped; the class token stays.
  public func tokens(patchDropout: Double) -> Int {
    let kept = patchDropout > 0 ? max(1, Int(Double(patches) * (1 - patchDropout))) : patches
    return kept + (classToken ? 1 : 0)
  }
  /// Of so many tokens, those that go on to a decoder.
  func handedOnTokens(of tokens: Int) -> Int { max(1, tokens - 1) }
}

/// A text tower of CLIP kind: token and position embedding, blocks, pooled head.
public struct TextTowerSpec: Sendable, Hashable {
  /// Tokens per text, the class token of CoCa included.
  public var tokens: Int
  /// Entries of the vocabulary.
  public var vocabulary: Int
  /// The blocks, all alike.
  public var block: BlockSpec
  /// Number of blocks.
  public var layers: Int
  /// Pooling.
  public var pooling: Pooling
  /// A learned class token appended to the text (CoCa).
  public var classToken: Bool
  /// Output width after the projection; nil where there is none.
  public var outputWidth: Int?
  /// Bias of the output projection.
  public var outputBias: Bool

  /// A CLIP text tower: causal, end token, projection without bias.
  public init(tokens: Int, vocabulary: Int, block: BlockSpec, layers: Int, outputWidth: Int?) {
    self.tokens = tokens
    self.vocabulary = vocabulary
    self.block = block
    self.layers = layers
    pooling = .endToken
    classToken = false
    self.outputWidth = outputWidth
    outputBias = false
  }
}

/// A language model: decoder only, or encoder and decoder (T5).
public struct LanguageModelSpec: Sendable, Hashable {
  /// Entries of the vocabulary.
  public var vocabulary: Int
  /// Decoder blocks.
  public var block: BlockSpec
  /// Number of decoder blocks.
  public var layers: Int
  /// Encoder blocks, for encoder-decoder models.
  public var encoderBlock: BlockSpec?
  /// Number of encoder blocks.
  public var encoderLayers: Int
  /// Learned absolute positions (0: none or rotary).
  ///
  /// OPT has an offset of 2: 2,050.
  public var positions: Int
  /// Entries of a relative-position bias table per stack (T5: buckets * heads), 0 without one.
  public var relativePositionEntries: Int
  /// Rows of a token-type table (BERT: 2), 0 without one.
  public var tokenTypes: Int
  /// LayerNorm between embedding and blocks (BERT).
  public var embeddingNorm: Bool
  /// Norm of the final hidden state.
  public var finalNorm: Bool
  /// A square layer, GELU and LayerNorm before the vocabulary (BERT's masked-word head).
  public var headTransform: Bool
  /// A bias per entry of the vocabulary.
  public var vocabularyBias: Bool
  /// Whether the output matrix is the token embedding.
  public var tiedEmbeddings: Bool
  /// Tokens of one training sequence.
  public var tokens: Int
  /// Tokens of the decoder's sequence in encoder-decoder models.
  public var decoderTokens: Int
  /// Vectors that stand before the text's tokens and count among `tokens` (BLIP-2's queries).
  public var prefixTokens = 0

  /// A decoder-only model with tied embeddings.
  public init(
    vocabulary: Int, block: BlockSpec, layers: Int, positions: Int, tokens: Int
  ) {
    self.vocabulary = vocabulary
    self.block = block
    self.layers = layers
    encoderBlock = nil
    encoderLayers = 0
    self.positions = positions
    relativePositionEntries = 0
    tokenTypes = 0
    embeddingNorm = false
    finalNorm = true
    headTransform = false
    vocabularyBias = false
    tiedEmbeddings = true
    self.tokens = tokens
    decoderTokens = 0
  }
}

/// BLIP-2's bridge: BERT blocks with queries, cross-attention in every second block.
public struct QFormerSpec: Sendable, Hashable {
  /// BERT's dropout of branches and of attention, which BLIP-2 keeps.
  public static let publishedDropout: Double = 0.1

  /// Blocks; `crossAttentionWidth` is the image tower's width in those that attend across.
  public var block: BlockSpec
  /// Number of blocks; every second one, from the first, attends across.
  public var layers: Int
  /// Learned queries.
  public var queries: Int
  /// Entries of the vocabulary (BERT's plus the decoder token).
  public var vocabulary: Int
  /// Learned text positions.
  public var positions: Int
  /// Tokens of the text.
  public var textTokens: Int
  /// Width of the contrastive space in stage 1.
  public var embeddingWidth: Int

  /// A Q-Former.
  public init(
    block: BlockSpec, layers: Int, queries: Int, vocabulary: Int, positions: Int, textTokens: Int,
    embeddingWidth: Int
  ) {
    self.block = block
    self.layers = layers
    self.queries = queries
    self.vocabulary = vocabulary
    self.positions = positions
    self.textTokens = textTokens
    self.embeddingWidth = embeddingWidth
  }
}
