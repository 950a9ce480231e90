private import CKernels

extension ComputeCore {
  /// `y = x W + b` and an epilogue, on rows of `x [rows, k]` with `W [k, n]`.
  ///
  /// Each worker takes blocks of its rows: bias and residual are written first, the product adds
  /// itself to them, and the activation follows while the block is in a cache.
  ///
  /// - Precondition: dense operands of these sizes; `y` and the activation overlap nothing.
  public func linear(
    _ x: Floats, weight: Floats, bias: BiasVector?, rows: Int, k: Int, n: Int,
    epilogue: ProductEpilogue, into y: Floats
  ) {
    checkProduct(rows, k, n, x, weight, y)
    let seam = productSeam()
    withColumns(of: bias, n) { start in
      let job = LinearJob(
        x: x, weight: weight, start: start, epilogue: epilogue, k: k, n: n, y: y,
        backend: seam.backend)
      job.check(rows: rows)
      forEachBlock(rows: rows, k: k, n: n) { job.run($0) }
    }
    let beside = bias?.elements.count ?? 0
    switch epilogue {
    case .none: record(seam, reads: beside)
    case .residual(let residual): record(seam, reads: beside + residual.count)
    case .activation(_, let activated): record(seam, reads: beside, writes: activated.count)
    }
  }

  /// Lends the bias as one element per column, zero where it covers none.
  private func withColumns(of bias: BiasVector?, _ n: Int, _ body: (Floats?) -> Void) {
    guard let bias else { return body(nil) }
    precondition(
      bias.layout.allSatisfy { $0.upperBound <= n }, "a bias of \(bias.layout) on \(n) columns")
    if bias.elements.count == n { return body(bias.elements) }
    scratch.withFloats(n) { columns in
      columns.fill(0)
      var next = 0
      for range in bias.layout {
        unsafe ck_copy(
          columns.pointer + range.lowerBound, bias.elements.pointer + next, range.count)
        next += range.count
      }
      body(columns)
    }
  }
}

/// The operands of one `linear`, and what is done with a block of its rows.
private struct LinearJob: Sendable {
  let x: Floats
  let weight: Floats
  let start: Floats?
  let epilogue: ProductEpilogue
  let k: Int
  let n: Int
  let y: Floats
  let backend: any GEMMBackend

  func check(rows: Int) {
    switch epilogue {
    case .none: break
    case .residual(let residual):
      precondition(residual.count == rows * n, "\(residual.count) residuals for \(rows) x \(n)")
    case .activation(let kind, let activated):
      precondition(
        activated.count * kind.inputsPerOutput == rows * n,
        "\(kind) of \(rows) x \(n) into \(activated.count) elements")
    }
  }

  func run(_ block: Range<Int>) {
    let (first, count) = (block.lowerBound, block.count)
    let out = y.part(first * n, count * n)
    var residual: Floats?
    if case .residual(let all) = epilogue { residual = all.part(first * n, count * n) }
    let begun = start != nil || residual != nil
    if begun {
      unsafe ck_start_rows(out.pointer, start?.pointer, residual?.pointer, count, n)
    }
    backend.multiply(
      MatrixProduct(m: count, n: n, k: k, beta: begun ? 1 : 0), x.part(first * k, count * k),
      weight, into: out)
    if case .activation(let kind, let activated) = epilogue {
      let columns = n / kind.inputsPerOutput
      unsafe ck_activation(
        kind.kind, activated.pointer + first * columns, out.pointer, count, columns)
    }
  }
}
