import Foundation

/// Activations of a multilayer perceptron, by their definitions.
public enum ReferenceActivation {
  /// `x P(x)` with the normal distribution.
  public static func gelu(_ x: Double) -> Double { 0.5 * x * erfc(-x / 2.0.squareRoot()) }

  /// `x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`.
  public static func geluTanh(_ x: Double) -> Double {
    0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  }

  /// `x / (1 + e^(-steepness x))`: quick GELU with 1.702, SiLU with 1.
  public static func swish(_ x: Double, steepness: Double) -> Double {
    x / (1 + exp(-steepness * x))
  }

  /// `max(x, 0)`.
  public static func relu(_ x: Double) -> Double { max(x, 0) }

  /// `function(gate) up` for rows of `[gate | up]`.
  public static func gated(
    _ pre: [Double], rows: Int, by function: (Double) -> Double
  ) -> [Double] {
    let width = pre.count / rows / 2
    return (0..<rows).flatMap { r in
      (0..<width).map { function(pre[r * 2 * width + $0]) * pre[r * 2 * width + width + $0] }
    }
  }
}
