import Glibc
import Measurement

/// A method's cost over its baseline: measured and predicted.
public struct OverheadEntry: Sendable, Hashable {
  /// The run.
  public var id: String
  /// Its baseline.
  public var baseline: String
  /// Measured ratio of step times.
  public var measured: Double
  /// Half of the measured ratio's 90 % interval, as a share of it; nil below three pairs.
  public var halfInterval: Double?
  /// Predicted ratio.
  public var predicted: Double

  /// Predicted over measured ratio, minus 1.
  public var error: Double { predicted / measured - 1 }
  /// Predicted minus measured excess, as a share of the measured ratio's excess over 1; nil where
  /// the method costs less than a tenth more than its baseline.
  public var excessError: Double? {
    measured > 1.1 ? (predicted - 1) / (measured - 1) - 1 : nil
  }
}

/// What a set of runs says about the model.
public struct ValidationSummary: Sendable, Hashable {
  /// Runs.
  public var count: Int
  /// Median of the absolute relative errors of step time.
  public var timeMedian: Double
  /// Their 90 % quantile.
  public var time90: Double
  /// Median of the absolute relative errors of overhead ratios.
  public var overheadMedian: Double
  /// Median of the absolute relative errors of the excess (ratio - 1).
  public var excessMedian: Double
  /// Largest absolute relative error of an excess; nil where there is none.
  public var excessMax: Double?
  /// Largest absolute relative error of the counted peak.
  public var memoryMax: Double
  /// Share of runs whose time lies in the predicted interval.
  public var coverage: Double
  /// Probability of a coverage at least as far from 90 %, if 90 % were true.
  public var coverageProbability: Double
  /// Largest upper over lower end of an interval.
  public var intervalFactor: Double
  /// Every method over its baseline.
  public var overheads: [OverheadEntry]

  /// The summary of entries.
  ///
  /// - Precondition: at least one entry.
  public init(_ entries: [ValidationEntry]) {
    count = entries.count
    let errors = entries.map { abs($0.timeError) }.sorted()
    timeMedian = Self.quantile(0.5, errors)
    time90 = Self.quantile(0.9, errors)
    let byID = Dictionary(entries.map { ($0.id, $0) }) { first, _ in first }
    overheads = entries.compactMap { entry in
      guard let baseline = entry.baseline, let base = byID[baseline] else { return nil }
      return OverheadEntry(
        id: entry.id, baseline: baseline,
        measured: entry.ratio?.value ?? entry.seconds / base.seconds,
        halfInterval: entry.ratio.map(\.halfInterval).flatMap { $0.isFinite ? $0 : nil },
        predicted: entry.prediction.seconds / base.prediction.seconds)
    }
    overheadMedian = Self.quantile(0.5, overheads.map { abs($0.error) }.sorted())
    excessMedian = Self.quantile(0.5, overheads.compactMap { $0.excessError.map(abs) }.sorted())
    excessMax = overheads.compactMap { $0.excessError.map(abs) }.max()
    memoryMax = entries.map { abs($0.memoryError) }.max() ?? 0
    let covered = entries.count(where: \.isCovered)
    coverage = Double(covered) / Double(entries.count)
    coverageProbability = Self.binomial(covered, of: entries.count, share: 0.9)
    intervalFactor = entries.map(\.intervalFactor).max() ?? 1
  }

  private static func quantile(_ share: Double, _ sorted: [Double]) -> Double {
    sorted.isEmpty ? 0 : SampleStatistics.quantile(share, ofSorted: sorted)
  }

  /// The two-sided exact binomial test: the sum over all outcomes that are no more likely.
  static func binomial(_ hits: Int, of count: Int, share: Double) -> Double {
    func likelihood(_ hits: Int) -> Double {
      exp(
        lgamma(Double(count + 1)) - lgamma(Double(hits + 1)) - lgamma(Double(count - hits + 1))
          + Double(hits) * log(share) + Double(count - hits) * log(1 - share))
    }
    let own = likelihood(hits)
    return min(
      1,
      (0...count).map(likelihood).filter { $0 <= own * (1 + 1e-9) }.reduce(0, +))
  }
}
