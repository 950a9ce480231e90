/// The comparison measure and the attack, written out in double precision.
public enum ReferenceMeasure {
  /// `sqrt(|phi - phi'|^2 / |phi|^2)` for each sample.
  public static func comparison(
    clean: [Double], attacked: [Double], samples: Int
  ) -> [Double] {
    let count = clean.count / samples
    return (0..<samples).map { sample in
      let range = sample * count..<(sample + 1) * count
      let distance = range.reduce(0) {
        $0 + (clean[$1] - attacked[$1]) * (clean[$1] - attacked[$1])
      }
      return (distance / range.reduce(0) { $0 + clean[$1] * clean[$1] }).squareRoot()
    }
  }

  /// `clip(x + clip(delta + alpha sign(gradient)))`: to epsilon, then to each element's range.
  public static func attacked(
    _ x: [Double], delta: [Double], gradient: [Double], alpha: Double, epsilon: Double,
    ranges: [ClosedRange<Double>]
  ) -> [Double] {
    x.indices.map { index in
      let sign: Double = gradient[index] > 0 ? 1 : gradient[index] < 0 ? -1 : 0
      let moved = min(max(delta[index] + alpha * sign, -epsilon), epsilon)
      return min(max(x[index] + moved, ranges[index].lowerBound), ranges[index].upperBound)
    }
  }
}
