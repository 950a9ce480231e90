import Testing
import TrainingCore
import Workloads

/// Every library with one and with two workers, each core with a trace of its own.
func tracedCores() -> [ComputeCore] {
  GEMMBackends.available().flatMap { backend in
    [1, 2].map {
      ComputeCore(backend: backend, workers: Workers(count: $0), trace: KernelTrace())
    }
  }
}

extension ComputeCore {
  /// For messages.
  var label: String { "\(backend.name), \(workers.count) workers" }

  /// Expects that exactly one kernel was reported since the last time; sizes in elements.
  func expectCall(
    _ operation: Workloads.Operation, reads: Int, writes: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      trace?.take() == [
        KernelCall(operation: operation, bytesRead: 4 * reads, bytesWritten: 4 * writes)
      ], "\(label)", sourceLocation: sourceLocation)
  }
}

extension Floats {
  /// So many zeros in a new buffer.
  static func zeros(_ count: Int) -> Floats { FloatBuffer(count: count).all }
}

extension SeededGenerator {
  /// Random elements in a new buffer.
  mutating func buffer(_ count: Int, in range: ClosedRange<Float> = -1...1) -> Floats {
    Floats(floats(count, in: range))
  }
}
