public import Clusters
import LinearProgramming
import Quantities

/// The linear law of matrix products: `launch + flops perFlop + bytes perByte + m n perOutput`.
///
/// Fitted by least absolute relative deviation on random sizes, then judged on the layers of small
/// towers, which it has not seen.
public struct ProductFit: Sendable, Hashable, Codable {
  /// Seconds per product, before any work.
  public var launch: Double
  /// Seconds per FLOP.
  public var perFlop: Double
  /// Seconds per byte of the three operands.
  public var perByte: Double
  /// Seconds per element of the result.
  public var perOutput: Double
  /// Fewest FLOP of a measured call.
  public var fewestFlops: Double
  /// Most FLOP of a measured call.
  public var mostFlops: Double
  /// Median of `|predicted / measured - 1|` on the sizes that the fit learned from.
  public var fitError: Double
  /// The same on held-out sizes.
  public var heldOutError: Double
  /// The 90 % quantile on held-out sizes.
  public var heldOutError90: Double
  /// Summed predicted over summed measured time of the held-out sizes, minus 1.
  public var heldOutBias: Double
  /// Number of held-out sizes.
  public var heldOutCount: Int
  /// The 5 % quantile of measured over predicted time, held out; at most 1.
  public var ratioLow: Double
  /// The 95 % quantile; at least 1.
  public var ratioHigh: Double

  /// Sizes that a fit of four constants needs at least.
  public static let fewestSizes: Int = 8

  /// Fits the law to one library's rows.
  ///
  /// - Throws: `BenchError.tooFewSamples`, or `.fit` where the solver finds no answer.
  public init(_ table: BenchTable, backend: String) throws(BenchError) {
    let rows = table.fitted.filter {
      $0.item.kernel.flops > 0 && $0.item.backend == backend
    }
    let learned = rows.filter { $0.item.role == .fit }
    let heldOut = rows.filter { $0.item.role == .heldOut }
    guard learned.count >= Self.fewestSizes, heldOut.count >= Self.fewestSizes else {
      throw .tooFewSamples(
        "\(learned.count) sizes to learn from and \(heldOut.count) to judge by, "
          + "\(Self.fewestSizes) needed of each")
    }
    var question = LeastAbsoluteDeviation(
      "matrix products", ["launch", "perFlop", "perByte", "perOutput"].map { .init($0) })
    question.observations = (learned + heldOut).map { row in
      .init(
        Self.features(row.item.kernel), target: row.seconds.median,
        weight: row.item.role == .fit ? 1 : 0)
    }
    let fit: Fit
    do {
      fit = try question.fit(using: GLPKSolver())
    } catch {
      throw .fit("\(error)")
    }
    launch = fit.coefficients[0]
    perFlop = fit.coefficients[1]
    perByte = fit.coefficients[2]
    perOutput = fit.coefficients[3]
    let flops = rows.map(\.item.kernel.flops)
    fewestFlops = flops.min() ?? 0
    mostFlops = flops.max() ?? 0
    fitError = fit.medianAbsoluteResidual
    let residuals = fit.residuals.suffix(heldOut.count)
    let sizes = residuals.map { abs($0) }.sorted()
    heldOutError = SampleStatistics.quantile(0.5, ofSorted: sizes)
    heldOutError90 = SampleStatistics.quantile(0.9, ofSorted: sizes)
    heldOutCount = heldOut.count
    let measured = heldOut.reduce(0) { $0 + $1.seconds.median }
    let predicted = zip(heldOut, residuals).reduce(0) { $0 + $1.0.seconds.median * (1 + $1.1) }
    heldOutBias = predicted / measured - 1
    let ratios = residuals.map { 1 / max(1 + $0, 1e-3) }.sorted()
    ratioLow = min(1, SampleStatistics.quantile(0.05, ofSorted: ratios))
    ratioHigh = max(1, SampleStatistics.quantile(0.95, ofSorted: ratios))
  }

  /// The law as the cost model reads it.
  public var law: GEMMCurve.LinearLaw {
    GEMMCurve.LinearLaw(
      launch: Seconds(launch), perFlop: perFlop, perByte: perByte, perOutput: perOutput,
      measured: fewestFlops...mostFlops)
  }

  /// One factor per constant.
  ///
  /// A batch is that many products: each pays the launch.
  static func features(_ kernel: BenchKernel) -> [Double] {
    guard case .product(let m, let n, _, let count, _, _) = kernel else { return [0, 0, 0, 0] }
    return [Double(count), kernel.flops, kernel.bytes, Double(m * n) * Double(count)]
  }
}
