/// The seam between models and whoever solves them.
///
/// Everything that needs an optimum takes `some LinearSolver`, so that a test can hand in a solver
/// that keeps the model's text, and another library can take GLPK's place without a change elsewhere.
public protocol LinearSolver: Sendable {
  /// Solves the model and says how it went.
  ///
  /// - Throws: `SolverError` where there is no answer: a faulty model, or a solver that broke down.
  ///   Infeasible, unbounded and out of time are answers.
  func report(on model: LinearModel, options: SolveOptions) throws(SolverError) -> SolveReport
}

extension LinearSolver {
  /// Solves the model.
  ///
  /// - Throws: `SolverError` where there is no answer: a faulty model, or a solver that broke down.
  ///   Infeasible, unbounded and out of time are answers.
  public func solve(
    _ model: LinearModel, options: SolveOptions = SolveOptions()
  ) throws(SolverError) -> Outcome {
    try report(on: model, options: options).outcome
  }
}
