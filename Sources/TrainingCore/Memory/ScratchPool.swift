private import Synchronization

/// Buffers that kernels borrow for the length of a call.
///
/// A step runs the same kernels over and over: borrowed memory is mapped, and often still in a
/// cache. No more buffers are kept than were ever in use at the same time.
final class ScratchPool: Sendable {
  private let idle = Mutex<[FloatBuffer]>([])

  init() {}

  /// Lends at least `count` elements, whatever they hold, to `body`.
  func withFloats<Result>(_ count: Int, _ body: (Floats) throws -> Result) rethrows -> Result {
    let buffer = borrow(count)
    defer { idle.withLock { $0.append(buffer) } }
    return try body(buffer.all.part(0, count))
  }

  private func borrow(_ count: Int) -> FloatBuffer {
    let found: FloatBuffer? = idle.withLock { buffers in
      // The smallest that is long enough; else the shortest makes room for a longer one.
      let fitting = buffers.indices.filter { buffers[$0].count >= count }
      let best = fitting.min { buffers[$0].count < buffers[$1].count }
      if let best { return buffers.remove(at: best) }
      let shortest = buffers.indices.min { buffers[$0].count < buffers[$1].count }
      if let shortest { buffers.remove(at: shortest) }
      return nil
    }
    return found ?? FloatBuffer(count: count)
  }
}
