private import CKernels
private import Workloads

extension ComputeCore {
  /// `out[r, c] = in[r, c] + bias[c]`; `out` may be `in`.
  ///
  /// - Precondition: `rows x bias.count` elements in and out.
  public func addBias(_ input: Floats, bias: Floats, rows: Int, into out: Floats) {
    let columns = bias.count
    checkRows(rows, columns, [input, out])
    workers(forElements: out.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * columns
      unsafe ck_bias_add(
        out.pointer + start, input.pointer + start, bias.pointer, part.count, columns)
    }
    record(.elementwise, reads: input.count + columns, writes: out.count)
  }

  /// `out = in + bias + residual`, the bias by column; `out` may be `in`.
  ///
  /// - Precondition: `rows x bias.count` elements in, out and in the residual.
  public func addBias(
    _ input: Floats, bias: Floats, residual: Floats, rows: Int, into out: Floats
  ) {
    let columns = bias.count
    checkRows(rows, columns, [input, residual, out])
    workers(forElements: out.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * columns
      unsafe ck_bias_residual(
        out.pointer + start, input.pointer + start, bias.pointer, residual.pointer + start,
        part.count, columns)
    }
    record(
      .elementwise, reads: input.count + columns + residual.count, writes: out.count)
  }

  /// `pre = in + bias` (kept for backward), `out = gelu(pre)`; `pre` may be `in`.
  ///
  /// - Precondition: `rows x bias.count` elements in, out and in `pre`.
  public func biasGelu(
    _ input: Floats, bias: Floats, rows: Int, keeping pre: Floats, into out: Floats
  ) {
    let columns = bias.count
    checkRows(rows, columns, [input, pre, out])
    workers(forElements: out.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * columns
      unsafe ck_bias_gelu(
        pre.pointer + start, out.pointer + start, input.pointer + start, bias.pointer, part.count,
        columns)
    }
    record(.elementwise, reads: input.count + columns, writes: pre.count + out.count)
  }

  /// `sums[c] += sum_r in[r, c]`, the gradient of a bias.
  ///
  /// - Precondition: `rows x sums.count` elements.
  public func addColumnSums(_ input: Floats, rows: Int, to sums: Floats) {
    let columns = sums.count
    checkRows(rows, columns, [input])
    splitSums(rows: rows, columns: columns, into: [sums]) { part, sums in
      unsafe ck_sum_rows(
        sums[0].pointer, input.pointer + part.lowerBound * columns, part.count, columns)
    }
    record(.reduction, reads: input.count, writes: columns)
  }

  /// LayerNorm over each row; formula in `ck_layer_norm`.
  ///
  /// `mean` and `rstd` are kept for backward.
  ///
  /// - Precondition: `rows x gain.count` elements in and out, one mean and `rstd` a row.
  public func layerNorm(
    _ input: Floats, gain: Floats, bias: Floats, epsilon: Float, rows: Int, mean: Floats,
    rstd: Floats, into out: Floats
  ) {
    let columns = gain.count
    checkRows(rows, columns, [input, out])
    precondition(bias.count == columns, "\(columns) gains and \(bias.count) biases")
    precondition(mean.count == rows && rstd.count == rows, "one mean and rstd for each row")
    workers(forElements: out.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * columns
      unsafe ck_layer_norm(
        out.pointer + start, mean.pointer + part.lowerBound, rstd.pointer + part.lowerBound,
        input.pointer + start, gain.pointer, bias.pointer, epsilon, part.count, columns)
    }
    record(
      .normalization, reads: input.count + 2 * columns, writes: out.count + 2 * rows)
  }

