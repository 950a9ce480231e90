/// A kernel of this project's own core as a family and counts: what a fitted law is a sum over.
///
/// Kernels of one family run the same code, so that one law holds for all their sizes. The counts
/// are those of the worker with the longest part.
public struct KernelWork: Sendable, Hashable, Codable {
  /// What is computed, for example `linear gelu` or `norm gradient adding`.
  public var family: String
  /// The size, for people.
  public var shape: String
  /// FLOP that are executed, by all workers; 0 for kernels that are counted in bytes.
  public var flops: Double
  /// Bytes of the operands, each once.
  public var bytes: Double
  /// Counts of the longest part, each once.
  public var counts: [KernelCount: Double]

  /// The work of a kernel whose ids point into `tensors`, on so many workers.
  ///
  /// - Returns: nil for kernels that are priced only.
  public init?(_ kernel: Kernel, tensors: [Tensor], workers: Int) {
    guard let family = KernelFamily.name(of: kernel) else { return nil }
    self.family = family
    flops = kernel.operation.hardwareFlops
    let read = kernel.reads.reduce(0.0) { $0 + Double(tensors[$1.index].bytes) }
    let written = kernel.writes.reduce(0.0) { $0 + Double(tensors[$1.index].bytes) }
    bytes = read + written
    switch kernel.operation {
    case .gemm(let shape):
      self.shape =
        (shape.count > 1 ? "\(shape.count) of " : "") + "\(shape.m)x\(shape.n)x\(shape.k)"
      counts = Self.product(shape, kernel: kernel, workers: workers)
      counts[.extraByte] = bytes - 4 * Self.operands(shape)
    case .attention(let shape), .attentionBackward(let shape):
      self.shape =
        "\(shape.samples)x\(shape.heads) of \(shape.queries)x\(shape.keys)x\(shape.headWidth)"
      counts = Self.attention(shape, kernel: kernel, workers: workers)
    // One rank has nobody to talk to.
    case .collective: return nil
    case .memoryBound:
      let elements = kernel.writes.first.map { tensors[$0.index].elements } ?? 0
      let most = (kernel.reads + kernel.writes).map { tensors[$0.index].elements }.max() ?? 0
      self.shape =
        kernel.scoreColumns > 0
        ? "\(elements / kernel.scoreColumns)x\(kernel.scoreColumns)" : "\(elements)"
      counts = Self.memoryBound(
        bytes: bytes, isSplit: workers > 1 && most >= WorkSharing.elements)
      if kernel.scoreColumns > 0 {
        counts[.row] = Double(elements / kernel.scoreColumns)
      }
    }
    counts = counts.filter { $0.value > 0 }
  }

  /// The work of something that moves so many bytes in `calls` calls.
  public init(family: String, shape: String, bytes: Double, calls: Int = 1, workers: Int) {
    self.family = family
    self.shape = shape
    flops = 0
    self.bytes = bytes
    counts = Self.memoryBound(
      bytes: bytes, isSplit: workers > 1 && bytes / 4 >= Double(WorkSharing.elements))
    counts[.call] = Double(calls)
    counts = counts.filter { $0.value > 0 }
  }

  /// What passes around the kernels of one application of a segment: operands are found, memory is
  /// taken and released.
  public static func host(kernels: Int) -> KernelWork {
    var work = KernelWork(family: "host", shape: "\(kernels) kernels", bytes: 0, workers: 1)
    work.counts[.product] = Double(kernels)
    return work
  }

  /// What a size is measured by: FLOP, or bytes where there are none.
  public var size: Double { flops > 0 ? flops : bytes }

  /// Seconds by a law of this family: `sum over counts of (seconds per count) (count)`.
  public func seconds(_ law: [KernelCount: Double]) -> Double {
    // In a fixed order: sums of floating-point numbers depend on it.
    KernelCount.allCases.reduce(0) { $0 + (counts[$1] ?? 0) * (law[$1] ?? 0) }
  }

  // MARK: Counts

