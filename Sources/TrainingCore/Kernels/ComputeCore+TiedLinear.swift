import Workloads

extension ComputeCore {
  /// `y = x E^T + b` with a table of embeddings: `x [rows, k]`, `E [n, k]`, `y [rows, n]`.
  ///
  /// The vocabulary product of a language model whose output matrix is its token embedding; the
  /// table is used as it lies. Gradients: `dx = dy E` by `multiply`, `dE = dy^T x` by
  /// `linearWeightGradient` with both operands exchanged.
  ///
  /// - Precondition: dense operands of these sizes, `n` entries of the bias; no overlap.
  public func tiedLinear(
    _ x: Floats, table: Floats, bias: Floats?, rows: Int, k: Int, n: Int, into y: Floats
  ) {
    precondition(
      x.count == rows * k && table.count == n * k && y.count == rows * n
        && bias?.count ?? n == n, "a tied product of \(rows) x \(k) with \(n) entries")
    let seam = productSeam()
    split(MatrixProduct(m: rows, n: n, k: k, right: .yes), x, table, into: y, on: seam.backend)
    if let bias {
      // Silent: one kernel, which is reported below.
      ComputeCore(backend: backend, workers: workers).addBias(y, bias: bias, rows: rows, into: y)
    }
    record(seam, reads: bias?.count ?? 0)
  }
}
