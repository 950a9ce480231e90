/// Which gradients a backward pass must produce.
public struct GradientNeed: Sendable, Hashable {
  /// Gradients of the parameters.
  public var weights: Bool
  /// The gradient of the first input: something trainable, or an attack, lies before.
  public var input: Bool
  /// Gradients of further inputs: image tokens or cached keys that are attended across.
  public var cross: Bool

  /// A need.
  public init(weights: Bool, input: Bool, cross: Bool) {
    self.weights = weights
    self.input = input
    self.cross = cross
  }

  /// No backward at all.
  public static let none = GradientNeed(weights: false, input: false, cross: false)
  /// An attack step, or a frozen tower behind something trainable.
  public static let inputOnly = GradientNeed(weights: false, input: true, cross: true)
  /// The first segment of a trained tower.
  public static let weightsOnly = GradientNeed(weights: true, input: false, cross: false)
  /// A trained block.
  public static let all = GradientNeed(weights: true, input: true, cross: true)

  /// Whether there is a backward pass.
  public var any: Bool { weights || input || cross }
}

/// The backward of one segment: kernels in order and what forward must keep for them.
public struct BackwardGraph: Sendable {
  /// The tensors of the forward graph followed by gradients and temporaries.
  public internal(set) var tensors: [Tensor]
  /// The kernels, in the order in which they run.
  public internal(set) var kernels: [Kernel] = []
  /// Forward activations that the kernels read: what a segment keeps.
  public internal(set) var kept: Set<TensorID> = []
  /// Gradients that arrive from the following segment.
  public internal(set) var arriving: [TensorID] = []
  /// The output that each of them belongs to, by position.
  public internal(set) var arrivingOutputs: [Int] = []
  /// Gradients of shared inputs: read, added to and left where they are.
  public internal(set) var shared: [TensorID] = []
  /// The input that each of them belongs to, by position.
  public internal(set) var sharedInputs: [Int] = []
  /// Gradients that go on to the preceding segment.
  public internal(set) var leaving: [TensorID] = []
  /// The input that each of them belongs to, by position.
  public internal(set) var leavingInputs: [Int] = []
}

extension Graph {
  /// Derives the backward pass in reverse order of the forward nodes.
  ///
  /// Rules: a product needs its input for the weight gradient and its weight for the input
  /// gradient; normalisation and activations need their inputs; fused attention needs queries,
  /// keys, values, its output and the row statistics (Dao, arXiv 2205.14135, section 3.1);
  /// unfused attention needs the probabilities (Korthikanti et al., arXiv 2205.05198, section 4).
  /// A tensor with several readers gets its gradients added by one kernel per further reader.
  public func backward(_ need: GradientNeed, gradientType: ElementType) -> BackwardGraph {
    var writer = BackwardWriter(graph: self, need: need, gradientType: gradientType)
    return writer.run()
  }
}
