import Workloads

/// Where a step's time goes: seconds and calls by kind of kernel and by label.
public final class KernelProfile {
  /// Seconds and calls of one kind.
  public struct Entry: Sendable, Hashable {
    /// Seconds on the clock, all workers together.
    public var seconds = 0.0
    /// Kernels run.
    public var calls = 0
    /// FLOP that were counted for them.
    public var flops = 0.0
    /// Bytes that the program counts for them.
    public var bytes = 0.0

    mutating func add(_ duration: Duration, _ flops: Double, _ bytes: Int) {
      seconds += duration / .seconds(1)
      calls += 1
      self.flops += flops
      self.bytes += Double(bytes)
    }
  }

  /// By label, for example `d fc1 weight`.
  public private(set) var labels: [String: Entry] = [:]
  /// By kind: `gemm`, `attention`, `normalization`, ...
  public private(set) var kinds: [String: Entry] = [:]
  /// By family of kernel, as laws are fitted: `linear gelu`, `attention gradient`, ...
  public private(set) var families: [String: Entry] = [:]
  /// Matrix products by size and by how their operands lie in memory.
  public private(set) var products: [ProfiledProduct: Entry] = [:]
  /// Steps that were timed from end to end.
  public private(set) var steps = 0
  /// Seconds of those steps, the work around kernels included.
  public private(set) var stepSeconds = 0.0
  private let clock = ContinuousClock()

  /// An empty profile.
  public init() {}

  /// Notes a whole step.
  public func addStep(seconds: Double) {
    steps += 1
    stepSeconds += seconds
  }

  /// Seconds of all that was timed within steps.
  public var accounted: Double {
    kinds.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value.seconds }
  }

  /// Times a kernel.
  func time(_ kernel: Kernel, bytes: Int, _ body: () -> Void) {
    let duration = clock.measure(body)
    add(
      kernel.label, kind: kernel.operation.kindName, family: KernelFamily.name(of: kernel),
      duration, kernel.operation.hardwareFlops, bytes)
    if let product = ProfiledProduct(kernel) {
      products[product, default: Entry()].add(duration, kernel.operation.hardwareFlops, bytes)
    }
  }

  /// Times work outside segments.
  func time(_ pass: ElementwisePass, _ body: () -> Void) {
    let duration = clock.measure(body)
    add(
      pass.label, kind: "passes", family: KernelFamily.name(of: pass.function), duration, 0,
      pass.bytesRead + pass.bytesWritten)
  }

  /// Adds work that the caller timed, such as the parameter update.
  public func add(_ label: String, kind: String, _ duration: Duration, bytes: Int = 0) {
    add(label, kind: kind, family: label, duration, 0, bytes)
  }

  private func add(
    _ label: String, kind: String, family: String?, _ duration: Duration, _ flops: Double,
    _ bytes: Int
  ) {
    labels[label, default: Entry()].add(duration, flops, bytes)
    kinds[kind, default: Entry()].add(duration, flops, bytes)
    if let family { families[family, default: Entry()].add(duration, flops, bytes) }
  }
}

extension Operation {
  /// The kind for people.
  var kindName: String {
    switch self {
    case .gemm: "gemm"
    case .attention, .attentionBackward: "attention"
    case .memoryBound(let kind): kind.rawValue
    case .collective(let collective): collective.kind.rawValue
    }
  }
}
