private import CKernels
private import Workloads

extension ComputeCore {
  /// Sigmoid loss: `losses[r] = sum_c -log sigmoid(y z)`, `y = 1` where `c = r + offset`, else -1.
  ///
  /// - Precondition: logits `[losses.count, columns]`.
  ///
  /// Source: Zhai et al., arXiv 2303.15343, section 3.2.
  public func sigmoidLoss(_ logits: Floats, diagonalOffset offset: Int, into losses: Floats) {
    let columns = columns(of: logits, rows: losses)
    workers(forElements: logits.count).forEachPart(of: losses.count) { part in
      let first = part.lowerBound
      unsafe ck_sigmoid_loss(
        losses.pointer + first, logits.pointer + first * columns, first + offset, part.count,
        columns)
    }
    record(.elementwise, reads: logits.count, writes: losses.count)
  }

  /// `dlogits = -weights[r] y sigmoid(-y z)`; `dlogits` may be the logits.
  ///
  /// - Precondition: logits `[weights.count, columns]`, equally many gradients.
  public func sigmoidLossBackward(
    _ weights: Floats, logits: Floats, diagonalOffset offset: Int, into dlogits: Floats
  ) {
    let columns = columns(of: logits, rows: weights)
    check(dlogits, logits.count, "gradient of logits")
    workers(forElements: logits.count).forEachPart(of: weights.count) { part in
      let first = part.lowerBound
      unsafe ck_sigmoid_loss_backward(
        dlogits.pointer + first * columns, weights.pointer + first,
        logits.pointer + first * columns, first + offset, part.count, columns)
    }
    record(.elementwise, reads: elements(weights, logits), writes: dlogits.count)
  }

  /// `losses[r] = |a[r, :] - b[r, :]|^2`.
  ///
  /// - Precondition: `rows x width` elements each, one loss a row.
  public func squaredDistance(
    _ a: Floats, _ b: Floats, rows: Int, width: Int, into losses: Floats
  ) {
    checkPair(a, b, rows: rows, width: width, losses)
    workers(forElements: a.count).forEachPart(of: rows) { part in
      let (first, start) = (part.lowerBound, part.lowerBound * width)
      unsafe ck_squared_distance(
        losses.pointer + first, a.pointer + start, b.pointer + start, part.count, width)
    }
    record(.elementwise, reads: elements(a, b), writes: losses.count)
  }

  /// `da[r, :] = 2 weights[r] (a - b)`; `b` is a constant.
  ///
  /// - Precondition: sizes as in `squaredDistance`; one weight a row.
  public func squaredDistanceBackward(
    _ weights: Floats, a: Floats, b: Floats, rows: Int, width: Int, into da: Floats
  ) {
    checkPair(a, b, rows: rows, width: width, weights)
    check(da, a.count, "gradient of the first vectors")
    workers(forElements: a.count).forEachPart(of: rows) { part in
      let (first, start) = (part.lowerBound, part.lowerBound * width)
      unsafe ck_squared_distance_backward(
        da.pointer + start, weights.pointer + first, a.pointer + start, b.pointer + start,
        part.count, width)
    }
    record(.elementwise, reads: elements(weights, a, b), writes: da.count)
  }

  /// `losses[r] = 1 - a . b / (|a| |b|)` over each row, norms at least 1e-8.
  ///
  /// - Precondition: `rows x width` elements each, one loss a row.
  public func cosineDistance(
    _ a: Floats, _ b: Floats, rows: Int, width: Int, into losses: Floats
  ) {
    checkPair(a, b, rows: rows, width: width, losses)
    workers(forElements: a.count).forEachPart(of: rows) { part in
      let (first, start) = (part.lowerBound, part.lowerBound * width)
      unsafe ck_cosine_distance(
        losses.pointer + first, a.pointer + start, b.pointer + start, part.count, width)
    }
    record(.elementwise, reads: elements(a, b), writes: losses.count)
  }

  /// `da = weights[r] (cosine a / |a| - b / |b|) / |a|`; `b` is a constant.
  ///
  /// - Precondition: sizes as in `cosineDistance`; one weight a row.
  public func cosineDistanceBackward(
    _ weights: Floats, a: Floats, b: Floats, rows: Int, width: Int, into da: Floats
  ) {
    checkPair(a, b, rows: rows, width: width, weights)
    check(da, a.count, "gradient of the first vectors")
    workers(forElements: a.count).forEachPart(of: rows) { part in
      let (first, start) = (part.lowerBound, part.lowerBound * width)
      unsafe ck_cosine_distance_backward(
        da.pointer + start, weights.pointer + first, a.pointer + start, b.pointer + start,
        part.count, width)
    }
    record(.elementwise, reads: elements(weights, a, b), writes: da.count)
  }

  private func columns(of logits: Floats, rows: Floats) -> Int {
    precondition(
      rows.count >= 1 && logits.count > 0 && logits.count.isMultiple(of: rows.count),
      "\(logits.count) logits for \(rows.count) rows")
    return logits.count / rows.count
  }

  private func checkPair(_ a: Floats, _ b: Floats, rows: Int, width: Int, _ losses: Floats) {
    precondition(rows >= 1 && width >= 1, "\(rows) rows of \(width)")
    check(a, rows * width, "first vectors")
    check(b, rows * width, "second vectors")
    check(losses, rows, "losses or their weights")
  }
}
