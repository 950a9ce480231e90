import LinearProgramming

/// How far a law would have come out otherwise, had other kernels of the same kind been timed.
///
/// Source: B. Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 7
/// (1979), 1-26.
enum Bootstrap {
  /// Fits to resampled kernels.
  static let draws = 12
  /// Kernels of a draw at most; deviations of shorter draws are scaled by the root of the lengths.
  static let most = 60

  /// The 5 % and 95 % quantiles of a refitted law's seconds over the law's own, summed over all
  /// kernels; nil where there are too few kernels to draw from.
  static func range(
    of question: LeastAbsoluteDeviation, fit: Fit, seed: UInt64
  ) -> (low: Double, high: Double)? {
    let learned = question.observations.filter { $0.weight > 0 }
    guard learned.count >= 8 else { return nil }
    var random = SeededRandom(seed: seed &+ 0xb007)
    let length = min(most, learned.count)
    let scale = (Double(length) / Double(learned.count)).squareRoot()
    let own = learned.reduce(0) { $0 + fit.prediction(for: $1.features) }
    guard own > 0 else { return nil }
    var ratios: [Double] = []
    for _ in 0..<draws {
      var drawn = question
      drawn.observations = (0..<length).map { _ in
        learned[Int.random(in: 0..<learned.count, using: &random)]
      }
      guard let other = try? drawn.fit(using: GLPKSolver()) else { continue }
      let sum = learned.reduce(0) { $0 + other.prediction(for: $1.features) }
      ratios.append(1 + scale * (sum / own - 1))
    }
    guard !ratios.isEmpty else { return nil }
    ratios.sort()
    return (
      SampleStatistics.quantile(0.05, ofSorted: ratios),
      SampleStatistics.quantile(0.95, ofSorted: ratios)
    )
  }
}
