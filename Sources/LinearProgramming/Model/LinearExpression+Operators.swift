/// What may stand in a linear expression: a `Variable` or a `LinearExpression`.
///
/// Plain numbers do not conform: the few operators that take one name `Double`, so that arithmetic
/// between numbers keeps its own operators and long expressions type-check in milliseconds.
public protocol LinearTerm {
  /// The same, as an expression.
  var linearExpression: LinearExpression { get }
}

extension LinearExpression: LinearTerm {
  /// Itself.
  public var linearExpression: LinearExpression { self }
}

extension Variable: LinearTerm {
  /// The variable, once.
  public var linearExpression: LinearExpression {
    LinearExpression([LinearExpression.Term(1, self)])
  }
}

extension LinearTerm {
  /// A multiple.
  public static func * (factor: Double, term: Self) -> LinearExpression {
    term.linearExpression.scaled(by: factor)
  }

  /// The negative.
  public static prefix func - (term: Self) -> LinearExpression {
    term.linearExpression.scaled(by: -1)
  }

  /// A sum.
  public static func + (left: Self, right: some LinearTerm) -> LinearExpression {
    var sum = left.linearExpression
    sum += right
    return sum
  }

  /// A difference.
  public static func - (left: Self, right: some LinearTerm) -> LinearExpression {
    var difference = left.linearExpression
    difference -= right
    return difference
  }

  /// A sum with a number.
  public static func + (left: Self, right: Double) -> LinearExpression {
    var sum = left.linearExpression
    sum.constant += right
    return sum
  }

  /// A difference with a number.
  public static func - (left: Self, right: Double) -> LinearExpression { left + (-right) }

  /// At most a number.
  public static func <= (left: Self, right: Double) -> Relation {
    Relation(left, in: .atMost(right))
  }

  /// At least a number.
  public static func >= (left: Self, right: Double) -> Relation {
    Relation(left, in: .atLeast(right))
  }

  /// Exactly a number.
  public static func == (left: Self, right: Double) -> Relation {
    Relation(left, in: .exactly(right))
  }

  /// At most another expression.
  public static func <= (left: Self, right: some LinearTerm) -> Relation { left - right <= 0 }

  /// At least another expression.
  public static func >= (left: Self, right: some LinearTerm) -> Relation { left - right >= 0 }

  /// Equal to another expression.
  public static func == (left: Self, right: some LinearTerm) -> Relation { left - right == 0 }
}
