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
  }

  /// By label, for example `d fc1 weight`.
  public private(set) var labels: [String: Entry] = [:]
  /// By kind: `gemm`, `attention`, `normalization`, ...
  public private(set) var kinds: [String: Entry] = [:]
  private let clock = ContinuousClock()

  /// An empty profile.
  public init() {}

  /// Times a kernel.
  func time(_ kernel: Kernel, bytes: Int, _ body: () -> Void) {
    let duration = clock.measure(body)
    add(
      kernel.label, kind: kernel.operation.kindName, duration, kernel.operation.hardwareFlops, bytes
    )
  }

  /// Times work outside segments.
  func time(_ pass: ElementwisePass, _ body: () -> Void) {
    let duration = clock.measure(body)
    add(pass.label, kind: "passes", duration, 0, pass.bytesRead + pass.bytesWritten)
  }

  /// Adds work that the caller timed, such as the parameter update.
  public func add(_ label: String, kind: String, _ duration: Duration, bytes: Int = 0) {
    add(label, kind: kind, duration, 0, bytes)
  }

  private func add(
    _ label: String, kind: String, _ duration: Duration, _ flops: Double, _ bytes: Int
  ) {
    let seconds = duration / .seconds(1)
    func added(_ entry: Entry) -> Entry {
      var entry = entry
      entry.seconds += seconds
      entry.calls += 1
      entry.flops += flops
      entry.bytes += Double(bytes)
      return entry
    }
    labels[label] = added(labels[label] ?? Entry())
    kinds[kind] = added(kinds[kind] ?? Entry())
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
