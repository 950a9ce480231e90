/// LayerNorm and RMSNorm over rows, by their definitions.
public enum ReferenceNorm {
  /// `(x - mean) / sqrt(variance + epsilon)` over each row; not `centred`: the mean taken as 0.
  public static func normalise(
    _ x: [Double], width: Int, centred: Bool, epsilon: Double
  ) -> [Double] {
    stride(from: 0, to: x.count, by: width).flatMap { start -> [Double] in
      let row = x[start..<start + width]
      let mean = centred ? row.reduce(0, +) / Double(width) : 0
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      return row.map { ($0 - mean) / (variance + epsilon).squareRoot() }
    }
  }

  /// Gains, and biases where `affine` holds a second set of `width`.
  public static func scale(_ normal: [Double], affine: [Double], width: Int) -> [Double] {
    normal.enumerated().map { index, value in
      let column = index % width
      return value * affine[column] + (affine.count > width ? affine[width + column] : 0)
    }
  }
}