  /// LayerNorm backward; formula in `ck_layer_norm_backward`.
  ///
  /// Parameter gradients are added to.
  ///
  /// - Precondition: sizes as in `layerNorm`.
  public func layerNormBackward(
    _ outGradient: Floats, input: Floats, gain: Floats, mean: Floats, rstd: Floats, rows: Int,
    into inputGradient: Floats, gainGradient: Floats, biasGradient: Floats
  ) {
    let columns = gain.count
    checkRows(rows, columns, [outGradient, input, inputGradient])
    precondition(
      gainGradient.count == columns && biasGradient.count == columns,
      "\(columns) gains with gradients of \(gainGradient.count) and \(biasGradient.count)")
    precondition(mean.count == rows && rstd.count == rows, "one mean and rstd for each row")
    splitSums(rows: rows, columns: columns, into: [gainGradient, biasGradient]) { part, sums in
      let start = part.lowerBound * columns
      unsafe ck_layer_norm_backward(
        inputGradient.pointer + start, sums[0].pointer, sums[1].pointer,
        outGradient.pointer + start, input.pointer + start, gain.pointer,
        mean.pointer + part.lowerBound, rstd.pointer + part.lowerBound, part.count, columns)
    }
    record(
      .normalization, reads: outGradient.count + input.count + columns + 2 * rows,
      writes: inputGradient.count + 2 * columns)
  }

  /// `out[r, :] = softmax(scale in[r, :])`; `out` may be `in`.
  ///
  /// - Precondition: `rows x columns` elements, at least one column, `scale > 0`.
  public func softmax(
    _ input: Floats, scale: Float = 1, rows: Int, columns: Int, into out: Floats
  ) {
    checkRows(rows, columns, [input, out])
    precondition(scale > 0, "softmax needs a scale above 0, not \(scale)")
    workers(forElements: out.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * columns
      unsafe ck_softmax(out.pointer + start, input.pointer + start, scale, part.count, columns)
    }
    record(.softmax, reads: input.count, writes: out.count)
  }

  /// `inputGradient = scale out (outGradient - sum(outGradient out))` over each row;
  /// `inputGradient` may be `outGradient`.
  ///
  /// - Precondition: `rows x columns` elements each.
  public func softmaxBackward(
    _ outGradient: Floats, out: Floats, scale: Float = 1, rows: Int, columns: Int,
    into inputGradient: Floats
  ) {
    checkRows(rows, columns, [outGradient, out, inputGradient])
    workers(forElements: out.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * columns
      unsafe ck_softmax_backward(
        inputGradient.pointer + start, outGradient.pointer + start, out.pointer + start, scale,
        part.count, columns)
    }
    record(.softmax, reads: outGradient.count + out.count, writes: inputGradient.count)
  }

  /// Checks that every operand is `rows x columns` elements.
  func checkRows(_ rows: Int, _ columns: Int, _ operands: [Floats]) {
    precondition(rows >= 1 && columns >= 1, "\(rows) rows of \(columns) columns")
    for operand in operands {
      precondition(
        operand.count == rows * columns,
        "\(operand.count) elements for \(rows) rows of \(columns) columns")
    }
  }

  /// Runs `body` on parts of the rows; parts after the first sum into buffers of their own, which
  /// are added in order, so that equal worker counts give equal bits.
  func splitSums(
    rows: Int, columns: Int, into sums: [Floats],
    _ body: @Sendable (Range<Int>, [Floats]) -> Void
  ) {
    let parts = workers(forElements: rows * columns).parts(of: rows)
    let length = sums.reduce(0) { $0 + $1.count }
    scratch.withFloats((parts.count - 1) * length) { partial in
      partial.fill(0)
      let own = parts.indices.map { index in
        index == 0 ? sums : Self.slices(of: partial.part((index - 1) * length, length), as: sums)
      }
      Workers(count: parts.count).forEachPart(of: parts.count) { indices in
        for index in indices { body(parts[index], own[index]) }
      }
      for extra in own.dropFirst() {
        for (sum, more) in zip(sums, extra) {
          unsafe ck_add(sum.pointer, sum.pointer, more.pointer, sum.count)
        }
      }
    }
  }

  private static func slices(of whole: Floats, as shapes: [Floats]) -> [Floats] {
    var start = 0
    return shapes.map { shape in
      defer { start += shape.count }
      return whole.part(start, shape.count)
    }
  }
}
