/// Why there is no answer at all.
public enum SolverError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The model is not one that can be solved; every fault found.
  case invalidModel([ModelFault])
  /// The options cannot be followed; one sentence each.
  case invalidOptions([String])
  /// The solver gave up for numerical reasons, also after a second attempt.
  case numericalTrouble(String)
  /// The solver called `abort()`, which was caught; its own words.
  case aborted(String)

  /// What happened, one line per finding.
  public var description: String {
    switch self {
    case .invalidModel(let faults):
      (["the model has \(faults.count) fault\(faults.count == 1 ? "" : "s"):"]
        + faults.map { "  \($0)" }).joined(separator: "\n")
    case .invalidOptions(let faults): faults.joined(separator: "\n")
    case .numericalTrouble(let words): "the solver gave up: \(words)"
    case .aborted(let words): "the solver broke off: \(words)"
    }
  }
}
