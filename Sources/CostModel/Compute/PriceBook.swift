import Clusters
import Strategies
import Workloads

/// Segment prices of one device, stack, precision and tensor-parallel group, each computed once.
///
/// Not shared between threads: every search worker has its own.
final class PriceBook {
  private struct Key: Hashable {
    var segment: StepProgram.Segment
    var need: GradientNeed
  }

  /// The pricer of single kernels.
  let pricer: KernelPricer
  private let gradientType: ElementType
  private var index: [Key: Int] = [:]
  /// What stands behind each price.
  private var keys: [Key] = []
  /// All prices; positions are handed out by `position`.
  private(set) var prices: [SegmentPrice] = []

  /// An empty book.
  init(strategy: Strategy, cluster: Cluster) {
    pricer = KernelPricer(strategy: strategy, cluster: cluster)
    gradientType =
      strategy.software.style(precision: strategy.precision, attention: .unfused).gradients
  }

  /// Where the price of a segment's application stands.
  func position(of segment: StepProgram.Segment, need: GradientNeed) -> Int {
    let key = Key(segment: segment, need: need)
    if let known = index[key] { return known }
    prices.append(SegmentPrice(analysis(key), pricer: pricer))
    keys.append(key)
    index[key] = prices.count - 1
    return prices.count - 1
  }

  /// The kernels and tensors behind a price: made again for those who ask.
  func analysis(at position: Int) -> SegmentAnalysis { analysis(keys[position]) }

  private func analysis(_ key: Key) -> SegmentAnalysis {
    let graph = key.segment.spec.graph(key.segment.shape, style: key.segment.style)
    return SegmentAnalysis(graph: graph, need: key.need, gradientType: gradientType)
  }
}
