/// A claim on an expression, `lower <= expression <= upper`, before a model has taken it in.
///
/// The operators `<=`, `>=` and `==` make one; a two-sided one is written out:
/// `Relation(x + y, in: .between(1, 5))`.
public struct Relation: Hashable, Sendable {
  /// The left-hand side without its constant.
  public let expression: LinearExpression
  /// The limits, with the expression's constant already moved over.
  public let bounds: Bounds

  /// `expression` inside `bounds`; its constant moves to the limits.
  public init(_ expression: some LinearTerm, in bounds: Bounds) {
    let whole = expression.linearExpression
    self.expression = LinearExpression(whole.terms)
    // 0 - constant, so that no limit becomes a negative zero.
    self.bounds = bounds.shifted(by: 0 - whole.constant)
  }
}
