import Glibc
import TrainingCore

/// Which kernels a bench times, and at which sizes.
public struct BenchPlan: Sendable, Hashable {
  /// The items, in a fixed order.
  public var items: [BenchItem]

  /// A plan.
  public init(items: [BenchItem]) { self.items = items }

  /// The plan of this program.
  ///
  /// The fit learns from random sizes, log-uniform: token counts of any kind, and widths that are
  /// multiples of 64 three times out of four, as those of real layers are. It is judged by the
  /// layers of small towers.
  ///
  /// - Parameters:
  ///   - quick: fewer sizes, none above 0.7 GFLOP.
  ///   - primary: the library whose constants are fitted.
  ///   - others: libraries that only squares and one tower layer are timed with.
  ///   - workers: threads of the machine: one product and one copy are timed on 1 to so many.
  ///   - seed: equal seeds give equal sizes.
  /// - Returns: items in a fixed order, without duplicates.
  public static func standard(
    quick: Bool, primary: String, others: [String], workers: Int = 1, seed: UInt64
  ) -> BenchPlan {
    var random = SeededRandom(seed: seed)
    var items = [BenchItem(.emptyCall, role: .fit)]
    items += randomProducts(quick ? 20 : 48, limit: quick ? 7e8 : 4e9, using: &random)
      .map { BenchItem($0, backend: primary, role: .fit) }
    items += randomBatches(quick ? 6 : 14, using: &random)
      .map { BenchItem($0, backend: primary, role: .fit) }
    items += towerProducts(quick: quick).map { BenchItem($0, backend: primary, role: .heldOut) }
    items += memoryBound(quick: quick).map { BenchItem($0, role: .fit) }
    items += passes(quick: quick).map { BenchItem($0, role: .fit) }
    items += survey(quick: quick, workers: workers).map { kernel in
      BenchItem(kernel, backend: kernel.isProduct ? primary : "", role: .survey)
    }
    for backend in [primary] + others {
      items += comparison.map { BenchItem($0, backend: backend, role: .comparison) }
    }
    return BenchPlan(items: items)
  }

  /// Kernels between segments, from a few thousand elements to some million.
  private static func passes(quick: Bool) -> [BenchKernel] {
    let sizes = quick ? [1, 24, 320] : [1, 6, 24, 90, 320, 1280]
    return PassKernel.allCases.flatMap { kernel in
      sizes.map { .pass(kernel, elements: $0 * 6144) }
    }
  }

  /// The layouts of a linear layer's three products: forward, input gradient, weight gradient.
  static let layouts: [(left: Transpose, right: Transpose)] = [
    (.no, .yes), (.no, .no), (.yes, .no),
  ]

  /// Squares, and one layer of a small tower.
  static var comparison: [BenchKernel] {
    [256, 512, 1024].map {
      .product(m: $0, n: $0, k: $0, count: 1, left: .no, right: .no)
    } + [.product(m: 4160, n: 256, k: 256, count: 1, left: .no, right: .yes)]
  }

  private static func randomProducts(
    _ count: Int, limit: Double, using random: inout SeededRandom
  ) -> [BenchKernel] {
    var kernels: [BenchKernel] = []
    while kernels.count < count {
      let layout = layouts[kernels.count % layouts.count]
      // One side is tokens or samples and long, two are widths. In a weight gradient the long side
      // is the summed one.
      let long = logUniform(48, 6000, using: &random)
      let (first, second) = (width(using: &random), width(using: &random))
      let weightGradient = layout.left == .yes
      let kernel = BenchKernel.product(
        m: weightGradient ? first : long, n: second, k: weightGradient ? long : first, count: 1,
        left: layout.left, right: layout.right)
      guard kernel.flops >= 1e6 && kernel.flops <= limit else { continue }
      kernels.append(kernel)
    }
    return kernels
  }

  private static func width(using random: inout SeededRandom) -> Int {
    let any = logUniform(48, 1600, using: &random)
    return Int.random(in: 0..<4, using: &random) == 0 ? any : max(1, (any + 32) / 64) * 64
  }

  /// Scores and weighted sums of attention, at random token counts.
  private static func randomBatches(
    _ count: Int, using random: inout SeededRandom
  ) -> [BenchKernel] {
    (0..<count).map { index in
      let tokens = logUniform(20, 200, using: &random)
      let width = [32, 64][Int.random(in: 0...1, using: &random)]
      let batch = min(logUniform(32, 400, using: &random), 4_000_000 / (tokens * tokens))
      return switch index % 3 {
      case 0: .product(m: tokens, n: tokens, k: width, count: batch, left: .no, right: .yes)
      case 1: .product(m: tokens, n: width, k: tokens, count: batch, left: .no, right: .no)
      default: .product(m: tokens, n: width, k: tokens, count: batch, left: .yes, right: .no)
      }
    }
  }

  private static func logUniform(
    _ low: Double, _ high: Double, using random: inout SeededRandom
  ) -> Int {
    Int(exp(Double.random(in: log(low)...log(high), using: &random)).rounded())
  }
}
