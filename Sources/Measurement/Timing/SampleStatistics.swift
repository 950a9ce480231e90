/// What a handful of timings says, by order statistics: one slow sample moves none of them far.
public struct SampleStatistics: Sendable, Hashable, Codable {
  /// Number of samples.
  public var count: Int
  /// The middle value.
  public var median: Double
  /// The median distance from the median, times 1.4826: the deviation where errors are normal.
  public var deviation: Double
  /// The 5 % quantile.
  public var low: Double
  /// The 95 % quantile.
  public var high: Double

  /// Statistics of samples; nil where there are none.
  public init?(_ samples: [Double]) {
    guard !samples.isEmpty else { return nil }
    let sorted = samples.sorted()
    count = sorted.count
    let middle = Self.quantile(0.5, ofSorted: sorted)
    median = middle
    deviation = 1.4826 * Self.quantile(0.5, ofSorted: sorted.map { abs($0 - middle) }.sorted())
    low = Self.quantile(0.05, ofSorted: sorted)
    high = Self.quantile(0.95, ofSorted: sorted)
  }

  /// Half of the 90 % confidence interval of the median, as a share of the median.
  ///
  /// `1.645 * 1.2533 * deviation / sqrt(count)`, the normal approximation; infinite below three
  /// samples, of which a deviation says nothing.
  public var relativeHalfInterval: Double {
    guard count >= 3, median > 0 else { return .infinity }
    return 1.645 * 1.2533 * deviation / Double(count).squareRoot() / median
  }

  /// The quantile between the two neighbouring order statistics, linearly.
  ///
  /// - Precondition: at least one value, in growing order; `0 <= share <= 1`.
  public static func quantile(_ share: Double, ofSorted sorted: [Double]) -> Double {
    precondition(!sorted.isEmpty && share >= 0 && share <= 1, "no such quantile")
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }

  /// The weighted quantile: the least value up to which so large a share of the weight lies; nil
  /// where nothing has weight.
  public static func quantile(
    _ share: Double, of values: [(value: Double, weight: Double)]
  ) -> Double? {
    let sorted = values.filter { $0.weight > 0 }.sorted { $0.value < $1.value }
    let target = share * sorted.reduce(0) { $0 + $1.weight }
    var sum = 0.0
    return sorted.first { entry in
      sum += entry.weight
      return sum >= target
    }?.value ?? sorted.last?.value
  }
}
