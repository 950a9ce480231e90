private import CKernels
private import Workloads

extension ComputeCore {
  /// `dx = dy W^T` and an epilogue: `dy [rows, n]`, `W [k, n]`, product `[rows, k]`.
  ///
  /// Before a gated activation the product itself only exists in blocks that a worker owns.
  ///
  /// `dy` may be columns of wider rows.
  ///
  /// - Precondition: operands of these sizes, dense but for `dy`; `dx` overlaps nothing but
  ///   `present`, which it may be.
  public func linearInputGradient(
    _ dy: FloatMatrix, weight: Floats, k: Int, epilogue: GradientEpilogue, into dx: Floats
  ) {
    let (rows, n) = (dy.rows, dy.columns)
    let seam = productSeam()
    let job = InputGradientJob(
      dy: dy, weight: weight, epilogue: epilogue, k: k, n: n, dx: dx, backend: seam.backend)
    precondition(
      weight.count == k * n, "a weight of \(weight.count) elements, not \(k) x \(n)")
    job.check(rows: rows)
    if case .activation(let kind, _, _) = epilogue, kind.isGated {
      forEachBlock(rows: rows, k: n, n: k) { block in
        scratch.withFloats(block.count * k) { job.run(block, product: $0) }
      }
    } else {
      forEachBlock(rows: rows, k: n, n: k) { job.run($0, product: nil) }
    }
    switch epilogue {
    case .none: record(seam)
    case .adding(let present): record(seam, reads: present.count)
    case .activation(_, let pre, let again):
      record(seam, reads: pre.count, writes: dx.count - rows * k + (again?.count ?? 0))
    }
  }

  /// The same with a dense `dy [rows, n]`.
  public func linearInputGradient(
    _ dy: Floats, weight: Floats, rows: Int, k: Int, n: Int, epilogue: GradientEpilogue,
    into dx: Floats
  ) {
    linearInputGradient(
      FloatMatrix(dy, rows: rows, columns: n), weight: weight, k: k, epilogue: epilogue, into: dx)
  }

  /// `dW = x^T dy`, or added to `dW`: `x [rows, k]`, `dy [rows, n]`, `dW [k, n]`.
  ///
  /// `dy` may be columns of wider rows.
  ///
  /// - Precondition: operands of these sizes, dense but for `dy`; no overlap.
  public func linearWeightGradient(
    _ x: Floats, _ dy: FloatMatrix, k: Int, into dW: Floats, accumulating: Bool
  ) {
    let (rows, n) = (dy.rows, dy.columns)
    precondition(
      x.count == rows * k && dW.count == k * n,
      "operands of \(x.count), \(dW.count) elements for \(k) x \(rows) x \(n)")
    let seam = productSeam()
    split(
      MatrixProduct(
        m: k, n: n, k: rows, left: .yes, beta: accumulating ? 1 : 0, rightStride: dy.stride), x,
      dy.elements, into: dW, on: seam.backend)
    record(seam)
  }

  /// The same with a dense `dy [rows, n]`.
  public func linearWeightGradient(
    _ x: Floats, _ dy: Floats, rows: Int, k: Int, n: Int, into dW: Floats, accumulating: Bool
  ) {
    linearWeightGradient(
      x, FloatMatrix(dy, rows: rows, columns: n), k: k, into: dW, accumulating: accumulating)
  }

  /// `sums += sum_r dy[r, :]` over the columns that a bias covers, in its order.
  ///
  /// - Precondition: whole rows of `dy`; `layout` holds as many columns as `sums`, as in
  ///   `BiasVector`.
  public func biasGradient(_ dy: Floats, rows: Int, layout: [Range<Int>], into sums: Floats) {
    precondition(
      rows >= 1 && dy.count.isMultiple(of: rows), "\(dy.count) elements in \(rows) rows")
    checkLayout(layout, count: sums.count)
    let columns = dy.count / rows
    precondition(
      layout.allSatisfy { $0.upperBound <= columns }, "a bias of \(layout) on \(columns) columns")
    splitSums(rows: rows, columns: columns, into: [sums]) { part, sums in
      var next = 0
      for range in layout {
        unsafe ck_sum_columns(
          sums[0].pointer + next, dy.pointer + part.lowerBound * columns + range.lowerBound,
          columns, part.count, range.count)
        next += range.count
      }
    }
    record(.reduction, reads: dy.count, writes: sums.count)
  }
}

/// The operands of one `linearInputGradient`, and what is done with a block of its rows.
private struct InputGradientJob: Sendable {
  let dy: FloatMatrix
  let weight: Floats
  let epilogue: GradientEpilogue
  let k: Int
  let n: Int
  let dx: Floats
  let backend: any GEMMBackend

  func check(rows: Int) {
    var wanted = rows * k
    switch epilogue {
    case .none: break
    case .adding(let present):
      precondition(present.count == wanted, "\(present.count) present gradients of \(wanted)")
    case .activation(let kind, let pre, let again):
      precondition(
        (again?.count ?? wanted) == wanted, "\(again?.count ?? 0) activations, not \(wanted)")
      wanted *= kind.inputsPerOutput
      precondition(pre.count == wanted, "\(pre.count) inputs of \(kind), not \(wanted)")
    }
    precondition(dx.count == wanted, "\(dx.count) gradients, not \(wanted)")
  }

  /// `product` is scratch for a block of the product; nil: the block of `dx` itself.
  func run(_ block: Range<Int>, product: Floats?) {
    let (first, count) = (block.lowerBound, block.count)
    let out = product ?? dx.part(first * k, count * k)
    var beta: Float = 0
    if case .adding(let all) = epilogue {
      let present = all.part(first * k, count * k)
      if unsafe present.pointer != out.pointer {
        unsafe ck_copy(out.pointer, present.pointer, present.count)
      }
      beta = 1
    }
    backend.multiply(
      MatrixProduct(m: count, n: k, k: n, right: .yes, beta: beta, leftStride: dy.stride),
      dy.rows(block).elements, weight, into: out)
    if case .activation(let kind, let pre, let again) = epilogue {
      let start = first * k * kind.inputsPerOutput
      let values = unsafe again.map { unsafe $0.part(first * k, count * k).pointer }
      unsafe ck_activation_backward(
        kind.kind, dx.pointer + start, values, out.pointer, pre.pointer + start, count, k)
    }
  }
}
