/// Why a model has no point, and the least that must give way.
///
/// Every constraint that may give way gets a slack on each limited side, and the weighted sum of the
/// slacks is minimised (an elastic program). The constraints whose slack is above zero are one
/// cheapest way out; the ones that have a price there are, with the variable limits that have one,
/// the reason: together they cannot be met (Farkas' lemma, read off the optimal dual).
///
/// Source: J. W. Chinneck, Feasibility and Infeasibility in Optimization (2008), on elastic programming.
public struct Relaxation: Hashable, Sendable {
  /// One constraint that gives way.
  public struct Concession: Hashable, Sendable {
    /// The constraint.
    public let constraint: Constraint
    /// Its name.
    public let name: String
    /// The limit as it stands.
    public let limit: Double
    /// The limit that would do; above `limit` for an upper one, below it for a lower one.
    public let needed: Double
    /// How far the limit must move.
    public var amount: Double { abs(needed - limit) }
  }

  /// The limits that must move, in the model's order; none if the model has a point.
  public let concessions: [Concession]
  /// The weighted sum of the moves: 0 if and only if the model has a point.
  public let cost: Double
  /// The constraints that form the conflict, in the model's order; empty where integrality does.
  public let conflict: [Constraint]
  /// The variables whose own limits take part in the conflict, in the model's order.
  public let limitedVariables: [Variable]
  /// Whether the model without the demand for integers has a point, so that integrality decides.
  public let isCausedByIntegrality: Bool
  /// The names of the model, to print with.
  private let model: LinearModel

  fileprivate init(
    of model: LinearModel, concessions: [Concession], cost: Double, conflict: [Constraint],
    limitedVariables: [Variable], isCausedByIntegrality: Bool
  ) {
    self.model = model
    self.concessions = concessions
    self.cost = cost
    self.conflict = conflict
    self.limitedVariables = limitedVariables
    self.isCausedByIntegrality = isCausedByIntegrality
  }

  /// Whether nothing has to give way.
  public var isFeasible: Bool { concessions.isEmpty }

  /// The model with every limit that must move moved: it has a point.
  public var relaxedModel: LinearModel {
    var relaxed = model
    for concession in concessions {
      var bounds = relaxed.bounds(of: concession.constraint)
      if concession.needed < concession.limit { bounds.lower = concession.needed }
      if concession.needed > concession.limit { bounds.upper = concession.needed }
      relaxed.setBounds(of: concession.constraint, to: bounds)
    }
    return relaxed
  }
}

extension Relaxation: CustomStringConvertible {
  /// The reason and the way out, one line per constraint.
  public var description: String {
    if isFeasible { return "every constraint of \(model.name) can be met" }
    var lines: [String] = []
    if isCausedByIntegrality { lines.append("only the demand for integers stands in the way") }
    if !conflict.isEmpty {
      lines.append("these cannot hold together:")
      lines += conflict.map { "  \(model.name(of: $0)): \(Self.limits(model.bounds(of: $0)))" }
      lines += limitedVariables.map {
        "  \(model.name(of: $0)): \(Self.limits(model.bounds(of: $0)))"
      }
    }
    lines.append("the smallest relaxation:")
    lines += concessions.map {
      "  \($0.name): \(decimal($0.limit)) -> \(shortDecimal($0.needed)) (by \(shortDecimal($0.amount)))"
    }
    return lines.joined(separator: "\n")
  }

  private static func limits(_ bounds: Bounds) -> String {
    if bounds.lower == bounds.upper { return "exactly \(decimal(bounds.lower))" }
    if bounds.lower == -.infinity { return "at most \(decimal(bounds.upper))" }
    if bounds.upper == .infinity { return "at least \(decimal(bounds.lower))" }
    return "from \(decimal(bounds.lower)) to \(decimal(bounds.upper))"
  }
}

