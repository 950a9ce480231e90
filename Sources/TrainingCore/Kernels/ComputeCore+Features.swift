private import CKernels
private import Workloads

extension ComputeCore {
  /// `y[r, :] = x[r, :] / max(|x[r, :]|, 1e-12)`, unit vectors.
  ///
  /// - Precondition: `rows x width` elements in and out.
  public func normaliseRows(_ x: Floats, rows: Int, width: Int, into y: Floats) {
    check(x, rows * width, "vectors")
    check(y, rows * width, "unit vectors")
    workers(forElements: y.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * width
      unsafe ck_normalise_rows(y.pointer + start, x.pointer + start, part.count, width)
    }
    record(.elementwise, reads: x.count, writes: y.count)
  }

  /// `dx = (dy - y (y . dy)) / |x|` over each row, the norm computed again; `dx` may be `dy`.
  ///
  /// - Precondition: sizes as in `normaliseRows`.
  public func normaliseRowsBackward(
    _ dy: Floats, x: Floats, rows: Int, width: Int, into dx: Floats
  ) {
    check(dy, rows * width, "gradient of unit vectors")
    check(x, rows * width, "vectors")
    check(dx, rows * width, "gradient of vectors")
    workers(forElements: dx.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * width
      unsafe ck_normalise_rows_backward(
        dx.pointer + start, dy.pointer + start, x.pointer + start, part.count, width)
    }
    record(.elementwise, reads: elements(dy, x), writes: dx.count)
  }

  /// `y = e^s x`, and `+ b` where there is a bias, with one logit scale and one bias for all.
  ///
  /// `y` may be `x`.
  ///
  /// - Precondition: equally long; one element in `logScale` and in `bias`.
  public func scaleByExp(_ x: Floats, logScale: Floats, bias: Floats? = nil, into y: Floats) {
    check(logScale, 1, "logit scale")
    check(bias, 1, "logit bias")
    check(y, x.count, "scaled logits")
    let factor = ck_exponential(logScale[0])
    let shift = bias.map { $0[0] } ?? 0
    workers(forElements: y.count).forEachPart(of: y.count, step: 16) { part in
      let start = part.lowerBound
      unsafe ck_scale_shift(y.pointer + start, x.pointer + start, factor, shift, part.count)
    }
    record(.elementwise, reads: elements(x, logScale, bias), writes: y.count)
  }

  /// `dx = e^s dy`, `ds += sum dy e^s x`, `db += sum dy`; `dx` may be `dy`.
  ///
  /// Without a gradient of the scale `x` is not read and may be nil.
  ///
  /// - Precondition: sizes as in `scaleByExp`.
  public func scaleByExpBackward(
    _ dy: Floats, x: Floats?, logScale: Floats, into dx: Floats?, logScaleGradient: Floats?,
    biasGradient: Floats? = nil
  ) {
    precondition(logScaleGradient == nil || x != nil, "the gradient of a scale needs its input")
    check(logScale, 1, "logit scale")
    check(x, dy.count, "unscaled logits")
    check(dx, dy.count, "gradient of unscaled logits")
    check(logScaleGradient, 1, "gradient of the logit scale")
    check(biasGradient, 1, "gradient of the logit bias")
    let factor = ck_exponential(logScale[0])
    // The sums first: `dx` may be `dy`.
    if let logScaleGradient, let x {
      let inner = sum(of: dy.count) { part in
        let start = part.lowerBound
        return unsafe ck_dot(dy.pointer + start, x.pointer + start, part.count)
      }
      logScaleGradient[0] += Float(inner * Double(factor))
    }
    if let biasGradient {
      biasGradient[0] += Float(
        sum(of: dy.count) { unsafe ck_sum(dy.pointer + $0.lowerBound, $0.count) })
    }
    if let dx {
      workers(forElements: dx.count).forEachPart(of: dx.count, step: 16) { part in
        let start = part.lowerBound
        unsafe ck_scale_shift(dx.pointer + start, dy.pointer + start, factor, 0, part.count)
      }
    }
    record(
      .elementwise, reads: elements(dy, logScale, logScaleGradient == nil ? nil : x),
      writes: elements(dx, logScaleGradient, biasGradient))
  }

  /// `y[r, c] = max over v of x[r vectors + v, c]`: of an image's vectors the best one counts.
  ///
  /// - Precondition: `vectors columns` elements in for each `columns` out.
  public func bestVector(_ x: Floats, vectors: Int, columns: Int, into y: Floats) {
    let rows = checkVectors(x, vectors: vectors, columns: columns, y)
    workers(forElements: x.count).forEachPart(of: rows) { part in
      let first = part.lowerBound * columns
      unsafe ck_best_vector(
        y.pointer + first, x.pointer + first * vectors, part.count, vectors, columns)
    }
    record(.elementwise, reads: x.count, writes: y.count)
  }

  /// Hands `dy[r, c]` to the first vector that holds the maximum, zero to the others.
  ///
  /// - Precondition: sizes as in `bestVector`.
  public func bestVectorBackward(
    _ dy: Floats, x: Floats, vectors: Int, columns: Int, into dx: Floats
  ) {
    let rows = checkVectors(x, vectors: vectors, columns: columns, dy)
    check(dx, x.count, "gradient of competing vectors")
    workers(forElements: x.count).forEachPart(of: rows) { part in
      let first = part.lowerBound * columns
      unsafe ck_best_vector_backward(
        dx.pointer + first * vectors, dy.pointer + first, x.pointer + first * vectors, part.count,
        vectors, columns)
    }
    record(.elementwise, reads: elements(dy, x), writes: dx.count)
  }

  private func checkVectors(_ x: Floats, vectors: Int, columns: Int, _ y: Floats) -> Int {
    precondition(
      vectors >= 1 && columns >= 1 && y.count.isMultiple(of: columns),
      "best of \(vectors) vectors in \(y.count) elements of \(columns) columns")
    check(x, y.count * vectors, "competing vectors")
    return y.count / columns
  }
}
