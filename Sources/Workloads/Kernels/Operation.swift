/// A matrix product `C[m, n] = A[m, k] B[k, n]`, `count` of them.
public struct GEMMShape: Sendable, Hashable {
  /// Rows of the result.
  public var m: Int
  /// Columns of the result.
  public var n: Int
  /// The summed dimension.
  public var k: Int
  /// How many products of this shape run as one batched call.
  public var count: Int

  /// A shape.
  public init(m: Int, n: Int, k: Int, count: Int = 1) {
    self.m = m
    self.n = n
    self.k = k
    self.count = count
  }

  /// `2 m n k count`: one multiply-add is two FLOP.
  public var flops: Double { 2 * Double(m) * Double(n) * Double(k) * Double(count) }
}

/// Attention of `queries` on `keys` in every head of every sample.
public struct AttentionShape: Sendable, Hashable {
  /// Samples.
  public var samples: Int
  /// Query heads.
  public var heads: Int
  /// Query positions.
  public var queries: Int
  /// Key positions.
  public var keys: Int
  /// Width of a head.
  public var headWidth: Int
  /// Whether a causal kernel may skip half of the work.
  public var causal: Bool

  /// A shape.
  public init(
    samples: Int, heads: Int, queries: Int, keys: Int, headWidth: Int, causal: Bool
  ) {
    self.samples = samples
    self.heads = heads
    self.queries = queries
    self.keys = keys
    self.headWidth = headWidth
    self.causal = causal
  }

  /// Elements of the score matrices, `samples heads queries keys`.
  public var scores: Int { samples * heads * queries * keys }

  /// `4 b h n m d`, causal attention counted in full (the convention of this project).
  public var forwardFlops: Double { 4 * Double(scores) * Double(headWidth) }
}

/// The kinds of kernel whose time follows from the bytes they move.
public enum MemoryBoundKind: String, Sendable, Hashable, CaseIterable {
  /// Casts, copies, residual adds, activations.
  case elementwise
  /// LayerNorm and RMSNorm, forward or backward.
  case normalization
  /// Softmax and cross-entropy over rows.
  case softmax
  /// Sums over rows: bias gradients.
  case reduction
  /// Row gathers and scatters: embeddings, pooling, dropped patches.
  case gather
  /// The fused optimizer update.
  case optimizer
}

/// What one kernel computes.
public enum Operation: Sendable, Hashable {
  /// A matrix product.
  case gemm(GEMMShape)
  /// Fused attention, forward: scores never reach memory.
  case attention(AttentionShape)
  /// Fused attention, backward: five products where forward has two.
  case attentionBackward(AttentionShape)
  /// A kernel that is priced by bytes.
  case memoryBound(MemoryBoundKind)
  /// A collective among the ranks that share the layer.
  case collective(LayerCollective)

  /// FLOP that count towards the model: products and attention, no element-wise work.
  ///
  /// Convention: 2 x MACs, backward attention twice forward (its recomputed scores do not count).
  public var modelFlops: Double {
    switch self {
    case .gemm(let shape): shape.flops
    case .attention(let shape): shape.forwardFlops
    case .attentionBackward(let shape): 2 * shape.forwardFlops
    case .memoryBound, .collective: 0
    }
  }

  /// FLOP that the device executes: fused attention's backward recomputes the scores (2.5x).
  public var hardwareFlops: Double {
    switch self {
    case .attentionBackward(let shape): 2.5 * shape.forwardFlops
    default: modelFlops
    }
  }
}

/// One kernel call: what it computes, which tensors it reads and writes.
public struct Kernel: Sendable, Hashable {
  /// The computation.
  public var operation: Operation
  /// For people and traces, for example `qkv` or `d qkv.weight`.
  public var label: String
  /// Tensors read, each once.
  public var reads: [TensorID]
  /// Tensors written.
  public var writes: [TensorID]
  /// Row length of the score matrices that unfused attention's kernels work on; 0 elsewhere.
  public var scoreColumns = 0
  /// What is computed, for those who run it.
  public var function: KernelFunction
  /// Tensors of which the kernel reads only some rows: `reads` has those rows in their place.
  public var touches: [TensorID]

  init(
    _ operation: Operation, _ label: String, reads: [TensorID], writes: [TensorID],
    function: KernelFunction = .priced, touches: [TensorID] = []
  ) {
    self.operation = operation
    self.label = label
    self.reads = reads
    self.writes = writes
    self.function = function
    self.touches = touches
  }
}
