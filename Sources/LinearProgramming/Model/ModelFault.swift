/// One thing that is wrong with a `LinearModel`, found before any solver sees it.
public enum ModelFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The model has no variable at all.
  case noVariables
  /// A variable or a constraint has an empty name.
  case emptyName(part: Part)
  /// Two variables or two constraints share a name.
  case duplicateName(part: Part)
  /// A coefficient is infinite or not a number; `of` is the variable, nil for a constant.
  case badCoefficient(Double, of: String?, in: Part)
  /// A limit is not a number, or infinite with the sign that allows nothing.
  case badBound(Bounds, of: Part)
  /// The lower limit lies above the upper one.
  case crossedBounds(Bounds, of: Part)
  /// An expression uses a variable that another model handed out.
  case foreignVariable(index: Int, in: Part)
  /// More rows, columns or coefficients than the solver can count.
  case tooLarge(count: Int)

  /// The place of a fault.
  public enum Part: Hashable, Sendable, CustomStringConvertible {
    /// A variable, by name and place.
    case variable(String, index: Int)
    /// A constraint, by name and place.
    case constraint(String, index: Int)
    /// The objective.
    case objective

    /// For instance `constraint 2 "memory"`.
    public var description: String {
      switch self {
      case .variable(let name, let index): "variable \(index) \"\(name)\""
      case .constraint(let name, let index): "constraint \(index) \"\(name)\""
      case .objective: "the objective"
      }
    }
  }

  /// One sentence: what is wrong, where, and with which number.
  public var description: String {
    switch self {
    case .noVariables: "the model has no variables"
    case .emptyName(let part): "\(part) has an empty name"
    case .duplicateName(let part): "\(part) has the name of an earlier one"
    case .badCoefficient(let value, let name?, let part):
      "the coefficient of \"\(name)\" in \(part) is \(value)"
    case .badCoefficient(let value, nil, let part): "the constant in \(part) is \(value)"
    case .badBound(let bounds, let part):
      "the bounds of \(part) are \(bounds.lower) and \(bounds.upper)"
    case .crossedBounds(let bounds, let part):
      "the lower bound of \(part), \(bounds.lower), lies above the upper one, \(bounds.upper)"
    case .foreignVariable(let index, let part):
      "\(part) uses variable \(index) of another model"
    case .tooLarge(let count): "the model counts \(count) items, more than the solver can address"
    }
  }
}
