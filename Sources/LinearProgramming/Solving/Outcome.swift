/// The answer to a linear or mixed-integer program.
public enum Outcome: Hashable, Sendable {
  /// The best point; for an integer program, best within the gap that was asked for.
  case optimal(Solution)
  /// No point meets every constraint.
  case infeasible
  /// Points exist, and none is best: the objective improves without end.
  case unbounded
  /// A limit bit first: the best point so far, and the value that no point can beat, where known.
  case stopped(by: Limit, best: Solution?, bound: Double?)

  /// A limit of `SolveOptions`.
  public enum Limit: String, Hashable, Sendable {
    /// Wall time; the answer may differ on another machine.
    case time
    /// Simplex iterations.
    case iterations
    /// Branch-and-bound nodes.
    case nodes
  }

  /// The best point known, if there is one.
  public var solution: Solution? {
    switch self {
    case .optimal(let solution): solution
    case .stopped(_, let best, _): best
    case .infeasible, .unbounded: nil
    }
  }

  /// Whether the solution is proved best: the one question to ask before relying on it.
  public var isOptimal: Bool {
    if case .optimal = self { true } else { false }
  }

  /// One word, or a few.
  var label: String {
    switch self {
    case .optimal: "optimal"
    case .infeasible: "infeasible"
    case .unbounded: "unbounded"
    case .stopped(let limit, let best, _):
      "stopped by the \(limit.rawValue) limit, \(best == nil ? "no" : "a") point found"
    }
  }
}
