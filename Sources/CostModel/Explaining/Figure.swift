/// One number of an estimate, or one on the way to it, and how it was computed.
public struct Figure: Sendable {
  /// Its path in the estimate's JSON; figures on the way have a path of the same kind.
  public var path: String
  /// Its unit: `s`, `h`, `B`, `USD`, ...; empty for ratios and counts.
  public var unit: String
  /// What it is, one line.
  public var meaning: String
  /// How it was computed; its value is the figure's.
  public var expression: Expression

  /// A figure.
  public init(_ path: String, _ unit: String, _ meaning: String, _ expression: Expression) {
    self.path = path
    self.unit = unit
    self.meaning = meaning
    self.expression = expression
  }

  /// The figure's value in its unit.
  public var value: Double { expression.value }
  /// The figure as a part of other formulas.
  public var reference: Expression { .figure(path, value) }
}
