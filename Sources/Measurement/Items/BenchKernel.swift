public import TrainingCore
public import Workloads

/// A kernel of the compute core at one size: what is timed.
public enum BenchKernel: Sendable, Hashable, Codable {
  /// `count` matrix products `m x n x k`, operands as stored or transposed.
  case product(m: Int, n: Int, k: Int, count: Int, left: Transpose, right: Transpose)
  /// A memory-bound kernel over `rows x columns` elements.
  case memoryBound(MemoryKernel, rows: Int, columns: Int)
  /// A kernel of a segment, timed in the order and memory of a chain.
  case inChain(KernelWork)
  /// A kernel between segments, over so many elements.
  case pass(PassKernel, elements: Int)
  /// The core's fused attention, or its gradient, of every token on every token.
  case attention(samples: Int, tokens: Int, heads: Int, headWidth: Int, isGradient: Bool)
  /// Both directions of the contrastive loss on the logits of so many pairs.
  case contrastiveLoss(pairs: Int)
  /// A kernel on the operands that it has just used; all others find theirs in memory.
  indirect case warm(BenchKernel)
  /// A kernel on another number of workers than the session's.
  indirect case spread(BenchKernel, workers: Int)
  /// The block that chains and steps are held against.
  case referenceBlock
  /// The smallest call into the core: what a kernel costs before it does anything.
  case emptyCall

  /// The memory-bound kernels of the compute core.
  public enum MemoryKernel: String, Sendable, Hashable, Codable, CaseIterable {
    /// `out = in`: defines memory bandwidth.
    case copy
    /// A residual add.
    case add
    /// Bias and GELU in one pass.
    case biasGelu
    /// GELU backward.
    case geluBackward
    /// LayerNorm forward.
    case layerNorm
    /// LayerNorm backward.
    case layerNormBackward
    /// Softmax over rows.
    case softmax
    /// Softmax backward.
    case softmaxBackward
    /// The AdamW update.
    case adamW

    /// The kind it is priced as.
    public var kind: MemoryBoundKind {
      switch self {
      case .copy, .add, .biasGelu, .geluBackward: .elementwise
      case .layerNorm, .layerNormBackward: .normalization
      case .softmax, .softmaxBackward: .softmax
      case .adamW: .optimizer
      }
    }

    /// Bytes read and written per element, each operand once.
    public var bytesPerElement: Double {
      switch self {
      case .copy, .layerNorm, .softmax: 8
      case .add, .biasGelu, .geluBackward, .layerNormBackward, .softmaxBackward: 12
      case .adamW: 28
      }
    }
  }

  /// FLOP of matrix products; 0 for kernels that are counted in bytes.
  public var flops: Double {
    switch self {
    case .product(let m, let n, let k, let count, _, _):
      2 * Double(m) * Double(n) * Double(k) * Double(count)
    case .inChain(let work): work.flops
    case .attention(let samples, let tokens, let heads, let headWidth, let isGradient):
      // Two products of scores and values; five, the scores again, for the gradient.
      (isGradient ? 10 : 4) * Double(samples * heads * headWidth) * Double(tokens * tokens)
    case .warm(let kernel), .spread(let kernel, _): kernel.flops
    case .memoryBound, .pass, .contrastiveLoss, .referenceBlock, .emptyCall: 0
    }
  }

  /// Bytes of the operands, each once.
  public var bytes: Double {
    switch self {
    case .product(let m, let n, let k, let count, _, _):
      4 * Double(m * k + k * n + m * n) * Double(count)
    case .memoryBound(let kernel, let rows, let columns):
      kernel.bytesPerElement * Double(rows) * Double(columns)
    case .inChain(let work): work.bytes
    case .pass(let kernel, let elements): kernel.bytesPerElement * Double(elements)
    case .attention(let samples, let tokens, let heads, let headWidth, let isGradient):
      4 * Double(samples * tokens * heads) * Double((isGradient ? 8 : 4) * headWidth + 1)
    case .contrastiveLoss(let pairs): 8 * Double(pairs * pairs)
    case .warm(let kernel), .spread(let kernel, _): kernel.bytes
    case .referenceBlock, .emptyCall: 0
    }
  }

  /// For tables: `gemm nt`, `layerNorm`, ...
  public var name: String {
    switch self {
    case .product(_, _, _, let count, let left, let right):
      (count > 1 ? "batched gemm " : "gemm ") + left.rawValue + right.rawValue
    case .memoryBound(let kernel, _, _): kernel.rawValue
    case .inChain(let work): work.family
    case .pass(let kernel, _): kernel.rawValue
    case .attention(_, _, _, _, let isGradient): isGradient ? "attention gradient" : "attention"
    case .contrastiveLoss: "contrastive loss"
    case .warm(let kernel): kernel.name + ", warm"
    case .spread(let kernel, let workers):
      kernel.name + (workers == 1 ? ", 1 thread" : ", \(workers) threads")
    case .referenceBlock: "reference block"
    case .emptyCall: "empty call"
    }
  }

  /// For tables: `4160x768x256`, `256 of 65x65x64`, `4160x1024`.
  public var shape: String {
    switch self {
    case .product(let m, let n, let k, let count, _, _):
      (count > 1 ? "\(count) of " : "") + "\(m)x\(n)x\(k)"
    case .memoryBound(_, let rows, let columns): "\(rows)x\(columns)"
    case .inChain(let work): work.shape
    case .pass(_, let elements): "\(elements)"
    case .attention(let samples, let tokens, let heads, let headWidth, _):
      "\(samples * heads) of \(tokens)x\(tokens)x\(headWidth)"
    case .contrastiveLoss(let pairs): "\(pairs)x\(pairs)"
    case .warm(let kernel), .spread(let kernel, _): kernel.shape
    case .referenceBlock, .emptyCall: "-"
    }
  }

  /// What a fitted law is a sum over; nil for kernels that are timed by themselves.
  func work(workers: Int) -> KernelWork? {
    switch self {
    case .inChain(let work): work
    case .pass(let kernel, let elements): kernel.work(elements: elements, workers: workers)
    default: nil
    }
  }
}

/// One line of a bench: a kernel, the library that runs it, and what its times are for.
public struct BenchItem: Sendable, Hashable, Codable {
  /// What the times of an item are for.
  public enum Role: String, Sendable, Hashable, Codable {
    /// The fit learns from them.
    case fit
    /// The fit is judged by them and never sees them.
    case heldOut = "held_out"
    /// Libraries are compared by them.
    case comparison
    /// They are shown; no fit learns from them.
    case survey
  }

  /// The kernel and its size.
  public var kernel: BenchKernel
  /// The matrix library; empty for kernels that need none.
  public var backend: String
  /// What its times are for.
  public var role: Role

  /// An item.
  public init(_ kernel: BenchKernel, backend: String = "", role: Role) {
    self.kernel = kernel
    self.backend = backend
    self.role = role
  }
}
