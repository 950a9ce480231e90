import Clusters
import CostModel
import Planning
import Quantities
import Scenarios
import Strategies

/// Errors of a fit on its rows, and on rows that it did not see.
///
/// Every prediction is the model's own under the fold's constants, as `estimate` gives it: what
/// overlaps and what is hidden moves with the kernels.
public struct CrossValidation: Sendable {
  /// Predicted over measured, minus 1, by row: all rows fitted.
  public var fit: [Double]
  /// The same, each run left out once.
  public var leaveOneRunOut: [Double]
  /// The same, each series left out once.
  public var leaveOneSeriesOut: [Double]
  /// The same, each software stack left out once.
  public var leaveOneStackOut: [Double]
  /// The same, each architecture left out once.
  public var leaveOneDeviceOut: [Double]
  /// One constant share of the peak instead of a model, each run left out once.
  public var constantShare: [Double]

  /// Fits as often as it takes.
  ///
  /// - Throws: `FitError`.
  init(_ rows: [FitRow], fit whole: StepFit, software: [SoftwareStack]) throws {
    let constants = whole.stepConstants(software)
    fit = rows.map { $0.seconds(under: constants) / $0.measured - 1 }
    func held(by fold: (FitRow) -> String) throws -> [Double] {
      var errors = [Double](repeating: 0, count: rows.count)
      for name in Set(rows.map(fold)).sorted() {
        let others = try StepFit(rows.filter { fold($0) != name }, turns: 2)
        let constants = others.stepConstants(software)
        for (index, row) in rows.enumerated() where fold(row) == name {
          errors[index] = row.seconds(under: constants) / row.measured - 1
        }
      }
      return errors
    }
    leaveOneRunOut = try held(by: \.group)
    leaveOneSeriesOut = try held(by: \.series)
    leaveOneStackOut = try held(by: \.stack)
    leaveOneDeviceOut = try held(by: \.architecture.rawValue)
    constantShare = Self.shares(rows)
  }

  /// The baseline: time is FLOP over one share of the peak, the median of other runs.
  private static func shares(_ rows: [FitRow]) -> [Double] {
    rows.map { row in
      let others = rows.filter { $0.group != row.group }.map { $0.measured / $0.modelSeconds }
      return (Statistics.median(others) ?? 1) * row.modelSeconds / row.measured - 1
    }
  }
}

extension FitRow {
  /// The model's seconds of the step under constants.
  func seconds(under constants: StepConstants) -> Double {
    var priced = scenario
    priced.cluster.profile = constants.applied(to: scenario.cluster.profile)
    priced.strategy.software = constants.applied(to: scenario.strategy.software)
    return priced.estimator().estimate(priced.strategy, complete: false).step.typical.value
  }
}
