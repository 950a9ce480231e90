/// What a solver may do before it must stop.
///
/// Limits on iterations and nodes give the same answer on every machine; a limit on seconds does
/// not, and `Outcome.stopped` says when one bit.
public struct SolveOptions: Hashable, Sendable {
  /// How the first linear program is solved; both find the same optimum.
  public enum Method: Hashable, Sendable {
    /// From a feasible point to the best one.
    case primalSimplex
    /// From a bound to the first feasible point; primal where that fails.
    case dualSimplex
  }

  /// An integer program stops once `|objective - bound| <= relativeGap * |objective|`; 0 proves.
  public var relativeGap: Double = 0
  /// Wall seconds for the whole solve; nil for no limit.
  public var timeLimitSeconds: Double?
  /// Simplex iterations of one linear program; nil for no limit.
  public var iterationLimit: Int?
  /// Branch-and-bound nodes; nil for no limit.
  public var nodeLimit: Int?
  /// Mebibytes that the solver may allocate; nil for no limit.
  public var memoryLimitMebibytes: Int?
  /// Gomory, mixed-integer-rounding, cover and clique cuts for integer programs.
  public var cuts: Bool = true
  /// The integer presolver.
  public var presolve: Bool = true
  /// How the first linear program is solved.
  public var method: Method = .primalSimplex

  /// No limits, no gap, cuts and presolve on, primal simplex.
  public init() {}

  /// No limits but these two: the usual pair for an integer program.
  public init(relativeGap: Double, timeLimitSeconds: Double?) {
    self.relativeGap = relativeGap
    self.timeLimitSeconds = timeLimitSeconds
  }

  /// One sentence per setting that no solver could follow; empty for usable options.
  public var faults: [String] {
    var faults: [String] = []
    if !(relativeGap >= 0 && relativeGap < 1) {
      faults.append("the relative gap is \(relativeGap); it must be at least 0 and below 1")
    }
    if let seconds = timeLimitSeconds, !(seconds > 0) {
      faults.append("the time limit is \(seconds) seconds; it must be above 0")
    }
    let counts = [
      ("iteration limit", iterationLimit), ("node limit", nodeLimit),
      ("memory limit in mebibytes", memoryLimitMebibytes),
    ]
    for case (let name, let count?) in counts where count < 1 {
      faults.append("the \(name) is \(count); it must be at least 1")
    }
    return faults
  }
}
