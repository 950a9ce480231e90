import Measurement
import TrainingCore

/// Times the bench's reference kernels between the steps of a run: if they slow down, so did the
/// machine.
struct ReferenceTimer {
  private let core: ComputeCore
  private let product: MatrixProduct
  private let matrices: [Floats]
  private let source: Floats
  private let target: Floats
  private let clock = ContinuousClock()

  init(_ core: ComputeCore) {
    self.core = core
    guard case .product(let m, let n, let k, _, _, _) = ReferenceClass.compute.kernel,
      case .memoryBound(_, let rows, let columns) = ReferenceClass.memory.kernel
    else { preconditionFailure("the bench's references are a product and a copy") }
    product = MatrixProduct(m: m, n: n, k: k)
    matrices = [m * k, k * n, m * n].enumerated().map { index, count in
      Floats((0..<count).map { Float(($0 &* 7919 &+ index) % 997) / 1000 + 1e-3 })
    }
    source = Floats([Float](repeating: 0.5, count: rows * columns))
    target = Floats([Float](repeating: 0, count: rows * columns))
  }

  /// Seconds of the product and of the copy, the better of two each.
  func measure() -> (compute: Double, memory: Double) {
    (
      best { core.multiply(product, matrices[0], matrices[1], into: matrices[2]) },
      best { core.copy(source, into: target) }
    )
  }

  private func best(_ body: () -> Void) -> Double {
    (0..<2).reduce(.infinity) { least, _ in min(least, clock.measure(body) / .seconds(1)) }
  }
}
