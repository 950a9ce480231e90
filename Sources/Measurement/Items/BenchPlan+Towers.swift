import TrainingCore

extension BenchPlan {
  /// A small transformer tower at one batch.
  struct SmallTower {
    var samples: Int
    var tokens: Int
    var width: Int
    var headWidth: Int

    var rows: Int { samples * tokens }
    var heads: Int { width / headWidth }

    /// The products of one block: four linear layers and attention, forward and backward.
    var products: [BenchKernel] {
      var kernels: [BenchKernel] = []
      for (input, output) in [
        (width, 3 * width), (width, width), (width, 4 * width), (4 * width, width),
      ] {
        kernels.append(
          .product(m: rows, n: output, k: input, count: 1, left: .no, right: .yes))
        kernels.append(.product(m: rows, n: input, k: output, count: 1, left: .no, right: .no))
        kernels.append(.product(m: output, n: input, k: rows, count: 1, left: .yes, right: .no))
      }
      kernels.append(
        .product(
          m: tokens, n: tokens, k: headWidth, count: samples * heads, left: .no, right: .yes))
      kernels.append(
        .product(
          m: tokens, n: headWidth, k: tokens, count: samples * heads, left: .no, right: .no))
      return kernels
    }
  }

  /// An image tower and a text tower of a tiny CLIP: 65 and 32 tokens.
  static func towerProducts(quick: Bool) -> [BenchKernel] {
    let image = SmallTower(samples: quick ? 16 : 64, tokens: 65, width: 256, headWidth: 64)
    let text = SmallTower(samples: quick ? 32 : 64, tokens: 32, width: 128, headWidth: 32)
    return image.products + text.products
  }

  /// Memory-bound kernels at the sizes of small towers and beyond the caches.
  static func memoryBound(quick: Bool) -> [BenchKernel] {
    var kernels: [BenchKernel] = [.memoryBound(.copy, rows: 4096, columns: 4096)]
    let rows = quick ? [1040, 4160] : [1040, 4160, 16_640]
    for count in rows {
      kernels.append(.memoryBound(.copy, rows: count, columns: 1024))
      kernels.append(.memoryBound(.add, rows: count, columns: 256))
      kernels.append(.memoryBound(.biasGelu, rows: count, columns: 1024))
      kernels.append(.memoryBound(.geluBackward, rows: count, columns: 1024))
      kernels.append(.memoryBound(.layerNorm, rows: count, columns: 256))
      kernels.append(.memoryBound(.layerNormBackward, rows: count, columns: 256))
      kernels.append(.memoryBound(.softmax, rows: count * 4, columns: 65))
      kernels.append(.memoryBound(.softmaxBackward, rows: count * 4, columns: 65))
    }
    kernels += [1_000_000, 4_000_000].map { .memoryBound(.adamW, rows: 1, columns: $0) }
    return kernels
  }
}
