/// A bias and the columns of a product that it is added to.
public struct BiasVector: Sendable {
  /// The elements, in the order of the columns that they cover.
  public let elements: Floats
  /// Ranges of columns: `[0..<n]`, or for example those of query and value without those of key.
  public let layout: [Range<Int>]

  /// A bias on some columns.
  ///
  /// - Precondition: ascending ranges without overlap that hold as many columns as `elements`.
  public init(elements: Floats, layout: [Range<Int>]) {
    checkLayout(layout, count: elements.count)
    self.elements = elements
    self.layout = layout
  }
}

/// Stops where ranges of columns overlap, descend, or hold another number of columns.
func checkLayout(_ layout: [Range<Int>], count: Int) {
  precondition(
    layout.reduce(0) { $0 + $1.count } == count
      && zip(layout, layout.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
      && (layout.first?.lowerBound ?? 0) >= 0,
    "columns \(layout) for \(count) biases")
}

/// What else happens to `x W + b` while it is in a cache.
public enum ProductEpilogue: Sendable {
  /// Nothing.
  case none
  /// `y = x W + b + residual`; the residual is not `y`.
  case residual(Floats)
  /// `y` keeps `x W + b`, the second operand receives its activation: `[rows, n]`, gated half as
  /// wide.
  case activation(Activation, Floats)
}

/// What else happens to `dy W^T` while it is in a cache.
public enum GradientEpilogue: Sendable {
  /// Nothing.
  case none
  /// `dx = dy W^T + present`; `dx` may be the same memory.
  case adding(Floats)
  /// `dx = (dy W^T) f'(pre)`: the gradient of what the activation before this product read,
  /// `[rows, k]`, gated `[rows, 2 k]`. `again` receives `f(pre)`, `[rows, k]`, where there is one.
  case activation(Activation, pre: Floats, again: Floats? = nil)
}
