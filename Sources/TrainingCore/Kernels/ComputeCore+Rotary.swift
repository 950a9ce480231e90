private import CKernels
private import Workloads

extension ComputeCore {
  /// Rotary position embedding on every head of queries or keys, in place; formula in `ck_rotate`.
  ///
  /// `table` holds cosines `[positions, headWidth]`, then sines alike. Row r of `x` turns by position
  /// `positions[r]`, or by `r mod tokens` where nil. `inverse` applies the transpose: the gradient.
  ///
  /// - Precondition: rows of `heads headWidth`, an even width, positions inside the table.
  public func rotate(
    _ x: FloatMatrix, heads: Int, headWidth: Int, table: Floats, positions: [Int32]?,
    tokens: Int, inverse: Bool
  ) {
    precondition(
      heads >= 1 && x.columns == heads * headWidth && headWidth.isMultiple(of: 2) && tokens >= 1,
      "rotation of \(x.columns) columns as \(heads) heads of \(headWidth), \(tokens) tokens")
    precondition(
      table.count.isMultiple(of: 2 * headWidth), "\(table.count) angles \(headWidth) wide")
    let known = table.count / 2 / headWidth
    if let positions {
      precondition(
        positions.count == x.rows && positions.allSatisfy { $0 >= 0 && $0 < known },
        "\(positions.count) positions of \(x.rows) rows in a table of \(known)")
    } else {
      precondition(tokens <= known, "\(tokens) tokens in a table of \(known)")
    }
    workers(forElements: x.count).forEachPart(of: x.rows) { rows in
      for row in rows {
        let position = positions.map { Int($0[row]) } ?? row % tokens
        unsafe ck_rotate(
          x.elements.pointer + row * x.stride, table.pointer + position * headWidth,
          table.pointer + (known + position) * headWidth, heads, headWidth, inverse)
      }
    }
    record(.elementwise, reads: x.count + 2 * tokens * headWidth, writes: x.count)
  }
}
