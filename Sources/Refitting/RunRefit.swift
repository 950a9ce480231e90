import CostModel
import Foundation
import LinearProgramming
import Planning
import Quantities
public import Scenarios
import Strategies

/// Factors on a profile's and a stack's overheads that explain some measured runs.
///
/// The factors maximise belief: runs repeat within about 3 %, and each factor lies near 1 within the
/// range that the profile gives for it; both with the tails of a Laplace distribution, so that
/// `sum |log predicted/measured| / 0.03 + sum |log factor| / scale` is least. That is a linear
/// program in the logarithms; since a step is no product of factors, it is solved again around its
/// own answer until the answer stays. Unlike least squares, it moves few factors and leaves others
/// at 1.
public struct RunRefit: Sendable {
  /// How far two runs of one configuration differ: the scale of `|log predicted/measured|`.
  public static let noise = 0.03
  /// The same of memory, which repeats.
  public static let memoryNoise = 0.005
  /// A factor may leave its 90 % range by as much again, in logarithms.
  public static let reach = 2.0

  /// The factors that are not 1, by term.
  public private(set) var factors: [RefitTerm: Double] = [:]
  /// Predicted over measured minus 1, before and after, by run.
  public private(set) var time: [Errors] = []
  /// The same of memory; nil where a run has none.
  public private(set) var memory: [Errors?] = []
  /// Each term alone: its factor, and the mean absolute error of time that is left.
  public private(set) var alone: [Alone] = []

  /// Errors of one run.
  public struct Errors: Sendable, Hashable {
    /// With the profile as it is.
    public var before: Double
    /// With all factors.
    public var after: Double
    /// With factors from the other runs alone; nil where there are fewer than three runs.
    public var leftOut: Double?
  }

  /// What one term alone would do.
  public struct Alone: Sendable, Hashable {
    /// The term.
    public var term: RefitTerm
    /// Its factor.
    public var factor: Double
    /// Mean of `|error|` that is left.
    public var error: Double
  }

  private let runs: [MeasuredRun]

  /// Refits to runs on one profile with one stack.
  ///
  /// - Precondition: at least one run.
  /// - Throws: `FitError` where the solver finds no answer.
  public init(_ runs: [MeasuredRun]) throws {
    precondition(!runs.isEmpty, "a refit needs runs")
    self.runs = runs
    let all = Array(runs.indices)
    let times = try fit(RefitTerm.ofTime, to: all, Self.seconds)
    let bytes = try fit(
      RefitTerm.ofMemory, to: all.filter { runs[$0].memory != nil }, Self.bytes,
      noise: Self.memoryNoise)
    factors = times.merging(bytes) { first, _ in first }
    let left = try all.map { index -> [RefitTerm: Double]? in
      guard runs.count >= 3 else { return nil }
      return try fit(RefitTerm.ofTime, to: all.filter { $0 != index }, Self.seconds)
    }
    time = all.map { index in
      Errors(
        before: error(index, [:], Self.seconds), after: error(index, factors, Self.seconds),
        leftOut: left[index].map { error(index, $0, Self.seconds) })
    }
    memory = all.map { index in
      guard runs[index].memory != nil else { return nil }
      return Errors(
        before: error(index, [:], Self.bytes), after: error(index, factors, Self.bytes),
        leftOut: nil)
    }
    for term in RefitTerm.ofTime {
      let own = try fit([term], to: all, Self.seconds, isPulled: false)
      guard let factor = own[term] else { continue }
      alone.append(
        Alone(
          term: term, factor: factor,
          error: all.reduce(0) { $0 + error($1, own, Self.seconds).magnitude }
            / Double(all.count)))
    }
    // Equal ones keep the order of the terms.
    alone = alone.enumerated().sorted {
      ($0.element.error, $0.offset) < ($1.element.error, $1.offset)
    }.map(\.element)
  }

  /// Mean of `|error|` of time, before and after.
  public var meanError: (before: Double, after: Double) {
    let count = Double(time.count)
    return (
      time.reduce(0) { $0 + $1.before.magnitude } / count,
      time.reduce(0) { $0 + $1.after.magnitude } / count
    )
  }

  // MARK: Prediction

  /// What is predicted for a run, and what was measured.
  private typealias Quantity =
    @Sendable (MeasuredRun, Scenario) -> (
      predicted: Double, measured: Double
    )

  private static let seconds: Quantity = { run, scenario in
    let step = scenario.estimator().pricer.quick(
      scenario.strategy, calibration: scenario.workload.calibration
    ).step
    return (step.value, run.step.value)
  }

  private static let bytes: Quantity = { run, scenario in
    let memory = scenario.estimator().pricer.memory(
      scenario.strategy, calibration: scenario.workload.calibration)
    let predicted =
      switch run.reading {
      case .allocated: memory.allocated
      case .reserved: memory.reserved
      case .device: memory.peak
      }
    return (predicted.value, run.memory?.value ?? .nan)
  }

