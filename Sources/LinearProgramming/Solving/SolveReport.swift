/// An answer, and how the solver came to it.
public struct SolveReport: Sendable {
  /// The answer.
  public let outcome: Outcome
  /// How the solver came to it.
  public let statistics: SolveStatistics
  /// The name of the model.
  public let modelName: String

  /// An answer to `model`.
  public init(_ outcome: Outcome, on model: LinearModel, statistics: SolveStatistics) {
    self.outcome = outcome
    self.statistics = statistics
    self.modelName = model.name
  }

  /// The answer as a small tree of text: status, solution, work; the same for the same model.
  ///
  /// - Parameter seconds: whether to print the wall time too, which no two solves share.
  /// - Returns: lines without a final line break.
  public func summary(seconds: Bool = false) -> String {
    var branches: [(title: String, leaves: [String])] = [
      (
        "Status",
        [
          "stopped because: \(statistics.termination.rawValue)",
          "primal point: \(statistics.primal.rawValue)", "dual point: \(statistics.dual.rawValue)",
        ]
      )
    ]
    var answer: [String] = []
    var knownBound: Double?
    if case .stopped(_, _, let bound) = outcome { knownBound = bound }
    if let solution = outcome.solution {
      answer.append("objective: \(shortDecimal(solution.objective))")
      knownBound = knownBound ?? solution.bound
    }
    if let knownBound { answer.append("bound: \(shortDecimal(knownBound))") }
    if let gap = outcome.solution?.gap { answer.append("gap: \(shortDecimal(gap))") }
    if !answer.isEmpty { branches.append(("Solution", answer)) }
    var work = [
      "size: \(statistics.variables) variables (\(statistics.integers) integer), "
        + "\(statistics.constraints) constraints, \(statistics.coefficients) coefficients",
      "simplex iterations: \(statistics.iterations)",
      "branch-and-bound nodes: \(statistics.nodes)",
    ]
    if statistics.attempts > 1 { work.append("attempts: \(statistics.attempts)") }
    if seconds { work.append("seconds: \(shortDecimal(statistics.seconds))") }
    branches.append(("Work", work))
    return tree("\(modelName): \(outcome.label)", branches)
  }

  private func tree(_ root: String, _ branches: [(title: String, leaves: [String])]) -> String {
    var lines = [root]
    for (place, branch) in branches.enumerated() {
      let isLast = place == branches.count - 1
      lines.append((isLast ? "└─ " : "├─ ") + branch.title)
      for (leafPlace, leaf) in branch.leaves.enumerated() {
        let twig = leafPlace == branch.leaves.count - 1 ? "└─ " : "├─ "
        lines.append((isLast ? "   " : "│  ") + twig + leaf)
      }
    }
    return lines.joined(separator: "\n")
  }
}

/// How a solver came to its answer: statuses, sizes and work, apart from the answer itself.
public struct SolveStatistics: Hashable, Sendable {
  /// Why the solver stopped.
  public enum Termination: String, Hashable, Sendable {
    /// It proved its answer.
    case finished
    /// An integer program came within the gap that was asked for.
    case gapReached = "the requested gap is reached"
    /// Wall time ran out.
    case timeLimit = "time limit"
    /// Simplex iterations ran out.
    case iterationLimit = "iteration limit"
    /// Branch-and-bound nodes ran out.
    case nodeLimit = "node limit"
  }

  /// What is known of a point.
  public enum PointStatus: String, Hashable, Sendable {
    /// No point.
    case none
    /// It meets every limit.
    case feasible
    /// It does not.
    case infeasible
    /// No such point exists.
    case impossible = "proved impossible"
  }

  /// Why the solver stopped.
  public var termination: Termination
  /// The primal point; for an integer program, the integer one.
  public var primal: PointStatus
  /// The dual point; for an integer program, of its relaxation.
  public var dual: PointStatus
  /// Simplex iterations; for an integer program, of its relaxation.
  public var iterations: Int = 0
  /// Branch-and-bound nodes; 0 for a linear program.
  public var nodes: Int = 0
  /// Runs of the solver: 2 where the first broke down and a plainer setting was tried.
  public var attempts: Int = 1
  /// Number of variables.
  public var variables: Int
  /// Number of variables that must be integers.
  public var integers: Int
  /// Number of constraints.
  public var constraints: Int
  /// Number of coefficients in the constraints, zeros apart.
  public var coefficients: Int
  /// Wall seconds; differs from run to run.
  public var seconds: Double = 0

  /// Statuses, with the sizes of `model` and no work done yet.
  public init(
    of model: LinearModel, termination: Termination, primal: PointStatus, dual: PointStatus
  ) {
    self.termination = termination
    self.primal = primal
    self.dual = dual
    self.variables = model.columns.count
    self.integers = model.columns.count { $0.kind == .integer }
    self.constraints = model.rows.count
    self.coefficients = model.rows.reduce(0) { $0 + $1.terms.count }
  }
}
