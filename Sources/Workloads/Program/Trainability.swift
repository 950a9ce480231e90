/// What of a tower is trained.
public enum Trainability: Sendable, Hashable {
  /// Every parameter.
  case all
  /// Nothing: the tower is frozen.
  case none
  /// The last blocks and what stands behind them: final norm, pooling, projection, vocabulary.
  ///
  /// Embeddings and the blocks before are frozen, and so is a head's table where it is the token
  /// embedding. With 0 blocks the head alone is trained.
  case lastBlocks(Int)
  /// Adapters in every block; the tower's own parameters are frozen.
  case lora(LoRA)

  /// Whether it is neither everything nor nothing.
  public var isPart: Bool {
    switch self {
    case .all, .none: false
    case .lastBlocks, .lora: true
    }
  }
}

/// Low-rank adapters: `y = x W + x A B` with a frozen `W [k, n]`, `A [k, rank]` and `B [rank, n]`.
///
/// A starts at random and B at zero, so that training starts from the frozen model. The published
/// factor `alpha / rank` is 1: it scales the learning rate of the product and nothing else.
///
/// Source: Hu et al., arXiv 2106.09685, sections 4.1 and 4.2.
public struct LoRA: Sendable, Hashable {
  /// The products of a block that may have an adapter, in self- and cross-attention alike.
  public enum Target: String, Sendable, Hashable, CaseIterable {
    /// Queries.
    case query
    /// Keys.
    case key
    /// Values.
    case value
    /// Attention's output.
    case projection
    /// The MLP's first product; gate and units of a gated MLP share one adapter.
    case fc1
    /// The MLP's second product.
    case fc2
  }

  /// Inner dimension of an adapter.
  public var rank: Int
  /// Which products have one.
  public var targets: Set<Target>

  /// Adapters; queries and values unless said otherwise, as the publication recommends.
  public init(rank: Int, targets: Set<Target> = [.query, .value]) {
    self.rank = rank
    self.targets = targets
  }

  /// The targets in the order of a block.
  public var orderedTargets: [Target] { Target.allCases.filter(targets.contains) }
}

/// Which parameters of a segment have gradients where its weights are trained.
public enum TrainedWeights: Sendable, Hashable {
  /// All of them.
  case all
  /// All but a table that another segment owns.
  case own
  /// Adapters, and what conditions on lambda; the model's own are frozen.
  case additions(LoRA?)

  /// Adapters of the segment's products.
  var adapters: LoRA? {
    if case .additions(let adapters) = self { adapters } else { nil }
  }

  /// Whether the model's own parameters are trained.
  var trainsModel: Bool {
    if case .additions = self { false } else { true }
  }
}
