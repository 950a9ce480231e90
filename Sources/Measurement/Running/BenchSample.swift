import TrainingCore
import Workloads

/// One timing, as it was taken: what the store keeps.
///
/// Whether it counts is decided later, from all samples of a session, by `DriftJudge`.
public struct BenchSample: Sendable, Hashable, Codable {
  /// Position in the session, from 0.
  public var sequence: Int
  /// What was timed.
  public var item: BenchItem
  /// Calls that the timing spans.
  public var calls: Int
  /// Seconds per call.
  public var seconds: Double
  /// When it began, in seconds since the session began.
  public var start: Double
  /// Seconds of the reference kernel of its class just before.
  public var referenceBefore: Double
  /// Seconds of the reference kernel of its class just after.
  public var referenceAfter: Double

  /// A timing.
  public init(
    sequence: Int, item: BenchItem, calls: Int, seconds: Double, start: Double,
    referenceBefore: Double, referenceAfter: Double
  ) {
    self.sequence = sequence
    self.item = item
    self.calls = calls
    self.seconds = seconds
    self.start = start
    self.referenceBefore = referenceBefore
    self.referenceAfter = referenceAfter
  }

  /// The reference's time around this sample.
  var reference: Double { (referenceBefore + referenceAfter) / 2 }
}

/// Kernels that are timed again and again between the others: if they slow down, so did the machine.
public enum ReferenceClass: String, Sendable, Hashable, CaseIterable, Codable {
  /// Slows down with the clock rate and with other programs on the cores.
  case compute
  /// Slows down with other programs on the memory bus.
  case memory
  /// Slows down as a step does.
  case block

  /// The class that a kernel is judged by.
  public init(of kernel: BenchKernel) {
    switch kernel {
    case .product, .attention, .emptyCall: self = .compute
    case .warm(let kernel), .spread(let kernel, _): self = ReferenceClass(of: kernel)
    case .inChain, .referenceBlock: self = .block
    case .memoryBound, .pass, .contrastiveLoss: self = .memory
    }
  }

  /// The reference kernel: about a millisecond of one small core, a block some twenty.
  public var kernel: BenchKernel {
    switch self {
    case .compute: .product(m: 384, n: 384, k: 384, count: 1, left: .no, right: .no)
    case .memory: .memoryBound(.copy, rows: 1024, columns: 1024)
    case .block: .referenceBlock
    }
  }
}
