import Glibc
import LinearProgramming

/// Step times along one axis, and the largest one as the smaller ones foretell it.
///
/// Fits of sizes at most half as large as the largest, in the manner of arXiv 2405.13867: what is
/// learnt on the small is held against the large.
public struct ScalingFit: Sendable, Hashable {
  /// The sizes.
  public var sizes: [Double]
  /// Measured seconds.
  public var measured: [Double]
  /// Predicted seconds, from kernels alone.
  public var predicted: [Double]
  /// Slope of the measured times over the sizes, both as logarithms: least squares.
  public var exponent: Double
  /// The same of the predicted times: what the counts of the step program say.
  public var analyticExponent: Double
  /// The largest size's time from the smaller ones' measured times; nil where there are too few.
  public var foretold: Double?

  /// A fit along an axis.
  ///
  /// - Parameters:
  ///   - powers: powers of the size that the time is a sum of, with constants of 0 or more.
  ///   - sizes: growing sizes, at least two.
  ///   - measured: seconds of each.
  ///   - predicted: what was said of each before.
  public init(powers: [Double], sizes: [Double], measured: [Double], predicted: [Double]) {
    self.sizes = sizes
    self.measured = measured
    self.predicted = predicted
    exponent = Self.slope(sizes, measured)
    analyticExponent = Self.slope(sizes, predicted)
    foretold = nil
    guard let largest = sizes.last else { return }
    let small = sizes.indices.filter { sizes[$0] <= largest / 2 }
    guard small.count >= 3 else { return }
    var question = LeastAbsoluteDeviation(
      "scaling", powers.map { .init("power \(Int($0))".replacingMinus) })
    question.observations = small.map { index in
      .init(powers.map { pow(sizes[index], $0) }, target: measured[index])
    }
    guard let fit = try? question.fit(using: GLPKSolver()) else { return }
    foretold = fit.prediction(for: powers.map { pow(largest, $0) })
  }

  /// The foretold over the measured time of the largest size, minus 1.
  public var foretoldError: Double? {
    guard let foretold, let last = measured.last else { return nil }
    return foretold / last - 1
  }

  /// Least squares in logarithms.
  static func slope(_ sizes: [Double], _ times: [Double]) -> Double {
    let (x, y) = (sizes.map { log($0) }, times.map { log($0) })
    let count = Double(x.count)
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    let above = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let below = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    return below > 0 ? above / below : 0
  }
}

extension String {
  /// Names of the solver hold no sign.
  fileprivate var replacingMinus: String { String(map { $0 == "-" ? "m" : $0 }) }
}
