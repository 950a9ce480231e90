/// A named stretch of memory outside segments.
public struct Buffer: Sendable, Hashable {
  /// For people and for pairing `hold` with `drop`.
  public var name: String
  /// Size.
  public var bytes: Int
  /// The category in the memory report.
  public var category: Category
  /// What it holds, for those who run the program.
  public var content: Content?

  /// What buffers hold.
  public enum Content: Sendable, Hashable {
    /// The images of the step, as patches.
    case images
    /// What an attack perturbs, as it was.
    case cleanInputs
    /// The perturbation.
    case perturbation
    /// What was perturbed, as it is.
    case attackedInputs
    /// Features of all micro-batches of a branch, or of the text.
    case features(Pass.Role, Pass.Branch)
    /// Their gradients.
    case featureGradients(Pass.Role, Pass.Branch)
    /// Tokens that other passes attend to.
    case tokens(Pass.Role, Pass.Branch)
    /// The gradient of those tokens.
    case tokenGradients(Pass.Role, Pass.Branch)
    /// Tokens picked for matching pairs.
    case pairs(Pass.Branch)
    /// The gradient of those tokens.
    case pairGradients(Pass.Branch)
    /// Gradients of cached keys and values.
    case keyGradients(Pass.Branch)
    /// A clean block output that outlives its block.
    case tap(layer: Int)
    /// The gradient of a clean block output.
    case tapGradient(layer: Int)
    /// The last block's output, which its head does not keep.
    case lastBlock(Pass.Branch)
    /// Clean and attacked inputs, one after the other.
    case comparisonInputs
    /// Copies for other ranks and other things that no single rank has.
    case priced
  }

  /// Categories of buffers.
  public enum Category: Sendable, Hashable {
    /// Counts as activations.
    case activations
    /// Counts as loss.
    case loss
  }

  /// A buffer.
  public init(name: String, bytes: Int, category: Category, content: Content? = nil) {
    self.name = name
    self.bytes = bytes
    self.category = category
    self.content = content
  }
}

/// Element-wise work on buffers, for example one attack update.
public struct ElementwisePass: Sendable, Hashable {
  /// For people.
  public var label: String
  /// Bytes read.
  public var bytesRead: Int
  /// Bytes written.
  public var bytesWritten: Int
  /// Kernel launches.
  public var kernels: Int
  /// What is computed, for those who run it.
  public var function: Function

  /// What passes compute.
  public enum Function: Sendable, Hashable {
    /// Priced only.
    case priced
    /// What the clean branch has made of the images at the attacked site, copied.
    case siteInputs
    /// Random perturbations, and the inputs with them.
    case attackStart
    /// A projected step along the gradient's sign.
    case attackUpdate
    /// Attacked inputs from clean ones and a perturbation that was kept.
    case attackAgain
    /// Clean and attacked inputs side by side.
    case comparisonInputs
    /// A further gradient added to that of features.
    case addFeatureGradient(Pass.Role, Pass.Branch)
    /// A further gradient added to that of the last block's output.
    case addStreamGradient(Pass.Branch)
    /// Distances and norms of a layer's outputs, for the regulariser.
    case layerMeasure(layer: Int)
    /// The regulariser's gradient: added to the attacked branch's, kept for the clean one's.
    case layerGradient(layer: Int, detached: Bool)
    /// The kept gradient added to the clean branch's; the first one where the branch ends there.
    case tapGradient(layer: Int, starts: Bool)
    /// A clean block output copied before its block forgets it.
    case tap(layer: Int)
    /// Distances and norms of every layer, or of the layer that a phase has advanced to.
    case layerComparison(layers: Int)
    /// Tokens of matching pairs picked, or their gradients added up.
    case gatherPairs(Pass.Branch)
    /// The reverse.
    case scatterPairs(Pass.Branch)
    /// Features copied into, or gradients out of, the cache of all micro-batches.
    case cacheFeatures(Pass.Role, Pass.Branch)
    /// Zeros.
    case clear(Buffer.Content)
    /// Weights of loss terms from their sizes.
    case lossWeights(terms: Int)
  }

  /// A pass.
  public init(
    label: String, bytesRead: Int, bytesWritten: Int, kernels: Int, function: Function = .priced
  ) {
    self.label = label
    self.bytesRead = bytesRead
    self.bytesWritten = bytesWritten
    self.kernels = kernels
    self.function = function
  }
}

/// A collective that belongs to the objective itself (gathers of features and norms).
///
/// Collectives of weights and gradients follow from the strategy and are added by the cost model.
public struct Collective: Sendable, Hashable {
  /// Which one.
  public var kind: Kind
  /// For people.
  public var label: String
  /// Bytes of the whole result on one rank (nccl-tests convention).
  public var bytes: Int

  /// Kinds of collectives.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Everyone gets everyone's part.
    case allGather = "all-gather"
    /// Everyone gets the sum of its part.
    case reduceScatter = "reduce-scatter"
    /// Everyone gets the sum of all.
    case allReduce = "all-reduce"
  }

  /// A collective.
  public init(kind: Kind, label: String, bytes: Int) {
    self.kind = kind
    self.label = label
    self.bytes = bytes
  }
}
