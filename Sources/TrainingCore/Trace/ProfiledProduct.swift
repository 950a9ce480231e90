public import Workloads

/// A matrix product of a step: its size, and which operands are read transposed.
public struct ProfiledProduct: Sendable, Hashable {
  /// Sizes, and how many products one call makes.
  public var shape: GEMMShape
  /// How the left operand is read.
  public var left: Transpose
  /// How the right operand is read.
  public var right: Transpose

  /// The product of a kernel; nil for kernels that multiply no matrices.
  init?(_ kernel: Kernel) {
    guard case .gemm(let shape) = kernel.operation else { return nil }
    self.shape = shape
    switch kernel.function {
    case .linearInputGradient, .tiedLinear, .product, .attentionPart(_, .scores),
      .attentionPart(_, .probabilityGradient):
      (left, right) = (.no, .yes)
    case .linearWeightGradient, .tiedWeightGradient, .productRightGradient,
      .attentionPart(_, .keyGradient), .attentionPart(_, .valueGradient):
      (left, right) = (.yes, .no)
    default: (left, right) = (.no, .no)
    }
  }
}

extension ComputeCore {
  /// Seconds that the matrix library alone takes for the products, on this core's workers.
  ///
  /// Every product runs on operands of its own size, without what the step fuses to it: the median
  /// of `repeats` calls, times how often the step makes it.
  ///
  /// - Parameters:
  ///   - products: How often each is made.
  ///   - repeats: Timed calls of each, after one that is not.
  /// - Returns: Seconds for all of them.
  public func librarySeconds(of products: [ProfiledProduct: Int], repeats: Int = 5) -> Double {
    let ordered = products.sorted {
      ($0.key.shape.m, $0.key.shape.n, $0.key.shape.k)
        < ($1.key.shape.m, $1.key.shape.n, $1.key.shape.k)
    }
    return ordered.reduce(0) { total, entry in
      // The first call maps memory and makes the library choose its code.
      let timed = seconds(of: entry.key, calls: max(1, repeats) + 1).dropFirst().sorted()
      return total + timed[timed.count / 2] * Double(entry.value)
    }
  }

  func seconds(of product: ProfiledProduct, calls: Int) -> [Double] {
    let clock = ContinuousClock()
    let shape = product.shape
    let (left, right, out) = (
      FloatBuffer(count: shape.m * shape.k * shape.count).all,
      FloatBuffer(count: shape.k * shape.n * shape.count).all,
      FloatBuffer(count: shape.m * shape.n * shape.count).all
    )
    left.fill(0.5)
    right.fill(0.25)
    var core = self
    core.trace = nil
    return (0..<calls).map { _ in
      clock.measure {
        core.multiply(shape, transposed: (product.left, product.right), left, right, into: out)
      } / .seconds(1)
    }
  }
}

extension StepExecutor {
  /// Makes every product of the programs once, on operands of its own.
  ///
  /// Afterwards the matrix library has chosen its code and mapped the memory that it works in, as a
  /// driver has after its first kernels: what the process takes beside the arena can then be read.
  public func warmUp() {
    let kernels = plans.values.flatMap { ($0.keepingNothing + $0.backward).map(\.kernel) }
    for product in Set(kernels.compactMap { ProfiledProduct($0) }) {
      _ = core.seconds(of: product, calls: 1)
    }
  }
}
