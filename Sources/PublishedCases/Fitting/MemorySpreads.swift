import Foundation
public import Scenarios

/// True over predicted peak memory, 90 %, by reading.
///
/// No factor of the memory model is fitted, so no row has seen itself in a fit; the ends are
/// conformal quantiles as of times. A known series: all rows of the reading, drawn to those of all
/// readings. An unknown one: each series counts once, by its outermost rows, so that a series with
/// many rows says no more than another.
public struct MemorySpreads: Sendable {
  let rows: [MemoryRow]

  /// Spreads of measured peaks.
  public init(_ rows: [MemoryRow]) { self.rows = rows }

  /// Spreads by reading; readings without a row take those of all rows.
  public var byReading: [String: StepConstants.Spread] {
    guard !rows.isEmpty else { return [:] }
    let far = outermost
    var result: [String: StepConstants.Spread] = [:]
    for basis in CaseMeasurement.Basis.allCases where basis != .unknown {
      let own = rows.filter { $0.reading == basis.rawValue }
      let near = ConformalEnds.ends(own.map(\.logRatio), pool: rows.map(\.logRatio))
      result[basis.rawValue] = StepConstants.Spread(
        low: near.low, high: near.high, unseenLow: min(near.low, far.low),
        unseenHigh: max(near.high, far.high), runs: own.count)
    }
    return result
  }

  /// The series behind it.
  public var series: [String] { Set(rows.map(\.series)).sorted() }

  private var outermost: (low: Double, high: Double) {
    let own = series.map { name in rows.filter { $0.series == name }.map(\.logRatio) }
    let lows = own.compactMap { $0.min() }
    let highs = own.compactMap { $0.max() }
    return (exp(ConformalEnds.quantile(lows, 0.05)), exp(ConformalEnds.quantile(highs, 0.95)))
  }

  /// Peaks that lie in the interval which is made without their series, and all peaks.
  public var leftOut: (inside: Int, all: Int) {
    var inside = 0
    for name in series {
      let spreads = MemorySpreads(rows.filter { $0.series != name }).byReading
      for row in rows where row.series == name {
        guard let spread = spreads[row.reading] else { continue }
        let ratio = row.measured / row.predicted
        if spread.unseenLow <= ratio, ratio <= spread.unseenHigh { inside += 1 }
      }
    }
    return (inside, rows.count)
  }
}
