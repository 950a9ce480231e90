/// A weighted sum of variables plus a constant: `3 * x + 2 * y + 1`.
public struct LinearExpression: Hashable, Sendable {
  /// One coefficient times one variable.
  public struct Term: Hashable, Sendable {
    /// The factor.
    public var coefficient: Double
    /// What it multiplies.
    public var variable: Variable

    /// `coefficient * variable`.
    public init(_ coefficient: Double, _ variable: Variable) {
      self.coefficient = coefficient
      self.variable = variable
    }
  }

  /// The terms in the order in which they were written; a variable may appear more than once.
  public private(set) var terms: [Term]
  /// The part that no variable multiplies.
  public var constant: Double

  /// A sum of terms and a constant; with neither, zero.
  public init(_ terms: [Term] = [], constant: Double = 0) {
    self.terms = terms
    self.constant = constant
  }

  /// The sum of one expression per element: `.sum(of: jobs) { 3 * hours[$0] }`.
  public static func sum<Element>(
    of elements: some Sequence<Element>, _ expression: (Element) -> some LinearTerm
  ) -> LinearExpression {
    elements.reduce(into: LinearExpression()) { $0 += expression($1) }
  }

  /// Adds `coefficient * variable`, in constant time.
  public mutating func add(_ coefficient: Double, _ variable: Variable) {
    terms.append(Term(coefficient, variable))
  }

  /// Adds another expression.
  public static func += (sum: inout LinearExpression, addend: some LinearTerm) {
    let addend = addend.linearExpression
    sum.terms += addend.terms
    sum.constant += addend.constant
  }

  /// Takes another expression away.
  public static func -= (sum: inout LinearExpression, subtrahend: some LinearTerm) {
    sum += -1 * subtrahend
  }

  /// The expression's value, where `value` gives that of each variable.
  public func value(_ value: (Variable) -> Double) -> Double {
    terms.reduce(constant) { $0 + $1.coefficient * value($1.variable) }
  }

  /// Every coefficient and the constant, times `factor`; no constant stays none, even times infinity.
  func scaled(by factor: Double) -> LinearExpression {
    LinearExpression(
      terms.map { Term(factor * $0.coefficient, $0.variable) },
      constant: constant == 0 ? 0 : factor * constant)
  }

  /// One term per variable, by place in the model, zeros left out; the constant as it is.
  var collected: LinearExpression {
    let sorted = terms.sorted {
      ($0.variable.index, $0.variable.tag) < ($1.variable.index, $1.variable.tag)
    }
    var result: [Term] = []
    result.reserveCapacity(sorted.count)
    for term in sorted {
      if let last = result.last, last.variable == term.variable {
        result[result.count - 1].coefficient += term.coefficient
      } else {
        result.append(term)
      }
    }
    return LinearExpression(result.filter { $0.coefficient != 0 }, constant: constant)
  }
}
