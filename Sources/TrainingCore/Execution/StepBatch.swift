/// What one training step reads: samples, their texts, their lambdas.
///
/// In every micro-batch the samples that are attacked come first: exactly those with lambda above 0.
public struct StepBatch: Sendable {
  /// Pixels as patches, `[local batch, patches, 3 patch^2]`, channels before rows before columns.
  public var images: [Float]
  /// Token ids, `[local batch, text tokens]`.
  public var tokens: [Int32]
  /// Tokens of each text that are not padding.
  public var lengths: [Int32]
  /// Position of each text's end token.
  public var endPositions: [Int32]
  /// lambda of every sample; empty: all 0.
  public var lambda: [Float]
  /// Class of every image, for classifiers.
  public var classes: [Int32]
  /// Token ids that a decoder predicts, for encoder-decoder language models.
  public var decoderTokens: [Int32]
  /// Sample whose image, and whose text, stands in as a negative for each sample, within its
  /// micro-batch; nil: drawn by the contrastive loss's own weights.
  public var negatives: Negatives?

  /// Negatives of image-text matching.
  public struct Negatives: Sendable, Hashable {
    /// The image that a text is wrongly paired with.
    public var images: [Int32]
    /// The text that an image is wrongly paired with.
    public var texts: [Int32]

    /// Negatives, one each per sample.
    public init(images: [Int32], texts: [Int32]) {
      self.images = images
      self.texts = texts
    }
  }

  /// A batch; what a family does not read stays empty.
  public init(
    images: [Float] = [], tokens: [Int32] = [], lengths: [Int32] = [], endPositions: [Int32] = [],
    lambda: [Float] = [], classes: [Int32] = [], decoderTokens: [Int32] = [],
    negatives: Negatives? = nil
  ) {
    self.images = images
    self.tokens = tokens
    self.lengths = lengths
    self.endPositions = endPositions
    self.lambda = lambda
    self.classes = classes
    self.decoderTokens = decoderTokens
    self.negatives = negatives
  }
}
