private import Dispatch

/// Splits work over so many threads.
///
/// Kernels and matrix products are single-threaded; the core splits rows, samples and heads over
/// workers. Threads inside a matrix library would spin between calls and take the cores from the
/// kernels that run there.
public struct Workers: Sendable, Hashable {
  /// How many threads work at the same time, the calling one included.
  public let count: Int

  /// So many workers.
  ///
  /// - Precondition: at least one.
  public init(count: Int) {
    precondition(count >= 1, "at least one worker, not \(count)")
    self.count = count
  }

  /// Splits `0 ..< total` into at most `count` parts of nearly equal length, each a multiple of
  /// `step` long except the last.
  ///
  /// - Precondition: `total >= 0`, `step >= 1`.
  public func parts(of total: Int, step: Int = 1) -> [Range<Int>] {
    precondition(total >= 0 && step >= 1, "\(total) in steps of \(step)")
    let steps = (total + step - 1) / step
    let used = min(count, steps)
    return (0..<used).map { part in
      let lower = steps * part / used * step
      let upper = min(steps * (part + 1) / used * step, total)
      return lower..<upper
    }
  }

  /// Runs `body` once per part of `0 ..< total`, at the same time, and waits for all.
  public func forEachPart(
    of total: Int, step: Int = 1, _ body: @Sendable (Range<Int>) -> Void
  ) {
    let parts = parts(of: total, step: step)
    guard parts.count > 1 else {
      if let only = parts.first { body(only) }
      return
    }
    DispatchQueue.concurrentPerform(iterations: parts.count) { body(parts[$0]) }
  }
}
