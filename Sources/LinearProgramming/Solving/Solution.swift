/// A point of a model: values, and what the limits are worth there.
///
/// It holds no clock and no solver state: the same model gives an equal solution.
public struct Solution: Hashable, Sendable {
  /// Where the shadow prices and reduced costs come from.
  public enum PriceSource: Hashable, Sendable {
    /// The linear program itself, at its optimum.
    case optimum
    /// The integer program's linear relaxation, which has prices where the integers have none.
    case relaxation
  }

  /// The model that was solved.
  public let model: LinearModel
  /// The objective's value here.
  public let objective: Double
  /// No point is better than this; nil where the solver proved nothing.
  public internal(set) var bound: Double?
  /// Where `shadowPrice(of:)` and `reducedCost(of:)` come from; nil where they are not known.
  public let prices: PriceSource?
  let values: [Double]
  let rowPrices: [Double]
  let columnPrices: [Double]

  /// A point with its prices; what a solver, or a test in a solver's place, puts together.
  ///
  /// - Precondition: one value per variable; prices, where there are any, one per constraint and
  ///   one per variable.
  public init(
    of model: LinearModel, values: [Double], bound: Double?, prices: PriceSource? = nil,
    shadowPrices: [Double] = [], reducedCosts: [Double] = []
  ) {
    precondition(values.count == model.columns.count, "one value per variable")
    precondition(
      prices == nil
        || (shadowPrices.count == model.rows.count && reducedCosts.count == model.columns.count),
      "one price per constraint and per variable")
    self.model = model
    self.values = zip(values, model.columns).map { value, column in
      column.kind == .integer ? value.rounded() : value
    }
    let point = self.values
    self.objective = model.objective.value { point[$0.index] }
    self.bound = bound
    self.prices = prices
    self.rowPrices = prices == nil ? [] : shadowPrices
    self.columnPrices = prices == nil ? [] : reducedCosts
  }

  /// The variable's value.
  ///
  /// - Precondition: the solved model handed the variable out.
  public subscript(variable: Variable) -> Double {
    precondition(model.owns(variable), "variable \(variable.index) belongs to another model")
    return values[variable.index]
  }

  /// The integer variable's value.
  ///
  /// - Precondition: the solved model handed the variable out, as an integer.
  public func count(_ variable: Variable) -> Int {
    precondition(model.columns[variable.index].kind == .integer, "not an integer variable")
    return Int(self[variable])
  }

  /// The expression's value.
  ///
  /// - Precondition: the solved model handed the expression's variables out.
  public func value(of expression: some LinearTerm) -> Double {
    expression.linearExpression.value { self[$0] }
  }

  /// The constraint's left-hand side.
  ///
  /// - Precondition: the solved model handed the constraint out.
  public func activity(of constraint: Constraint) -> Double {
    value(of: model.expression(of: constraint))
  }

  /// The distance to the constraint's nearer limit; infinite without limits, below 0 if violated.
  ///
  /// - Precondition: the solved model handed the constraint out.
  public func slack(of constraint: Constraint) -> Double {
    let bounds = model.bounds(of: constraint)
    let activity = activity(of: constraint)
    return min(activity - bounds.lower, bounds.upper - activity)
  }

  /// Whether the constraint holds with equality, to one part in 1e7.
  ///
  /// - Precondition: the solved model handed the constraint out.
  public func isBinding(_ constraint: Constraint) -> Bool {
    slack(of: constraint) <= 1e-7 * max(1, abs(activity(of: constraint)))
  }

  /// What one more unit of the constraint's limit is worth: the change of the best objective.
  ///
  /// `price = d(objective) / d(limit)`, whichever way the objective goes, so for a minimum a `<=`
  /// that binds has a price of at most 0 (more room, less cost) and a `>=` at least 0; for a maximum
  /// the other way round. 0 where the limit does not bind; nil where prices are not known.
  ///
  /// - Precondition: the solved model handed the constraint out.
  public func shadowPrice(of constraint: Constraint) -> Double? {
    precondition(model.owns(constraint), "constraint \(constraint.index) of another model")
    return prices == nil ? nil : rowPrices[constraint.index]
  }

  /// What forcing one more unit of the variable would do to the best objective.
  ///
  /// `d(objective) / d(limit of the variable)`, with the signs of `shadowPrice(of:)`; 0 where no
  /// limit of the variable binds, nil where prices are not known.
  ///
  /// - Precondition: the solved model handed the variable out.
  public func reducedCost(of variable: Variable) -> Double? {
    precondition(model.owns(variable), "variable \(variable.index) belongs to another model")
    return prices == nil ? nil : columnPrices[variable.index]
  }

  /// How far from proved best: `|objective - bound| / |objective|`, 0 where equal, nil unknown.
  public var gap: Double? {
    guard let bound else { return nil }
    let distance = abs(objective - bound)
    return distance == 0 ? 0 : distance / max(abs(objective), 1e-9)
  }

  /// The largest distance outside a limit, as a share of that limit (of 1 where it is smaller).
  public var largestViolation: Double {
    let columns = zip(model.columns, values).map { Self.share($0.bounds, $1) }
    let rows = model.rows.map { row in
      Self.share(row.bounds, LinearExpression(row.terms).value { values[$0.index] })
    }
    return max(columns.max() ?? 0, rows.max() ?? 0)
  }

  private static func share(_ bounds: Bounds, _ value: Double) -> Double {
    let violation = bounds.violation(of: value)
    return violation == 0
      ? 0 : violation / max(1, abs(value < bounds.lower ? bounds.lower : bounds.upper))
  }
}
