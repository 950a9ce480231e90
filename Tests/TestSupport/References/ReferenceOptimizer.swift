import Foundation

/// Optimizers written out in double precision: one tensor, any number of steps.
public struct ReferenceOptimizer {
  /// The parameters.
  public private(set) var parameters: [Double]
  /// First moments.
  public private(set) var moment1: [Double]
  /// Second moments.
  public private(set) var moment2: [Double]
  private var steps = 0
  private let constants: (beta1: Double, beta2: Double, epsilon: Double)

  /// Starts with moments of 0.
  public init(
    _ parameters: [Double], beta1: Double = 0.9, beta2: Double = 0.98, epsilon: Double = 1e-6
  ) {
    self.parameters = parameters
    moment1 = [Double](repeating: 0, count: parameters.count)
    moment2 = moment1
    constants = (beta1, beta2, epsilon)
  }

  /// Algorithm 2 of arXiv 1711.05101.
  public mutating func adamW(gradient: [Double], rate: Double, decay: Double) {
    for (index, change) in updates(gradient, decay: decay).enumerated() {
      parameters[index] -= rate * change
    }
  }

  /// Algorithm 2 of arXiv 1904.00962; hands back the trust ratio, 1 where it is not `adaptive`.
  @discardableResult
  public mutating func lamb(
    gradient: [Double], rate: Double, decay: Double, bounds: ClosedRange<Double>? = nil,
    adaptive: Bool = true
  ) -> Double {
    let changes = updates(gradient, decay: decay)
    let size = parameters.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let change = changes.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var ratio = 1.0
    if adaptive && size > 0 && change > 0 {
      ratio = size / change
      if let bounds { ratio = min(max(ratio, bounds.lowerBound), bounds.upperBound) }
    }
    for index in parameters.indices { parameters[index] -= rate * ratio * changes[index] }
    return ratio
  }

  private mutating func updates(_ gradient: [Double], decay: Double) -> [Double] {
    steps += 1
    let (beta1, beta2, epsilon) = constants
    return gradient.indices.map { index in
      let g = gradient[index]
      moment1[index] = beta1 * moment1[index] + (1 - beta1) * g
      moment2[index] = beta2 * moment2[index] + (1 - beta2) * g * g
      let first = moment1[index] / (1 - pow(beta1, Double(steps)))
      let second = moment2[index] / (1 - pow(beta2, Double(steps)))
      return first / (second.squareRoot() + epsilon) + decay * parameters[index]
    }
  }
}
