import Testing
import TestSupport
import TrainingCore
import Workloads

/// Slopes of a function by central differences, in double precision.
///
/// With a step of 1e-5 and functions of size 1 the truncation error is about 1e-10 and the rounding
/// error about 1e-11: far below any fp32 tolerance.
func slopes(at point: [Double], _ function: ([Double]) -> Double) -> [Double] {
  let step = 1e-5
  return point.indices.map { index in
    var moved = point
    moved[index] = point[index] + step
    let above = function(moved)
    moved[index] = point[index] - step
    return (above - function(moved)) / (2 * step)
  }
}

/// `sum_i a_i b_i`: turns an output into a scalar whose gradient with respect to it is known.
func inner(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

extension Floats {
  /// The elements in double precision.
  var doubles: [Double] { values.map(Double.init) }

  /// So many random elements.
  static func random(
    _ count: Int, in range: ClosedRange<Float> = -2...2, using generator: inout SeededGenerator
  ) -> Floats {
    Floats(generator.floats(count, in: range))
  }

  /// Elements that a kernel must overwrite.
  static func garbage(_ count: Int) -> Floats { Floats([Float](repeating: .nan, count: count)) }
}

/// A core with one or two workers, and what it reports.
struct TracedCore {
  let core: ComputeCore
  let trace: KernelTrace

  /// One core with one worker, one with two.
  static var both: [TracedCore] { [1, 2].map(TracedCore.init) }

  private init(workers: Int) {
    trace = KernelTrace()
    core = ComputeCore(
      backend: OpenBLASBackend(), workers: Workers(count: workers), trace: trace)
  }

  /// Expects that since the last call exactly this kernel ran, sizes in fp32 elements.
  func expect(
    _ kind: MemoryBoundKind, reads: Int, writes: Int,
    at location: SourceLocation = #_sourceLocation
  ) {
    let wanted = KernelCall(
      operation: .memoryBound(kind), bytesRead: 4 * reads, bytesWritten: 4 * writes)
    #expect(trace.take() == [wanted], sourceLocation: location)
  }
}

/// Expects the same bits from one, two and three workers, and hands back those of one.
///
/// The last `sums` results are sums over rows, which workers cut differently: those must be the same
/// bits again when the same number of workers runs once more, and the same number within rounding.
@discardableResult
func sameForAllWorkers(
  _ label: String, sums: Int = 0, at location: SourceLocation = #_sourceLocation,
  _ body: (ComputeCore) -> [Floats]
) -> [[Float]] {
  let results = [1, 2, 3].map { count in
    let core = ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: count))
    let first = body(core).map(\.values)
    let again = body(core).map(\.values)
    #expect(first == again, "\(label): \(count) workers, twice", sourceLocation: location)
    return first
  }
  for (count, result) in zip(2...3, results.dropFirst()) {
    let message: Comment = "\(label): \(count) workers"
    #expect(result.dropLast(sums) == results[0].dropLast(sums), message, sourceLocation: location)
    for (found, wanted) in zip(result.suffix(sums), results[0].suffix(sums)) {
      // A hundred additions of numbers of size 4 in another order.
      let error = worstError(Floats(found), wanted.map(Double.init))
      #expect(error < 2e-5, message, sourceLocation: location)
    }
  }
  return results[0]
}
