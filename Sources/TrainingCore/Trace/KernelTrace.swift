private import Synchronization
public import Workloads

/// One kernel as it was really called: the sizes and bytes that its library was handed.
public struct KernelCall: Sendable, Hashable {
  /// What was computed, with sizes put together from the calls of all workers.
  public var operation: Operation
  /// Bytes of all distinct operands that were read.
  public var bytesRead: Int
  /// Bytes of all operands that were written.
  public var bytesWritten: Int

  /// A call.
  public init(operation: Operation, bytesRead: Int, bytesWritten: Int) {
    self.operation = operation
    self.bytesRead = bytesRead
    self.bytesWritten = bytesWritten
  }
}

/// Listens at the seam between the core and its libraries.
///
/// The core reports each kernel after it ran, from the operands that it passed on; nothing here
/// knows which program is being run, so a kernel that was left out or run twice shows.
public final class KernelTrace: Sendable {
  private let recorded = Mutex<[KernelCall]>([])

  /// An empty trace.
  public init() {}

  /// The calls so far, in order.
  public var calls: [KernelCall] { recorded.withLock { $0 } }

  /// Adds a call.
  public func record(_ call: KernelCall) { recorded.withLock { $0.append(call) } }

  /// Forgets all calls and returns them.
  public func take() -> [KernelCall] {
    recorded.withLock { calls in
      defer { calls = [] }
      return calls
    }
  }
}

extension ComputeCore {
  /// Reports a kernel that is priced by bytes: sizes in fp32 elements, indices left out.
  func record(_ kind: MemoryBoundKind, reads: Int, writes: Int) {
    record(.memoryBound(kind), reads: reads, writes: writes)
  }

  /// Reports a kernel; sizes in fp32 elements.
  func record(_ operation: Operation, reads: Int, writes: Int) {
    guard let trace else { return }
    let bytes = MemoryLayout<Float>.stride
    trace.record(
      KernelCall(operation: operation, bytesRead: reads * bytes, bytesWritten: writes * bytes))
  }
}