extension LinearSolver {
  /// The least by which the model's limits must move until it has a point.
  ///
  /// - Parameters:
  ///   - model: the model; its objective plays no part.
  ///   - rigid: constraints that must hold as they are, as definitions do.
  ///   - weights: what one unit of movement costs, by constraint. Without an entry it is one over
  ///     the size of the limit (of the largest coefficient for a limit of 0), so that moves are
  ///     shares and gibibytes can be compared with dollars.
  ///   - options: for the one or two solves that this takes.
  /// - Returns: nil where no movement of the constraints helps (rigid constraints, limits of
  ///   variables or integrality alone exclude every point), or where a limit of `options` bit.
  /// - Throws: `SolverError` as `solve` does; a weight must be above 0 and finite.
  public func smallestRelaxation(
    of model: LinearModel, keeping rigid: Set<Constraint> = [],
    weights: [Constraint: Double] = [:], options: SolveOptions = SolveOptions()
  ) throws(SolverError) -> Relaxation? {
    let faults = model.faults
    guard faults.isEmpty else { throw .invalidModel(faults) }
    for (constraint, weight) in weights where !(weight > 0 && weight.isFinite) {
      throw .invalidOptions(["the weight of constraint \(constraint.index) is \(weight)"])
    }
    let elastic = ElasticModel(of: model, keeping: rigid, weights: weights)
    guard case .optimal(let solution) = try solve(elastic.model, options: options) else {
      return nil
    }
    let concessions = elastic.concessions(in: solution, of: model)
    var linear: Solution? = solution
    if model.hasIntegers && !concessions.isEmpty {
      linear = try solve(elastic.model.relaxed, options: options).solution
    }
    let isLinear = linear.map { !elastic.concessions(in: $0, of: model).isEmpty } ?? true
    let reasons = concessions.isEmpty || !isLinear ? nil : linear
    return Relaxation(
      of: model, concessions: concessions,
      cost: concessions.isEmpty ? 0 : solution.objective,
      conflict: model.constraints.filter { elastic.hasPrice($0, in: reasons) },
      limitedVariables: model.variables.filter { elastic.hasPrice($0, in: reasons) },
      isCausedByIntegrality: !concessions.isEmpty && !isLinear)
  }
}

/// A model with slacks: the same variables and constraints at the same places, slacks behind.
private struct ElasticModel {
  var model: LinearModel
  /// The slack that lowers the lower limit and the one that raises the upper limit.
  var slacks: [(constraint: Constraint, down: Variable?, up: Variable?)] = []

  init(of original: LinearModel, keeping rigid: Set<Constraint>, weights: [Constraint: Double]) {
    model = LinearModel("smallest relaxation of " + original.name)
    for column in original.columns {
      _ = model.variable(column.name, in: column.bounds, kind: column.kind)
    }
    // Names of slacks start with words that no variable of the model starts with.
    let prefix = Self.freshPrefix(for: original)
    var cost = LinearExpression()
    for constraint in original.constraints {
      let bounds = original.bounds(of: constraint)
      let name = original.name(of: constraint)
      var expression = original.expression(of: constraint)
      var down: Variable?
      var up: Variable?
      let isElastic = !rigid.contains(constraint)
      if isElastic && bounds.lower.isFinite {
        let slack = model.variable("\(prefix) below \(name)")
        expression.add(1, slack)
        cost.add(Self.weight(constraint, bounds.lower, expression, weights), slack)
        down = slack
      }
      if isElastic && bounds.upper.isFinite {
        let slack = model.variable("\(prefix) above \(name)")
        expression.add(-1, slack)
        cost.add(Self.weight(constraint, bounds.upper, expression, weights), slack)
        up = slack
      }
      model.require(Relation(expression, in: bounds), name)
      slacks.append((constraint, down, up))
    }
    model.minimise(cost)
  }

  private static func freshPrefix(for model: LinearModel) -> String {
    var prefix = "slack"
    while model.columns.contains(where: { $0.name.hasPrefix(prefix) }) { prefix += "_" }
    return prefix
  }

  private static func weight(
    _ constraint: Constraint, _ limit: Double, _ expression: LinearExpression,
    _ weights: [Constraint: Double]
  ) -> Double {
    if let weight = weights[constraint] { return weight }
    let largest = expression.terms.map { abs($0.coefficient) }.max() ?? 1
    return 1 / (limit == 0 ? largest : abs(limit))
  }

  /// The slacks that matter: above a millionth of the limit, which is what the solver resolves.
  func concessions(in solution: Solution, of original: LinearModel) -> [Relaxation.Concession] {
    slacks.flatMap { constraint, down, up -> [Relaxation.Concession] in
      let bounds = original.bounds(of: constraint)
      let moves = [
        (bounds.lower, -(down.map { solution[$0] } ?? 0)),
        (bounds.upper, up.map { solution[$0] } ?? 0),
      ]
      return moves.compactMap { limit, move in
        guard abs(move) > 1e-6 * max(1, abs(limit)) else { return nil }
        return Relaxation.Concession(
          constraint: constraint, name: original.name(of: constraint), limit: limit,
          needed: limit + move)
      }
    }
  }

  /// Whether the limit has a price worth the name, given that every weight is about one over it.
  func hasPrice(_ constraint: Constraint, in solution: Solution?) -> Bool {
    guard let solution, let price = solution.shadowPrice(of: constraint) else { return false }
    let activity = solution.model.expression(of: constraint).terms.map { abs($0.coefficient) }.max()
    return abs(price) * max(activity ?? 1, abs(solution.activity(of: constraint))) > 1e-7
  }

  func hasPrice(_ variable: Variable, in solution: Solution?) -> Bool {
    guard let solution, let price = solution.reducedCost(of: variable) else { return false }
    return abs(price) * max(1, abs(solution[variable])) > 1e-7
  }
}