  private static func memoryBound(bytes: Double, isSplit: Bool) -> [KernelCount: Double] {
    var counts: [KernelCount: Double] = [.call: 1]
    counts[isSplit ? .splitByte : .byte] = bytes
    if isSplit {
      counts[.split] = 1
      counts[.byteBeyondL2] = max(0, bytes - 1_000_000)
      counts[.byteBeyondL3] = max(0, bytes - 8_000_000)
    }
    return counts
  }

  private static func operands(_ shape: GEMMShape) -> Double {
    Double(shape.m * shape.k + shape.k * shape.n + shape.m * shape.n) * Double(shape.count)
  }

  private static func product(
    _ shape: GEMMShape, kernel: Kernel, workers: Int
  ) -> [KernelCount: Double] {
    var (m, n, count, blocks) = (shape.m, shape.n, shape.count, 1)
    let isSplit = workers > 1 && shape.flops >= WorkSharing.flops
    let workers = isSplit ? workers : 1
    switch kernel.function {
    case .linear, .linearInputGradient:
      m = WorkSharing.longest(of: m, workers: workers, step: WorkSharing.step)
      blocks = (m + WorkSharing.blockRows - 1) / WorkSharing.blockRows
    case .attentionPart(let call, _):
      let units = call.shape.samples * call.keyValueHeads
      count = WorkSharing.longest(of: units, workers: workers) * (count / max(1, units))
    default:
      if count > 1 {
        count = WorkSharing.longest(of: count, workers: workers)
      } else if m >= n {
        m = WorkSharing.longest(of: m, workers: workers, step: WorkSharing.step)
      } else {
        n = WorkSharing.longest(of: n, workers: workers, step: WorkSharing.step)
      }
    }
    let (rows, columns, depth) = (Double(m), Double(n), Double(shape.k))
    let calls = Double(count * blocks)
    return [
      .call: 1, .split: isSplit ? 1 : 0, .product: calls,
      .flop: 2 * rows * columns * depth * Double(count),
      .left: rows * depth * Double(count), .right: columns * depth * calls,
      .out: rows * columns * Double(count),
    ]
  }

  private static func attention(
    _ shape: AttentionShape, kernel: Kernel, workers: Int
  ) -> [KernelCount: Double] {
    let group: Int
    switch kernel.function {
    case .attention(let call), .attentionGradient(let call):
      group = shape.heads / max(1, call.keyValueHeads)
    default: group = 1
    }
    let isSplit = workers > 1 && shape.forwardFlops >= WorkSharing.flops
    let units = WorkSharing.longest(
      of: shape.samples * shape.heads / max(1, group), workers: isSplit ? workers : 1)
    let heads = Double(units * group)
    let (queries, keys, width) = (
      Double(shape.queries), Double(shape.keys), Double(shape.headWidth)
    )
    return [
      .call: 1, .split: isSplit ? 1 : 0, .product: heads,
      .flop: 4 * heads * queries * keys * width, .score: heads * queries * keys,
      .left: heads * queries * width, .right: heads * keys * width,
    ]
  }
}

/// What a law has a constant for, in seconds each.
public enum KernelCount: String, Sendable, Hashable, CaseIterable, Codable {
  /// A call of the kernel.
  case call
  /// Waking the other workers.
  case split
  /// A product, or a head of attention.
  case product
  /// A floating-point operation.
  case flop
  /// An element of the left operand, or of the queries.
  case left
  /// An element of the right operand, packed once for each block of rows, or of the keys.
  case right
  /// An element of the result.
  case out
  /// An attention score.
  case score
  /// A row of scores.
  case row
  /// A byte beside a product's operands: bias, residual, activation.
  case extraByte = "extra-byte"
  /// A byte that one worker moves.
  case byte
  /// A byte, the work being split.
  case splitByte = "split-byte"
  /// A byte beyond the first million: they leave a core's own cache.
  case byteBeyondL2 = "byte-beyond-1MB"
  /// A byte beyond the first eight million: they leave the shared cache.
  case byteBeyondL3 = "byte-beyond-8MB"

  /// Those that grow with the work itself.
  public static let rates: Set<KernelCount> = [.flop, .byte, .splitByte]
}
