/// Errors of a fit on its rows, and on rows that it did not see.
public struct CrossValidation: Sendable {
  /// Predicted over measured, minus 1, by row: all rows fitted.
  public var fit: [Double]
  /// The same, each run left out once.
  public var leaveOneRunOut: [Double]
  /// The same, each series left out once.
  public var leaveOneSeriesOut: [Double]
  /// One constant share of the peak instead of a model, each run left out once.
  public var constantShare: [Double]

  /// Fits as often as it takes.
  ///
  /// - Throws: `FitError`.
  public init(_ rows: [FitRow]) throws {
    let whole = try StepFit(rows)
    fit = rows.map { whole.prediction($0) / $0.measured - 1 }
    leaveOneRunOut = try Self.held(rows, by: \.group)
    leaveOneSeriesOut = try Self.held(rows, by: \.series)
    constantShare = Self.shares(rows)
  }

  /// Errors of rows under the fit to all rows of other folds.
  private static func held(
    _ rows: [FitRow], by fold: (FitRow) -> String
  ) throws -> [Double] {
    var errors = [Double](repeating: 0, count: rows.count)
    for name in Set(rows.map(fold)).sorted() {
      let fit = try StepFit(rows.filter { fold($0) != name }, turns: 2)
      for (index, row) in rows.enumerated() where fold(row) == name {
        errors[index] = fit.prediction(row) / row.measured - 1
      }
    }
    return errors
  }

  /// The baseline: time is FLOP over one share of the peak, the median of other runs.
  private static func shares(_ rows: [FitRow]) -> [Double] {
    rows.map { row in
      let others = rows.filter { $0.group != row.group }.map { $0.measured / $0.modelSeconds }
      return (Statistics.median(others) ?? 1) * row.modelSeconds / row.measured - 1
    }
  }
}
