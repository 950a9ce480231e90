/// Matrix products, sums written out.
public enum ReferenceLinear {
  /// `y[r, c] = sum_p x[r, p] W[p, c]`: `x [rows, k]`, `W [k, n]`.
  public static func product(
    _ x: [Double], _ weight: [Double], rows: Int, k: Int, n: Int
  ) -> [Double] {
    var y = [Double](repeating: 0, count: rows * n)
    for r in 0..<rows {
      for p in 0..<k {
        let factor = x[r * k + p]
        for c in 0..<n { y[r * n + c] += factor * weight[p * n + c] }
      }
    }
    return y
  }

  /// The transpose of `x [rows, columns]`.
  public static func transpose(_ x: [Double], rows: Int, columns: Int) -> [Double] {
    (0..<columns).flatMap { c in (0..<rows).map { x[$0 * columns + c] } }
  }

  /// Adds to every row of `y [rows, n]` the elements of a bias on the columns that it covers.
  public static func addBias(
    _ bias: [Double], layout: [Range<Int>], to y: [Double], n: Int
  ) -> [Double] {
    var sum = y
    let columns = layout.flatMap(Array.init)
    for start in stride(from: 0, to: y.count, by: n) {
      for (element, column) in zip(bias, columns) { sum[start + column] += element }
    }
    return sum
  }
}
