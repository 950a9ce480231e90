import Foundation
import Quantities
import Strategies

/// True over predicted time, 90 %, by kind of run: quantiles of what a fit missed on rows it did not see.
///
/// For another run of a fitted series a run is what is drawn: runs weigh alike, however many rows they
/// have. For another series a series is drawn; rows weigh `1 / sqrt(rows of the series)`, as in the fit.
/// Few draws say little about the ends: quantiles of a kind are drawn to those of all rows, as if the
/// pool counted ten (in logarithms). An interval always holds its own prediction.
struct Spreads {
  /// Measured steps.
  let rows: [FitRow]
  /// What was missed on them.
  let misses: Misses

  /// `log(true / predicted)` by row, as far as a fit had not seen it.
  struct Misses {
    /// The run was left out.
    var run: [Double]
    /// The series was.
    var series: [Double]
    /// The software was.
    var stack: [Double]
    /// The architecture was.
    var device: [Double]

    init(_ validation: CrossValidation) {
      func logs(_ errors: [Double]) -> [Double] { errors.map { -log(max(1e-3, 1 + $0)) } }
      run = logs(validation.leaveOneRunOut)
      series = logs(validation.leaveOneSeriesOut)
      stack = logs(validation.leaveOneStackOut)
      device = logs(validation.leaveOneDeviceOut)
    }
  }

  /// Runs, or series, that the pool counts.
  static let pool = ConformalEnds.pool
  /// The narrowest interval to either side.
  static let least = ConformalEnds.least

  /// Spreads by kind, from those rows for which `isUsed` holds.
  func byKind(of isUsed: (FitRow) -> Bool = { _ in true }) -> [RunKind: StepSpreads.Spread] {
    let runs = Draws(rows, misses.run, unit: \.group, isUsed) { 1 / $0 }
    let series = Draws(rows, misses.series, unit: \.series, isUsed) { 1 / $0.squareRoot() }
    var result: [RunKind: StepSpreads.Spread] = [:]
    for kind in RunKind.allCases {
      let near = ends(runs, kind)
      let far = ends(series, kind)
      result[kind] = StepSpreads.Spread(
        seen: near,
        unseen: Range90(low: min(near.low, far.low), typical: 1, high: max(near.high, far.high)),
        runs: runs.units(of: kind))
    }
    return result
  }

  /// How much further the pooled ends lie where the software was left out, not the series alone.
  func unknownSoftware(of isUsed: (FitRow) -> Bool = { _ in true }) -> Range90 {
    further(misses.stack, isUsed)
  }

  /// How much further the pooled ends lie where the architecture was left out.
  func unknownDevice(of isUsed: (FitRow) -> Bool = { _ in true }) -> Range90 {
    further(misses.device, isUsed)
  }

  private func further(_ misses: [Double], _ isUsed: (FitRow) -> Bool) -> Range90 {
    func pooled(_ values: [Double]) -> Draws {
      Draws(rows, values, unit: \.series, isUsed) { 1 / $0.squareRoot() }
    }
    let (far, near) = (pooled(misses), pooled(self.misses.series))
    return Range90(
      low: min(1, exp(far.quantile(0.05) - near.quantile(0.05))), typical: 1,
      high: max(1, exp(far.quantile(0.95) - near.quantile(0.95))))
  }

  private func ends(_ draws: Draws, _ kind: RunKind) -> Range90 {
    let count = Double(draws.units(of: kind))
    func end(_ share: Double) -> Double {
      let common = draws.quantile(share)
      guard count > 0 else { return common }
      return (count * draws.quantile(share, of: kind) + Self.pool * common) / (count + Self.pool)
    }
    return Range90(
      low: min(1 - Self.least, exp(end(0.05))), typical: 1,
      high: max(1 + Self.least, exp(end(0.95))))
  }
}

/// Weighted draws from what was missed.
private struct Draws {
  private let draws: [(value: Double, weight: Double, kind: RunKind)]
  private let names: [RunKind: Set<String>]

  /// Draws of the rows for which `isUsed` holds; `weight` is that of one of `count` rows of a unit.
  init(
    _ rows: [FitRow], _ values: [Double], unit: (FitRow) -> String, _ isUsed: (FitRow) -> Bool,
    weight: (Double) -> Double
  ) {
    let used = rows.indices.filter { isUsed(rows[$0]) }
    var sizes: [String: Double] = [:]
    var names: [RunKind: Set<String>] = [:]
    for place in used {
      sizes[unit(rows[place]), default: 0] += 1
      names[rows[place].kind, default: []].insert(unit(rows[place]))
    }
    draws = used.map {
      (values[$0], weight(sizes[unit(rows[$0])] ?? 1), rows[$0].kind)
    }.sorted { $0.value < $1.value }
    self.names = names
  }

  /// Distinct runs, or series, of a kind.
  func units(of kind: RunKind) -> Int { names[kind]?.count ?? 0 }

  /// The weighted conformal quantile: of n draws of one weight the `(n + 1) share`-th, so that a new
  /// one lies beyond it as often as it says.
  func quantile(_ share: Double, of kind: RunKind? = nil) -> Double {
    let own = draws.filter { kind == nil || $0.kind == kind }
    guard let first = own.first, let last = own.last else { return 0 }
    let total = own.reduce(0) { $0 + $1.weight }
    // What a new draw weighs: draws of other weights count as fewer (Kish's effective number).
    let fresh = own.reduce(0) { $0 + $1.weight * $1.weight } / total
    let wanted = share * (total + fresh) - fresh / 2
    var before = 0.0
    var previous: (place: Double, value: Double)?
    for draw in own {
      let place = before + draw.weight / 2
      if place >= wanted {
        guard let previous, place > previous.place else { return previous?.value ?? first.value }
        let rest = (wanted - previous.place) / (place - previous.place)
        return previous.value + rest * (draw.value - previous.value)
      }
      previous = (place, draw.value)
      before += draw.weight
    }
    return last.value
  }
}
