/// The forward kernels of one segment of a tower, and what each needs for its backward.
///
/// A graph is built once per shape by `GraphBuilder`; `Graph+Backward` derives the backward
/// kernels and the tensors that must be kept for them.
public struct Graph: Sendable, Hashable {
  /// One forward kernel with its backward rule.
  struct Node: Sendable, Hashable {
    var kernel: Kernel
    var rule: BackwardRule
    /// Part of unfused attention's core, which selective recomputation drops and runs again.
    var isAttentionCore = false
  }

  /// How gradients flow through a node.
  enum BackwardRule: Sendable, Hashable {
    /// `y = x W (+ b) (+ residual)`; the columns of `y` may be several tensors.
    case linear(LinearRule)
    /// The same with an activation in its epilogue: `ys` holds what the activation reads.
    case linearActivation(LinearRule, y: TensorID, kind: MLPKind)
    /// `y = a b` of two activations, batched; `a` is `[m, k]`, `b` is `[k, n]`.
    case product(
      a: TensorID, b: TensorID, y: TensorID, shape: GEMMShape, left: KernelFunction,
      right: KernelFunction)
    /// Normalisation: the input is kept, scale and bias have gradients.
    case norm(x: TensorID, parameters: [TensorID], y: TensorID, kind: NormKind)
    /// A function of `inputs` whose backward reads `kept` and the gradient of `y`, and
    /// `keptForWeights` where its parameters have gradients.
    case pointwise(
      inputs: [TensorID], parameters: [TensorID], y: TensorID, kept: [TensorID],
      keptForWeights: [TensorID], kind: MemoryBoundKind, function: PointwiseFunction?)
    /// A linear function that overwrites its input, and its gradient the gradient.
    case inPlace(x: TensorID, parameters: [TensorID], function: PointwiseFunction)
    /// `y = a + b`: the gradient goes to both unchanged, without a kernel.
    case add(inputs: [TensorID], y: TensorID)
    /// Fused attention; keeps queries, keys, values, output and row statistics.
    case attention(
      q: TensorID, k: TensorID, v: TensorID, y: TensorID, statistics: TensorID,
      call: AttentionCall)
    /// The softmax of unfused attention; keeps its result.
    case attentionSoftmax(scores: TensorID, y: TensorID, call: AttentionCall)
    /// A shard of tokens gathered to all of them: the gradient is summed and scattered.
    case gathered(x: TensorID, y: TensorID)
    /// Partial sums of all tokens summed and scattered: the gradient is gathered.
    case scattered(x: TensorID, y: TensorID)
    /// A random mask: kept in one byte an element.
    case dropout(x: TensorID, y: TensorID, mask: TensorID)
    /// Rows of a table: a weight gradient only.
    case lookup(table: TensorID, y: TensorID, width: Int)
    /// `x += more`: the gradient of the sum is that of both.
    case addInPlace(x: TensorID, more: TensorID)
    /// No gradient passes.
    case none
  }

  /// A product of an activation and a weight.
  struct LinearRule: Sendable, Hashable {
    var x: TensorID
    var weight: TensorID
    var bias: TensorID?
    /// Columns that the bias reaches.
    var biasColumns: [Range<Int>] = []
    var ys: [TensorID]
    /// Added by the epilogue.
    var residual: TensorID?
    var shape: GEMMShape
    /// Ranks that have other columns of the weight: gradients of the input are summed over them.
    var inputReduction = Sharding.none
  }

  /// Whether gradients end in epilogues and are added up in place.
  var epilogues = false
  /// Whether softmax's input stays until its backward, which does not read it.
  var softmaxKeepsInput = false
  /// All tensors; `TensorID` is the position.
  public internal(set) var tensors: [Tensor] = []
  var nodes: [Node] = []
  /// Activations that come from outside: the block input, another tower's tokens.
  public internal(set) var inputs: [TensorID] = []
  /// Further inputs whose gradients add up over applications.
  var sharedInputs: Set<TensorID> = []
  /// Outputs whose gradients are held elsewhere, because several passes add to them.
  var heldOutputs: Set<TensorID> = []
  /// Inputs that are held fixed: no gradient flows to them whatever is needed.
  var detachedInputs: Set<TensorID> = []
  /// Activations that go on to the next segment.
  public internal(set) var outputs: [TensorID] = []
  /// Elements of all parameters.
  public internal(set) var parameterElements: Int = 0
  /// Elements of those that have gradients where the segment's weights are trained.
  public internal(set) var trainedElements: Int = 0
  /// Parameters that have no gradient even then.
  var frozen: Set<TensorID> = []
  /// Elements that a factored optimizer (Adafactor) keeps: rows plus columns of trained matrices.
  public internal(set) var factoredElements: Int = 0
  /// Kernels that run once per optimizer step and not again in a recomputed forward: weight casts.
  var weightCasts: [Kernel] = []

  /// The id of a tensor by position.
  public func id(_ position: Int) -> TensorID { TensorID(position) }

  /// The tensor behind an id.
  public func tensor(_ id: TensorID) -> Tensor { tensors[id.index] }

  /// Whether a tensor is a parameter that has a gradient where the segment's weights are trained.
  public func isTrained(_ id: TensorID) -> Bool {
    tensors[id.index].role == .parameter && !frozen.contains(id)
  }

  /// The forward kernels in order, without the weight casts.
  public var forwardKernels: [Kernel] { nodes.map(\.kernel) }

  /// What selective recomputation drops and makes again: unfused attention's scores and
  /// probabilities.
  public var attentionCore: Set<TensorID> {
    Set(nodes.filter(\.isAttentionCore).flatMap(\.kernel.writes))
  }

  /// The kernels that make them.
  public var attentionCoreKernels: [Kernel] { nodes.filter(\.isAttentionCore).map(\.kernel) }

  /// Casts of weights into the compute type, run once per forward pass.
  public var castKernels: [Kernel] { weightCasts }

  /// FLOP of the forward kernels.
  public var forwardFlops: Double {
    nodes.reduce(0) { $0 + $1.kernel.operation.modelFlops }
  }
}
