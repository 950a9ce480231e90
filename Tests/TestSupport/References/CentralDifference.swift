/// Slopes of functions by differences, to check derived gradients against.
public enum CentralDifference {
  /// The gradient of `function` at `point`: `(f(x + h) - f(x - h)) / 2 h` for every element.
  ///
  /// The error is `h^2 f''' / 6` and the rounding of `f` over `h`: below 1e-9 for functions of
  /// moderate curvature and values around 1.
  public static func gradient(
    at point: [Double], step: Double = 1e-5, of function: ([Double]) -> Double
  ) -> [Double] {
    var moved = point
    return point.indices.map { index in
      moved[index] = point[index] + step
      let above = function(moved)
      moved[index] = point[index] - step
      let below = function(moved)
      moved[index] = point[index]
      return (above - below) / (2 * step)
    }
  }

  /// The gradient of `sum_i weights_i f_i(x)`: what backward gives for an upstream gradient.
  public static func gradient(
    at point: [Double], weights: [Double], of function: ([Double]) -> [Double]
  ) -> [Double] {
    gradient(at: point) { moved in
      zip(weights, function(moved)).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}
