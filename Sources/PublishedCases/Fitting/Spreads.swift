import Foundation
import Scenarios

/// True over predicted time, 90 %, by kind of run: quantiles of what a fit missed on rows it did not see.
///
/// Few runs say little about the ends: quantiles of a kind are drawn to those of all rows, as if the pool
/// counted ten runs (in logarithms). An interval always holds its own prediction.
struct Spreads {
  let rows: [FitRow]
  let validation: CrossValidation

  /// Runs that the pool counts.
  static let pool = 10.0
  /// The narrowest interval to either side.
  static let least = 0.02

  /// Spreads by the name of the kind.
  var byKind: [String: StepConstants.Spread] {
    let seen = Self.logRatios(validation.leaveOneRunOut)
    let unseen = Self.logRatios(validation.leaveOneSeriesOut)
    var result: [String: StepConstants.Spread] = [:]
    for kind in RunKind.allCases {
      let places = rows.indices.filter { rows[$0].kind == kind }
      let near = Self.ends(places.map { seen[$0] }, pool: seen)
      let far = Self.ends(places.map { unseen[$0] }, pool: unseen)
      result[kind.rawValue] = StepConstants.Spread(
        low: near.low, high: near.high, unseenLow: min(near.low, far.low),
        unseenHigh: max(near.high, far.high), runs: places.count)
    }
    return result
  }

  private static func logRatios(_ errors: [Double]) -> [Double] {
    errors.map { -log(max(1e-3, 1 + $0)) }
  }

  static func ends(_ own: [Double], pool: [Double]) -> (low: Double, high: Double) {
    func end(_ share: Double) -> Double {
      let common = quantile(pool, share)
      guard !own.isEmpty else { return common }
      let count = Double(own.count)
      return (count * quantile(own, share) + Self.pool * common) / (count + Self.pool)
    }
    return (
      min(1 - least, exp(end(0.05))),
      max(1 + least, exp(end(0.95)))
    )
  }

  /// The conformal quantile: of n values the `(n + 1) share`-th, so that a new one lies beyond it as
  /// often as it says.
  static func quantile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    let place = share * Double(sorted.count + 1) - 1
    let low = min(max(0, Int(place.rounded(.down))), sorted.count - 1)
    let high = min(low + 1, sorted.count - 1)
    let rest = min(max(0, place - Double(low)), 1)
    return sorted[low] + rest * (sorted[high] - sorted[low])
  }
}
