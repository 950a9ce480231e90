private import CKernels
private import Workloads

extension ComputeCore {
  /// `y = copies times x, one after the other`: learned queries for every sample.
  ///
  /// - Precondition: `copies >= 1`, `y` so many times as long as `x`.
  public func repeatRows(_ x: Floats, copies: Int, into y: Floats) {
    precondition(copies >= 1, "\(copies) copies")
    check(y, copies * x.count, "repeated rows")
    workers(forElements: y.count).forEachPart(of: copies) { part in
      for copy in part { unsafe ck_copy(y.pointer + copy * x.count, x.pointer, x.count) }
    }
    record(.elementwise, reads: x.count, writes: y.count)
  }

  /// `dx (+)= sum of the copies of dy`, the gradient of `repeatRows`.
  ///
  /// - Precondition: `copies >= 1`, `dy` so many times as long as `dx`.
  public func sumCopies(_ dy: Floats, copies: Int, into dx: Floats, accumulating: Bool) {
    precondition(copies >= 1, "\(copies) copies")
    check(dy, copies * dx.count, "gradient of repeated rows")
    workers(forElements: dy.count).forEachPart(of: dx.count, step: 16) { part in
      let first = part.lowerBound
      unsafe ck_sum_copies(
        dx.pointer + first, dy.pointer + first, copies, dx.count, part.count,
        accumulating ? 1 : 0)
    }
    record(.elementwise, reads: dy.count, writes: dx.count)
  }

  /// `y[s, :] = average over tokens of x[s, t, :]`.
  ///
  /// - Precondition: `samples x tokens x width` elements in, `samples x width` out.
  public func meanTokens(_ x: Floats, samples: Int, tokens: Int, width: Int, into y: Floats) {
    precondition(tokens >= 1, "an average of \(tokens) tokens")
    check(x, samples * tokens * width, "tokens")
    check(y, samples * width, "average tokens")
    workers(forElements: x.count).forEachPart(of: samples) { part in
      let first = part.lowerBound
      unsafe ck_mean_tokens(
        y.pointer + first * width, x.pointer + first * tokens * width, part.count, tokens, width)
    }
    record(.elementwise, reads: x.count, writes: y.count)
  }

  /// `dx[s, t, :] = dy[s, :] / tokens`.
  ///
  /// - Precondition: sizes as in `meanTokens`.
  public func meanTokensBackward(
    _ dy: Floats, samples: Int, tokens: Int, width: Int, into dx: Floats
  ) {
    precondition(tokens >= 1, "an average of \(tokens) tokens")
    check(dx, samples * tokens * width, "gradient of tokens")
    check(dy, samples * width, "gradient of average tokens")
    workers(forElements: dx.count).forEachPart(of: samples) { part in
      let first = part.lowerBound
      unsafe ck_mean_tokens_backward(
        dx.pointer + first * tokens * width, dy.pointer + first * width, part.count, tokens, width)
    }
    record(.elementwise, reads: dy.count, writes: dx.count)
  }

  /// `y[r, c] = x[r, c] scale[c]`, a layer scale; `y` may be `x`.
  ///
  /// - Precondition: `rows x scale.count` elements in and out.
  public func scaleColumns(_ x: Floats, scale: Floats, rows: Int, into y: Floats) {
    let columns = scale.count
    check(x, rows * columns, "input of a column scale")
    check(y, rows * columns, "output of a column scale")
    workers(forElements: y.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * columns
      unsafe ck_scale_columns(
        y.pointer + start, x.pointer + start, scale.pointer, part.count, columns)
    }
    record(.elementwise, reads: elements(x, scale), writes: y.count)
  }

  /// `dx = dy scale`, `scaleGradient += sum_r dy x`; `dx` may be `dy`.
  ///
  /// Without a gradient of the scale `x` is not read and may be nil.
  ///
  /// - Precondition: sizes as in `scaleColumns`.
  public func scaleColumnsBackward(
    _ dy: Floats, x: Floats?, scale: Floats, rows: Int, into dx: Floats?, scaleGradient: Floats?
  ) {
    let columns = scale.count
    precondition(scaleGradient == nil || x != nil, "the gradient of a scale needs its input")
    check(dy, rows * columns, "gradient of a column scale's output")
    check(x, rows * columns, "input of a column scale")
    check(dx, rows * columns, "gradient of a column scale's input")
    check(scaleGradient, columns, "gradient of a column scale")
    splitSums(
      rows: rows, columns: columns, into: scaleGradient.map { [$0] } ?? []
    ) { part, sums in
      let start = part.lowerBound * columns
      unsafe ck_scale_columns_backward(
        dx.map { unsafe $0.pointer + start }, sums.first?.pointer, dy.pointer + start,
        x.map { unsafe $0.pointer + start }, scale.pointer, part.count, columns)
    }
    record(
      .elementwise,
      reads: elements(dy, dx == nil ? nil : scale, scaleGradient == nil ? nil : x),
      writes: elements(dx, scaleGradient))
  }

  /// `y[s, :] = factors[s] x[s, :]`: drop path, and its own backward; `y` may be `x`.
  ///
  /// - Precondition: `elements` elements for each factor, in and out.
  public func scaleSamples(_ x: Floats, factors: Floats, elements count: Int, into y: Floats) {
    check(x, factors.count * count, "input of a sample scale")
    check(y, factors.count * count, "output of a sample scale")
    workers(forElements: y.count).forEachPart(of: factors.count) { part in
      for sample in part {
        unsafe ck_scale_shift(
          y.pointer + sample * count, x.pointer + sample * count, factors[sample], 0, count)
      }
    }
    record(.elementwise, reads: elements(x, factors), writes: y.count)
  }
}
