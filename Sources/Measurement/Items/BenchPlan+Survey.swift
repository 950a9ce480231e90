import TrainingCore

extension BenchPlan {
  /// Kernels that no fit learns from: attention by tokens and head width, the loss by pairs, what a
  /// warm cache is worth, and what threads are.
  static func survey(quick: Bool, workers: Int) -> [BenchKernel] {
    var kernels: [BenchKernel] = []
    for tokens in quick ? [65, 257] : [32, 65, 128, 257, 577] {
      for headWidth in quick ? [64] : [32, 64] {
        // About a million rows times columns of scores.
        let heads = 4
        let samples = max(1, 1_000_000 / (tokens * tokens * heads))
        kernels += [false, true].map {
          .attention(
            samples: samples, tokens: tokens, heads: heads, headWidth: headWidth, isGradient: $0)
        }
      }
    }
    kernels += (quick ? [128, 512] : [64, 256, 1024]).map { .contrastiveLoss(pairs: $0) }
    for kernel in small {
      kernels += [kernel, .warm(kernel)]
    }
    for count in 1...max(1, workers) where workers > 1 {
      kernels += [large, .memoryBound(.copy, rows: 4096, columns: 1024)].map {
        .spread($0, workers: count)
      }
    }
    return kernels
  }

  /// Kernels whose operands, 1 MB or less, stay in a cache.
  private static let small: [BenchKernel] = [
    .product(m: 256, n: 256, k: 256, count: 1, left: .no, right: .no),
    .memoryBound(.copy, rows: 256, columns: 256),
    .memoryBound(.biasGelu, rows: 256, columns: 256),
    .memoryBound(.layerNorm, rows: 256, columns: 256),
    .memoryBound(.softmax, rows: 1024, columns: 65),
  ]

  private static let large = BenchKernel.product(
    m: 2080, n: 1024, k: 256, count: 1, left: .no, right: .no)
}

extension BenchKernel {
  /// Whether a matrix library runs it.
  var isProduct: Bool {
    switch self {
    case .product: true
    case .warm(let kernel), .spread(let kernel, _): kernel.isProduct
    default: false
    }
  }
}
