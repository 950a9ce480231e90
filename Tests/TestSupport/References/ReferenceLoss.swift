import Foundation

/// Losses and what makes their features, written out in double precision, forward only.
public enum ReferenceLoss {
  /// `x / max(|x|, 1e-12)` over each row.
  public static func normalised(_ x: [Double], width: Int) -> [Double] {
    rows(x, width).flatMap { row in
      let norm = max(row.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
      return row.map { $0 / norm }
    }
  }

  /// `e^logScale x + bias`.
  public static func scaled(_ x: [Double], logScale: Double, bias: Double = 0) -> [Double] {
    x.map { exp(logScale) * $0 + bias }
  }

  /// The best of `vectors` rows, column by column.
  public static func best(_ x: [Double], vectors: Int, columns: Int) -> [Double] {
    (0..<x.count / vectors).map { index in
      let (r, c) = (index / columns, index % columns)
      return (0..<vectors).map { x[(r * vectors + $0) * columns + c] }.reduce(-.infinity, max)
    }
  }

  /// Cross-entropy of each row with label smoothing; 0 where the label is negative.
  public static func crossEntropy(
    _ logits: [Double], labels: [Int32], smoothing: Double
  ) -> [Double] {
    let columns = logits.count / labels.count
    return zip(rows(logits, columns), labels).map { row, label in
      guard label >= 0 else { return 0 }
      let largest = row.reduce(-.infinity, max)
      let total = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
      return row.enumerated().reduce(0) { loss, entry in
        let target =
          smoothing / Double(columns) + (entry.offset == Int(label) ? 1 - smoothing : 0)
        return loss + target * (total - entry.element)
      }
    }
  }

  /// Sums of `log(1 + e^(-y z))` over rows, `y = 1` where the column is the row plus the offset.
  public static func sigmoid(_ logits: [Double], rows count: Int, offset: Int) -> [Double] {
    rows(logits, logits.count / count).enumerated().map { r, row in
      row.enumerated().reduce(0) { loss, entry in
        let u = entry.offset == r + offset ? -entry.element : entry.element
        return loss + max(u, 0) + log1p(exp(-abs(u)))
      }
    }
  }

  /// `|a - b|^2` over each row.
  public static func squaredDistance(_ a: [Double], _ b: [Double], width: Int) -> [Double] {
    zip(rows(a, width), rows(b, width)).map { x, y in
      zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
  }

  /// `1 - cosine` over each row.
  public static func cosineDistance(_ a: [Double], _ b: [Double], width: Int) -> [Double] {
    zip(rows(a, width), rows(b, width)).map { x, y in
      func inner(_ u: [Double], _ v: [Double]) -> Double {
        zip(u, v).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return 1 - inner(x, y) / (inner(x, x) * inner(y, y)).squareRoot()
    }
  }

  /// The matrix `[rows, columns]` with rows and columns exchanged.
  public static func transposed(_ x: [Double], columns: Int) -> [Double] {
    (0..<x.count).map { x[$0 % (x.count / columns) * columns + $0 / (x.count / columns)] }
  }

  private static func rows(_ x: [Double], _ width: Int) -> [[Double]] {
    stride(from: 0, to: x.count, by: width).map { Array(x[$0..<$0 + width]) }
  }
}
