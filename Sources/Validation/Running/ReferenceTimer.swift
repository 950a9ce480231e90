import TrainingCore

/// Times the bench's reference kernels between the steps of a run: if they slow down, so did the
/// machine.
struct ReferenceTimer {
  private let core: ComputeCore
  private let matrices: [Floats]
  private let source: Floats
  private let target: Floats
  private let clock = ContinuousClock()

  init(_ core: ComputeCore) {
    self.core = core
    matrices = (0..<3).map { index in
      Floats((0..<384 * 384).map { Float(($0 &* 7919 &+ index) % 997) / 1000 + 1e-3 })
    }
    source = Floats([Float](repeating: 0.5, count: 1 << 20))
    target = Floats([Float](repeating: 0, count: 1 << 20))
  }

  /// Seconds of a product of 384 x 384 x 384 and of a copy of 4 MiB, the better of two each.
  func measure() -> (compute: Double, memory: Double) {
    let product = MatrixProduct(m: 384, n: 384, k: 384)
    return (
      best { core.multiply(product, matrices[0], matrices[1], into: matrices[2]) },
      best { core.copy(source, into: target) }
    )
  }

  private func best(_ body: () -> Void) -> Double {
    (0..<2).reduce(.infinity) { least, _ in min(least, clock.measure(body) / .seconds(1)) }
  }
}
