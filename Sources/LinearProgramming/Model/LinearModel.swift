/// A linear or mixed-integer program as a value: named variables, constraints and an objective.
///
/// ```swift
/// var model = LinearModel("two products")
/// let x = model.variable("x", in: .between(0, 4))
/// let y = model.variable("y")
/// let capacity = model.require(3 * x + 2 * y <= 10, "capacity")
/// model.maximise(5 * x + 4 * y)
/// ```
///
/// Building never fails: `faults` lists everything that is wrong, in one pass, and a solver refuses
/// a model that has any. `description` is the model as text, the same for the same model.
public struct LinearModel: Hashable, Sendable {
  /// What a variable may be.
  public enum Kind: Hashable, Sendable {
    /// Any number inside the bounds.
    case continuous
    /// An integer inside the bounds.
    case integer
  }

  /// Which way the objective is better.
  public enum Sense: Hashable, Sendable {
    /// Smaller is better.
    case minimise
    /// Larger is better.
    case maximise
  }

  struct Column: Hashable, Sendable {
    var name: String
    var bounds: Bounds
    var kind: Kind
  }

  struct Row: Hashable, Sendable {
    var name: String
    /// One term per variable, by place, no zeros.
    var terms: [LinearExpression.Term]
    var bounds: Bounds
  }

  /// What the model is about: the first line of its text.
  public var name: String
  /// Which way the objective is better.
  public private(set) var sense: Sense = .minimise
  /// What is minimised or maximised: one term per variable, by place, no zeros.
  public private(set) var objective = LinearExpression()
  var columns: [Column] = []
  var rows: [Row] = []

  /// A model without variables, constraints or objective.
  public init(_ name: String = "model") { self.name = name }

  // MARK: Variables

  /// Adds a variable; without bounds, it is zero or more.
  public mutating func variable(
    _ name: String, in bounds: Bounds = .nonNegative, kind: Kind = .continuous
  ) -> Variable {
    columns.append(Column(name: name, bounds: bounds, kind: kind))
    return Variable(index: columns.count - 1, name: name)
  }

  /// Adds an integer variable; without bounds, it is zero or more.
  public mutating func integer(_ name: String, in bounds: Bounds = .nonNegative) -> Variable {
    variable(name, in: bounds, kind: .integer)
  }

  /// Adds a yes-or-no variable: 0 or 1.
  public mutating func binary(_ name: String) -> Variable { integer(name, in: .unit) }

  /// The variables, in the order in which they were added.
  public var variables: [Variable] {
    columns.enumerated().map { Variable(index: $0.offset, name: $0.element.name) }
  }

  /// The variable's name.
  ///
  /// - Precondition: this model handed the variable out.
  public func name(of variable: Variable) -> String { columns[place(of: variable)].name }

  /// The variable's limits.
  ///
  /// - Precondition: this model handed the variable out.
  public func bounds(of variable: Variable) -> Bounds { columns[place(of: variable)].bounds }

  /// Replaces the variable's limits.
  ///
  /// - Precondition: this model handed the variable out.
  public mutating func setBounds(of variable: Variable, to bounds: Bounds) {
    columns[place(of: variable)].bounds = bounds
  }

  /// Whether some variable must be an integer.
  public var hasIntegers: Bool { columns.contains { $0.kind == .integer } }

  // MARK: Constraints

  /// Adds a constraint.
  @discardableResult
  public mutating func require(_ relation: Relation, _ name: String) -> Constraint {
    rows.append(
      Row(name: name, terms: relation.expression.collected.terms, bounds: relation.bounds))
    return Constraint(index: rows.count - 1, name: name)
  }

  /// The constraints, in the order in which they were added.
  public var constraints: [Constraint] {
    rows.enumerated().map { Constraint(index: $0.offset, name: $0.element.name) }
  }

  /// The constraint's name.
  ///
  /// - Precondition: this model handed the constraint out.
  public func name(of constraint: Constraint) -> String { rows[place(of: constraint)].name }

  /// The constraint's left-hand side, one term per variable.
  ///
  /// - Precondition: this model handed the constraint out.
  public func expression(of constraint: Constraint) -> LinearExpression {
    LinearExpression(rows[place(of: constraint)].terms)
  }

  /// The constraint's limits.
  ///
  /// - Precondition: this model handed the constraint out.
  public func bounds(of constraint: Constraint) -> Bounds { rows[place(of: constraint)].bounds }

  /// Replaces the constraint's limits: the same question with one more GiB.
  ///
  /// - Precondition: this model handed the constraint out.
  public mutating func setBounds(of constraint: Constraint, to bounds: Bounds) {
    rows[place(of: constraint)].bounds = bounds
  }

  // MARK: Objective

  /// Makes the smallest value of `expression` the best.
  public mutating func minimise(_ expression: some LinearTerm) {
    sense = .minimise
    objective = expression.linearExpression.collected
  }

  /// Makes the largest value of `expression` the best.
  public mutating func maximise(_ expression: some LinearTerm) {
    sense = .maximise
    objective = expression.linearExpression.collected
  }

  /// The same model with every integer variable made continuous: its optimum bounds this one's.
  public var relaxed: LinearModel {
    var copy = self
    for index in copy.columns.indices { copy.columns[index].kind = .continuous }
    return copy
  }

  // MARK: Ids

  func owns(_ variable: Variable) -> Bool {
    columns.indices.contains(variable.index)
      && nameTag(columns[variable.index].name) == variable.tag
  }

  func owns(_ constraint: Constraint) -> Bool {
    rows.indices.contains(constraint.index)
      && nameTag(rows[constraint.index].name) == constraint.tag
  }

  private func place(of variable: Variable) -> Int {
    precondition(owns(variable), "variable \(variable.index) belongs to another model")
    return variable.index
  }

  private func place(of constraint: Constraint) -> Int {
    precondition(owns(constraint), "constraint \(constraint.index) belongs to another model")
    return constraint.index
  }
}
