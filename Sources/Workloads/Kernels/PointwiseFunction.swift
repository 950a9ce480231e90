/// A function priced by the bytes that it moves, with the sizes that decide its result.
///
/// `samples`, `tokens` and `width` describe the input unless said otherwise.
public enum PointwiseFunction: Sendable, Hashable {
  // MARK: Element by element

  /// GELU and its relatives; gated ones halve the row.
  case activation(MLPKind, rows: Int)
  /// Rotary positions, in place; parameter: the table of angles.
  case rotary(heads: Int, headWidth: Int, tokens: Int)
  /// A scale per channel, learned.
  case layerScale(width: Int)
  /// Stochastic depth: a factor per sample, 0 or 1 / (1 - rate).
  case dropPath(samples: Int)
  /// ReLU inside FiLM's perceptrons.
  case relu

  // MARK: Conditioning on lambda

  /// Two sets of scale and bias, mixed by the sample's lambda; parameter: both sets.
  case mixAffine(samples: Int, tokens: Int, width: Int)
  /// One vector, times the sample's lambda, added to every token; parameters: the vector, lambdas.
  case shiftByLambda(samples: Int, tokens: Int, width: Int)
  /// Scale and shift per sample; inputs: x, scale, shift.
  case film(samples: Int, tokens: Int, width: Int)

  // MARK: Tokens

  /// Class token and positions around patches; parameters as `ImageTokens` lists them.
  case imageTokens(ImageTokens)
  /// The patches that patch dropout keeps, class token first where there is one.
  case keptPatches(samples: Int, tokens: Int, kept: Int, width: Int, classToken: Bool)
  /// Learned positions, and rows added to every token.
  case addPositions(tokens: Int, width: Int)
  /// Rows of every sample.
  case select(RowChoice, samples: Int, tokens: Int, width: Int)
  /// The mean over tokens.
  case mean(samples: Int, tokens: Int, width: Int)
  /// A block of rows, repeated for every sample.
  case copies(Int)
  /// Tokens of several inputs, one after the other in every sample.
  case join(samples: Int, tokens: [Int], width: Int)
  /// Position in the caller's list of pairs: the images that matching pairs attend to.
  case pairs(samples: Int)

  // MARK: Objectives

  /// Rows divided by their length.
  case normalise(width: Int)
  /// `exp(s) x`, plus a bias where there is one; parameters: s, bias.
  case temperature(bias: Bool)
  /// The best of several vectors of an image, for every text.
  case best(vectors: Int, columns: Int)
  /// Cross-entropy of every row, or of every column, of logits.
  case crossEntropy(CrossEntropy)
  /// The pairwise sigmoid loss, summed over every row.
  case sigmoidLoss(rows: Int, columns: Int)
  /// Attacked features where there are any, clean ones elsewhere; inputs: attacked, clean.
  case mixSamples(samples: Int, attacked: Int, width: Int)
  /// Squared distance of rows; inputs: x and a fixed row.
  case squaredDistance(width: Int)
  /// One minus the cosine of rows; inputs: x and a fixed row.
  case cosineDistance(width: Int)
}

/// How an image's tokens are put together.
public struct ImageTokens: Sendable, Hashable {
  /// Samples.
  public var samples: Int
  /// Patches of a sample.
  public var patches: Int
  /// Width.
  public var width: Int
  /// A class token stands first; parameter.
  public var classToken: Bool
  /// A second class token is mixed in by lambda; parameter.
  public var robustClassToken: Bool
  /// Positions are added; parameter.
  public var positions: Bool
  /// The class token has a position of its own.
  public var classTokenPosition: Bool
}

/// Which rows of a sample are taken.
public enum RowChoice: Sendable, Hashable {
  /// So many rows from a position on.
  case range(first: Int, count: Int)
  /// The text's end token.
  case endToken
}

/// One cross-entropy.
public struct CrossEntropy: Sendable, Hashable {
  /// Rows of the logits.
  public var rows: Int
  /// Columns of the logits.
  public var columns: Int
  /// Whether the distribution runs down the columns.
  public var alongColumns: Bool
  /// Where labels come from.
  public var labels: Labels
  /// Share of the label that is spread over all classes.
  public var smoothing: Float

  /// Where labels come from.
  public enum Labels: Sendable, Hashable {
    /// The matching pair: row i belongs to column i.
    case pairs
    /// Attacked image i belongs to the text of its sample.
    case attackedPairs
    /// The following token of the text.
    case nextToken
    /// Positive and negative pairs of image-text matching.
    case matching
    /// Image classes.
    case classes
  }
}
