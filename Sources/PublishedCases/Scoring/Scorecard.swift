import CostModel
import Quantities

/// Predictions of many cases, scored by the rules of `Documentation/published-cases.md`.
public struct Scorecard: Sendable {
  /// All predictions in the order of the file.
  public let predictions: [CasePrediction]

  /// Scores predictions.
  public init(_ predictions: [CasePrediction]) { self.predictions = predictions }

  /// Errors of one series, kind of figure and basis.
  public struct Series: Sendable {
    /// What stands before the slash of `group`.
    public var name: String
    /// For memory, who read it; empty for times.
    public var basis = ""
    /// Scored exact figures with their relative errors.
    public var errors: [Double] = []
    /// Scored exact figures that could not be predicted: misses.
    public var missed = 0
    /// Bounds that hold, and all bounds.
    public var boundsKept = 0
    /// All bounds.
    public var bounds = 0
    /// Exact figures inside their interval.
    public var inside = 0
    /// Width of the intervals: high over low.
    public var widths: [Double] = []
    /// Distinct groups among the scored figures.
    public var groups: Set<String> = []

    /// Mean of `|error|`; nil without one.
    public var mean: Double? {
      errors.isEmpty ? nil : errors.reduce(0) { $0 + abs($1) } / Double(errors.count)
    }
    /// Median of `|error|`.
    public var median: Double? { Statistics.median(errors.map(abs)) }
    /// Largest `|error|`.
    public var worst: Double? { errors.map(abs).max() }
    /// Mean error: above 0 the prediction is larger than the figure.
    public var bias: Double? {
      errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
    }
    /// Share of all exact figures, misses included, within an error.
    public func share(within limit: Double) -> Double? {
      let count = errors.count + missed
      return count == 0
        ? nil : Double(errors.filter { abs($0) <= limit }.count) / Double(count)
    }
    /// Share of exact figures inside their interval.
    public var coverage: Double? {
      errors.isEmpty ? nil : Double(inside) / Double(errors.count)
    }
  }

  /// How facts about fitting came out.
  public struct Confusion: Sendable, Hashable {
    /// It ran, and was said to fit.
    public var fitsRight = 0
    /// It ran, and was said not to fit.
    public var fitsWrong = 0
    /// It ran out of memory, and was said not to fit.
    public var doesNotFitRight = 0
    /// It ran out of memory, and was said to fit: the dear mistake.
    public var doesNotFitWrong = 0
    /// Facts of cases that could not be run.
    public var missed = 0
  }

  /// Times by series, in the order of first appearance: errors of the step's seconds, into which rates
  /// are turned.
  public var times: [Series] { series { $0.isTime } }
  /// Peak memory by series and basis.
  public var memory: [Series] { series { $0 == .peakMemory } }
  /// Loss memory by series.
  public var lossMemory: [Series] { series { $0 == .lossMemory } }

  private func series(_ isWanted: (CaseMeasurement.Kind) -> Bool) -> [Series] {
    var order: [String] = []
    var found: [String: Series] = [:]
    for prediction in predictions where prediction.published.isScored {
      let measured = prediction.published.measured.filter { isWanted($0.kind) }
      // Of times the first counts; the others restate it in another unit.
      let counted = measured.first?.kind.isTime == true ? Array(measured.prefix(1)) : measured
      for measurement in counted {
        let basis = measurement.kind.isTime ? "" : measurement.basis?.rawValue ?? "unknown"
        let key = prediction.published.series + "|" + basis
        if found[key] == nil {
          order.append(key)
          found[key] = Series(name: prediction.published.series, basis: basis)
        }
        found[key]?.add(
          prediction.figures.first { $0.measurement == measurement }, for: measurement,
          group: prediction.published.group)
      }
    }
    return order.compactMap { found[$0] }
  }

  /// Facts about fitting.
  public var confusion: Confusion {
    var result = Confusion()
    for prediction in predictions where prediction.published.isScored {
      for measurement in prediction.published.measured
      where measurement.kind == .fits || measurement.kind == .doesNotFit {
        guard let figure = prediction.figures.first(where: { $0.measurement == measurement })
        else {
          result.missed += 1
          continue
        }
        switch (measurement.kind, figure.agrees) {
        case (.fits, true): result.fitsRight += 1
        case (.fits, false): result.fitsWrong += 1
        case (_, true): result.doesNotFitRight += 1
        case (_, false): result.doesNotFitWrong += 1
        }
      }
    }
    return result
  }

  /// Bounds of the largest micro-batch that hold, and all of them.
  public var maxMicroBatch: (kept: Int, all: Int) {
    var result = (kept: 0, all: 0)
    for prediction in predictions where prediction.published.isScored {
      for measurement in prediction.published.measured where measurement.kind == .maxMicroBatch {
        result.all += 1
        if prediction.figures.first(where: { $0.measurement == measurement })?.agrees == true {
          result.kept += 1
        }
      }
    }
    return result
  }

  /// Cases that could not be run.
  public var unsupported: [CasePrediction] { predictions.filter { $0.problem != nil } }

  /// Median over the series' medians of `|error|` of times.
  public var medianOverSeries: Double? { Statistics.median(times.compactMap(\.median)) }
  /// Mean over the series' means of `|error|` of times.
  public var meanOverSeries: Double? {
    let means = times.compactMap(\.mean)
    return means.isEmpty ? nil : means.reduce(0, +) / Double(means.count)
  }
}

extension Scorecard.Series {
  mutating func add(
    _ figure: PredictedFigure?, for measurement: CaseMeasurement, group: String
  ) {
    groups.insert(group)
    guard measurement.bound == .exact else {
      bounds += 1
      if figure?.agrees == true { boundsKept += 1 }
      return
    }
    guard let figure, let error = figure.error else {
      missed += 1
      return
    }
    errors.append(figure.stepError ?? error)
    if figure.agrees { inside += 1 }
    if figure.predicted.low > 0 { widths.append(figure.predicted.high / figure.predicted.low) }
  }
}
