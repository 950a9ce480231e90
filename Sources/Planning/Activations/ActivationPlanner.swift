public import CostModel
public import LinearProgramming
import Quantities
import Strategies
public import Workloads

/// Chooses how many blocks of every group recompute, by an integer program over the instants of a
/// step.
///
/// ```text
/// minimise   sum_g  t_full[g] full[g] + t_selective[g] selective[g]
/// subject to full[g] + selective[g] <= count[g]                    for every group
///            constant[i] + sum_g a[i,g] full[g] + b[i,g] selective[g] <= limit   for every instant
/// ```
///
/// Bytes are in GiB, which keeps coefficients near 1.
public struct ActivationPlanner {
  /// The problem.
  public let problem: ActivationProblem
  private static let gib = 1024.0 * 1024 * 1024

  /// A planner for a problem.
  public init(_ problem: ActivationProblem) { self.problem = problem }

  /// The model with its variables.
  public struct Formulation {
    /// The program.
    public var model: LinearModel
    /// Blocks recomputed fully, by group.
    public var full: [Variable]
    /// Blocks recomputed selectively, by group; nil where that drops nothing.
    public var selective: [Variable?]
    /// The instants' rows.
    public var instants: [Constraint]
  }

  /// The integer program, or its relaxation for shadow prices.
  public func formulation(relaxed: Bool = false) -> Formulation {
    var model = LinearModel("activation plan")
    let kind: LinearModel.Kind = relaxed ? .continuous : .integer
    var full: [Variable] = []
    var selective: [Variable?] = []
    for group in problem.groups {
      let name = "\(group.tower)_\(group.group)"
      let bounds = Bounds.between(0, Double(group.count))
      full.append(model.variable("full_" + name, in: bounds, kind: kind))
      selective.append(
        group.selectiveSeconds == nil
          ? nil : model.variable("selective_" + name, in: bounds, kind: kind))
    }
    for (index, group) in problem.groups.enumerated() {
      if let selective = selective[index] {
        model.require(
          full[index] + selective <= Double(group.count), "blocks \(group.tower) \(group.group)")
      }
    }
    var instants: [Constraint] = []
    for (number, row) in distinctRows.enumerated() {
      var sum = LinearExpression()
      for index in problem.groups.indices {
        sum = sum + (row.full[index] / Self.gib) * full[index]
        if let selective = selective[index] {
          sum = sum + (row.selective[index] / Self.gib) * selective
        }
      }
      // A row without variables is a fact, not a constraint; it is checked before.
      instants.append(
        model.require(
          sum <= (problem.limit - row.constant) / Self.gib, "instant \(number + 1), \(row.name)"))
    }
    var cost = LinearExpression()
    for (index, group) in problem.groups.enumerated() {
      cost = cost + group.fullSeconds * full[index]
      if let selective = selective[index], let seconds = group.selectiveSeconds {
        cost = cost + seconds * selective
      }
    }
    model.minimise(cost)
    return Formulation(model: model, full: full, selective: selective, instants: instants)
  }

  /// Rows that no other row dominates, and that a choice can change.
  private var distinctRows: [ActivationProblem.Row] {
    let free = problem.rows.filter { row in
      row.full.contains { $0 != 0 } || row.selective.contains { $0 != 0 }
    }
    return free.enumerated().filter { index, row in
      !free.enumerated().contains { other, candidate in
        other != index && dominates(candidate, row, earlier: other < index)
      }
    }.map(\.element)
  }

  /// Whether `left` is at least `right` for every choice; of equal rows the earlier one stays.
  private func dominates(
    _ left: ActivationProblem.Row, _ right: ActivationProblem.Row, earlier: Bool
  ) -> Bool {
    guard left.constant >= right.constant else { return false }
    for index in left.full.indices {
      if left.full[index] < right.full[index] { return false }
      if left.selective[index] < right.selective[index] { return false }
    }
    return earlier || left.constant > right.constant || left.full != right.full
      || left.selective != right.selective
  }

  /// Whether instants without a choice already need more than there is.
  private var isHopeless: Bool {
    problem.rows.contains { row in
      row.full.allSatisfy { $0 == 0 } && row.selective.allSatisfy { $0 == 0 }
        && row.constant > problem.limit
    }
  }

  /// The cheapest counts by tower that stay within the limit; nil where none do.
  public func plan(solver: some LinearSolver = GLPKSolver()) -> [String: RecomputationPlan]? {
    guard !isHopeless, !problem.groups.isEmpty else { return nil }
    let formulation = formulation()
    var options = SolveOptions()
    options.timeLimitSeconds = 2
    options.relativeGap = 1e-3
    guard
      let solution = try? solver.solve(formulation.model, options: options).solution
    else { return nil }
    var plans: [String: [RecomputationPlan.BlockCounts]] = [:]
    for (index, group) in problem.groups.enumerated() {
      var counts = plans[group.tower] ?? []
      while counts.count <= group.group { counts.append(.init(full: 0, selective: 0)) }
      counts[group.group] = .init(
        full: solution.count(formulation.full[index]),
        selective: formulation.selective[index].map(solution.count) ?? 0)
      plans[group.tower] = counts
    }
    return plans.mapValues(simplified)
  }

  private func simplified(_ counts: [RecomputationPlan.BlockCounts]) -> RecomputationPlan {
    counts.allSatisfy { $0.full == 0 && $0.selective == 0 }
      ? .none : RecomputationPlan(.perBlock(counts))
  }

  /// Seconds per step that one more GiB would save: the sum of the instants' prices in the
  /// relaxation; nil where the relaxation has no optimum.
  public func secondsPerGiB(solver: some LinearSolver = GLPKSolver()) -> Double? {
    guard !isHopeless, !problem.groups.isEmpty else { return nil }
    let formulation = formulation(relaxed: true)
    guard
      let solution = try? solver.solve(formulation.model, options: SolveOptions()).solution
    else { return nil }
    return formulation.instants.reduce(0.0) {
      $0 - (solution.shadowPrice(of: $1) ?? 0)
    }
  }
}
