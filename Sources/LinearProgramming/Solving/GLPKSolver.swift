internal import CGLPK

/// Solves through GLPK: simplex, and branch and bound with cuts where variables are integers.
///
/// Each call is synchronous, touches no shared state and may run on any thread at any time. Models
/// are checked first, because GLPK ends the process on bad input; what it still dislikes is caught
/// in the C target and thrown as `SolverError.aborted`.
///
/// Source: GNU Linear Programming Kit, Reference Manual for GLPK version 5.0.
public struct GLPKSolver: LinearSolver {
  /// A solver; it has no settings but those of each solve.
  public init() {}

  /// The version of the linked library, as `5.0`.
  public static var version: String { unsafe String(cString: cglpk_version()) }

  /// Solves the model and says how it went.
  ///
  /// An integer program is solved as a linear one first: that proves an unbounded or infeasible
  /// relaxation, gives a bound from the start, and leaves the relaxation's prices in the solution.
  /// The time limit binds loosely: GLPK looks at the clock between steps.
  public func report(
    on model: LinearModel, options: SolveOptions = SolveOptions()
  ) throws(SolverError) -> SolveReport {
    let faults = model.faults
    guard faults.isEmpty else { throw .invalidModel(faults) }
    let optionFaults = options.faults
    guard optionFaults.isEmpty else { throw .invalidOptions(optionFaults) }
    let start = ContinuousClock.now
    let arrays = SolverArrays(model)
    if arrays.hasEmptyColumn {  // no integer lies between the limits: GLPK would call it bad input
      let statistics = SolveStatistics(
        of: model, termination: .finished, primal: .impossible, dual: .none)
      return SolveReport(.infeasible, on: model, statistics: statistics)
    }
    var answer = GLPKAnswer(arrays, of: model, GLPKAnswer.settings(options))
    var attempts = 1
    if answer.brokeDown && model.hasIntegers && (options.cuts || options.presolve) {
      var plain = options
      plain.cuts = false
      plain.presolve = false
      answer = GLPKAnswer(arrays, of: model, GLPKAnswer.settings(plain))
      attempts = 2
    }
    let outcome = try answer.outcome(of: model)
    var statistics = answer.statistics(of: model)
    statistics.attempts = attempts
    statistics.seconds = start.duration(to: .now) / .seconds(1)
    return SolveReport(outcome, on: model, statistics: statistics)
  }
}

/// What one call of the C function brought back.
private struct GLPKAnswer {
  private var result = cglpk_result()
  private var values: [Double]
  private var activities: [Double]
  private var rowPrices: [Double]
  private var columnPrices: [Double]

  init(_ arrays: SolverArrays, of model: LinearModel, _ settings: cglpk_options) {
    values = Array(repeating: 0, count: model.columns.count)
    columnPrices = values
    activities = Array(repeating: 0, count: model.rows.count)
    rowPrices = activities
    var settings = settings
    unsafe cglpk_solve(
      Int32(model.columns.count), arrays.columnLower, arrays.columnUpper, arrays.costs,
      arrays.isInteger, model.objective.constant, model.sense == .maximise ? 1 : 0,
      Int32(model.rows.count), arrays.rowLower, arrays.rowUpper, Int32(arrays.entryValues.count),
      arrays.entryRows, arrays.entryColumns, arrays.entryValues, &settings, &values, &activities,
      &rowPrices, &columnPrices, &result)
  }

  static func settings(_ options: SolveOptions) -> cglpk_options {
    func count(_ limit: Int?) -> Int32 { Int32(clamping: limit ?? 0) }
    let milliseconds = options.timeLimitSeconds.map { ($0 * 1000).rounded(.up) } ?? 0
    return cglpk_options(
      time_limit_milliseconds: Int32(min(milliseconds, 2e9)),
      iteration_limit: count(options.iterationLimit), node_limit: count(options.nodeLimit),
      memory_limit_mebibytes: count(options.memoryLimitMebibytes),
      relative_gap: options.relativeGap, cuts: options.cuts ? 1 : 0,
      integer_presolve: options.presolve ? 1 : 0,
      dual_simplex: options.method == .dualSimplex ? 1 : 0)
  }

  private var stop: Int { Int(result.stop) }

  /// Whether the solver has no answer, for its own reasons.
  var brokeDown: Bool {
    [CGLPK_REJECTED, CGLPK_NUMERICAL, CGLPK_ABORTED].contains { Int($0) == stop }
  }

  func outcome(of model: LinearModel) throws(SolverError) -> Outcome {
    if stop == Int(CGLPK_ABORTED) { throw .aborted(message) }
    if brokeDown {
      throw .numericalTrouble("GLPK code \(result.glpk_code), status \(result.glpk_status)")
    }
    let best = try solution(of: model)
    if let limit {
      return .stopped(by: limit, best: best, bound: bound)
    }
    if primal == .impossible { return .infeasible }
    if primal == .feasible && dual == .impossible { return .unbounded }
    guard let best else {
      throw .numericalTrouble("GLPK code \(result.glpk_code), status \(result.glpk_status)")
    }
    return .optimal(best)
  }

  func statistics(of model: LinearModel) -> SolveStatistics {
    let termination: SolveStatistics.Termination =
      switch limit {
      case .time: .timeLimit
      case .iterations: .iterationLimit
      case .nodes: .nodeLimit
      case nil: stop == Int(CGLPK_GAP_REACHED) ? .gapReached : .finished
      }
    var statistics = SolveStatistics(
      of: model, termination: termination, primal: primal, dual: dual)
    statistics.iterations = Int(result.iterations)
    statistics.nodes = Int(result.nodes)
    return statistics
  }

  private var primal: SolveStatistics.PointStatus { Self.point(result.primal) }
  private var dual: SolveStatistics.PointStatus { Self.point(result.dual) }
  private var bound: Double? { result.has_bound != 0 ? result.bound : nil }

  private static func point(_ code: Int32) -> SolveStatistics.PointStatus {
    switch Int(code) {
    case Int(CGLPK_POINT_FEASIBLE): .feasible
    case Int(CGLPK_POINT_INFEASIBLE): .infeasible
    case Int(CGLPK_POINT_IMPOSSIBLE): .impossible
    default: .none
    }
  }

  private var limit: Outcome.Limit? {
    switch stop {
    case Int(CGLPK_TIME_LIMIT): .time
    case Int(CGLPK_ITERATION_LIMIT): .iterations
    case Int(CGLPK_NODE_LIMIT): .nodes
    default: nil
    }
  }

  /// The point, checked against the model: a solver's word is not enough.
  private func solution(of model: LinearModel) throws(SolverError) -> Solution? {
    guard primal == .feasible, limit != nil || dual == .feasible else { return nil }
    let prices: Solution.PriceSource? =
      dual != .feasible ? nil : model.hasIntegers ? .relaxation : limit == nil ? .optimum : nil
    var solution = Solution(
      of: model, values: values, bound: bound, prices: prices, shadowPrices: rowPrices,
      reducedCosts: columnPrices)
    // The objective is added up again from the values: a proved one bounds itself to the last bit.
    if stop == Int(CGLPK_FINISHED) { solution.bound = solution.objective }
    let violation = solution.largestViolation
    guard violation <= 1e-5 else {
      throw .numericalTrouble("the point found violates a limit by \(violation) of it")
    }
    return solution
  }

  private var message: String {
    let words = unsafe withUnsafeBytes(of: result.message) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return words.split(separator: "\n").joined(separator: "; ")
  }
}