  private static func scenario(_ run: MeasuredRun, _ factors: [RefitTerm: Double]) -> Scenario {
    RefitTerm.allCases.reduce(run.scenario) { scenario, term in
      factors[term].map { term.applied($0, to: scenario) } ?? scenario
    }
  }

  private func error(
    _ index: Int, _ factors: [RefitTerm: Double], _ quantity: Quantity
  ) -> Double {
    let (predicted, measured) = quantity(runs[index], Self.scenario(runs[index], factors))
    return predicted / measured - 1
  }

  // MARK: Fit

  /// Most linear programs of one fit, and the change of a logarithm at which it ends.
  private static let rounds = 12
  private static let settled = 1e-4

  private func fit(
    _ terms: [RefitTerm], to chosen: [Int], _ quantity: Quantity, noise: Double = noise,
    isPulled: Bool = true
  ) throws(FitError) -> [RefitTerm: Double] {
    guard let first = chosen.first else { return [:] }
    let ranges = terms.map { $0.range(in: runs[first].scenario) }
    var logs = [Double](repeating: 0, count: terms.count)
    var best: (logs: [Double], loss: Double)?
    for _ in 0..<Self.rounds {
      let (values, slopes) = linearised(terms, logs, chosen, quantity)
      let loss = self.loss(values, logs, ranges, noise, isPulled: isPulled)
      if loss < best?.loss ?? .infinity { best = (logs, loss) }
      let next = try solve(terms, ranges, logs, values, slopes, noise, isPulled: isPulled)
      let change = zip(logs, next).map { abs($0 - $1) }.max() ?? 0
      logs = next
      if change < Self.settled { break }
    }
    let (values, _) = linearised(terms, logs, chosen, quantity)
    let loss = self.loss(values, logs, ranges, noise, isPulled: isPulled)
    if let best, best.loss < loss { logs = best.logs }
    var factors: [RefitTerm: Double] = [:]
    for (term, log) in zip(terms, logs) where abs(log) > 1e-6 { factors[term] = exp(log) }
    return factors
  }

  /// Logarithms of predicted over measured, and their slopes in every term.
  private func linearised(
    _ terms: [RefitTerm], _ logs: [Double], _ chosen: [Int], _ quantity: Quantity
  ) -> (values: [Double], slopes: [[Double]]) {
    func value(_ index: Int, _ logs: [Double]) -> Double {
      var factors: [RefitTerm: Double] = [:]
      for (term, log) in zip(terms, logs) { factors[term] = exp(log) }
      let (predicted, measured) = quantity(runs[index], Self.scenario(runs[index], factors))
      return log(predicted / measured)
    }
    let step = 0.01
    var values: [Double] = []
    var slopes: [[Double]] = []
    for index in chosen {
      values.append(value(index, logs))
      slopes.append(
        terms.indices.map { place in
          var up = logs
          var down = logs
          up[place] += step
          down[place] -= step
          let slope = (value(index, up) - value(index, down)) / (2 * step)
          return abs(slope) < 1e-9 ? 0 : slope
        })
    }
    return (values, slopes)
  }

  private func loss(
    _ values: [Double], _ logs: [Double], _ ranges: [Range90], _ noise: Double,
    isPulled: Bool
  ) -> Double {
    let errors = values.reduce(0) { $0 + abs($1) / noise }
    guard isPulled else { return errors }
    return zip(logs, ranges).reduce(errors) { $0 + abs($1.0) * Self.pull($1.1, up: $1.0 > 0) }
  }

  /// 90 % of a Laplace distribution lie within 2.3 scales.
  private static func pull(_ range: Range90, up: Bool) -> Double {
    let reach = up ? log(range.high) : -log(range.low)
    return 2.3 / max(reach, 1e-3)
  }

  /// One linear program around `logs`: moves up and down are unknowns of their own, as ranges are
  /// not symmetric.
  private func solve(
    _ terms: [RefitTerm], _ ranges: [Range90], _ logs: [Double], _ values: [Double],
    _ slopes: [[Double]], _ noise: Double, isPulled: Bool
  ) throws(FitError) -> [Double] {
    var coefficients = [LeastAbsoluteDeviation.Coefficient("one", in: .between(1, 1))]
    for (term, range) in zip(terms, ranges) {
      for up in [true, false] {
        let end = up ? log(range.high) : -log(range.low)
        coefficients.append(
          .init(
            term.rawValue + (up ? " up" : " down"),
            in: .between(0, max(0, Self.reach * end)),
            prior: .init(0, pull: isPulled ? noise * Self.pull(range, up: up) : 1e-6)))
      }
    }
    var question = LeastAbsoluteDeviation("refit", coefficients)
    question.observations = zip(values, slopes).map { value, slopes in
      // `log` error at the new place is `value + sum slope (new - old)`: 1 plus that against 1.
      let start = zip(slopes, logs).reduce(value) { $0 - $1.0 * $1.1 }
      return .init([1 + start] + slopes.flatMap { [$0, -$0] }, target: 1)
    }
    let fit = try question.fit(using: GLPKSolver())
    return terms.indices.map { fit.coefficients[1 + 2 * $0] - fit.coefficients[2 + 2 * $0] }
  }
}
