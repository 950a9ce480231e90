private import Synchronization

extension ComputeCore {
  /// Stops the program unless the operand holds so many elements; nil passes.
  func check(_ operand: Floats?, _ count: Int, _ name: String) {
    guard let operand else { return }
    precondition(
      count >= 0 && operand.count == count, "\(name): \(operand.count) elements, not \(count)")
  }

  /// Elements of all operands that are there.
  func elements(_ operands: Floats?...) -> Int {
    operands.reduce(0) { $0 + ($1?.count ?? 0) }
  }

  /// Elements of a chunk of `sum(of:)`: enough to hide the call, few enough to share out.
  static let elementsOfChunk: Int = 16_384

  /// The sum of `part` over chunks of `0 ..< total`, spread over the workers.
  ///
  /// Chunks have a fixed length and are added in order: the bits do not depend on the workers.
  func sum(of total: Int, _ part: @Sendable (Range<Int>) -> Double) -> Double {
    let chunk = Self.elementsOfChunk
    let chunks = (total + chunk - 1) / chunk
    let sums = Mutex([Double](repeating: 0, count: chunks))
    workers.forEachPart(of: chunks) { indices in
      for index in indices {
        let value = part(index * chunk..<min((index + 1) * chunk, total))
        sums.withLock { $0[index] = value }
      }
    }
    return sums.withLock { $0.reduce(0, +) }
  }
}
