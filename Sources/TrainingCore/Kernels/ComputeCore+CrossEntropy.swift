private import CKernels
private import Workloads

extension ComputeCore {
  /// Cross-entropy of each row against its label, with label smoothing.
  ///
  /// `losses[r] = log sum_c e^z_c - (1 - smoothing) z_label - smoothing / columns sum_c z_c`; a label
  /// of -1 is ignored: its loss is 0.
  ///
  /// - Precondition: logits `[labels.count, columns]`, one loss a label, labels below `columns`.
  public func crossEntropyRows(
    _ logits: Floats, labels: [Int32], smoothing: Float, into losses: Floats
  ) {
    let columns = checkLogits(logits, labels: labels, losses)
    check(labels, below: columns, smoothing: smoothing)
    workers(forElements: logits.count).forEachPart(of: labels.count) { part in
      let first = part.lowerBound
      unsafe ck_cross_entropy_rows(
        losses.pointer + first, logits.pointer + first * columns, Array(labels[part]), smoothing,
        part.count, columns)
    }
    record(.softmax, reads: logits.count, writes: losses.count)
  }

  /// `dlogits = weights[r] (softmax(z) - (1 - smoothing) onehot(label) - smoothing / columns)`.
  ///
  /// Zero in rows without a label. The softmax is computed again; `dlogits` may be the logits.
  ///
  /// - Precondition: sizes as in `crossEntropyRows`; one weight a label.
  public func crossEntropyRowsBackward(
    _ weights: Floats, logits: Floats, labels: [Int32], smoothing: Float, into dlogits: Floats
  ) {
    let columns = checkLogits(logits, labels: labels, weights)
    check(labels, below: columns, smoothing: smoothing)
    check(dlogits, logits.count, "gradient of logits")
    workers(forElements: logits.count).forEachPart(of: labels.count) { part in
      let first = part.lowerBound
      unsafe ck_cross_entropy_rows_backward(
        dlogits.pointer + first * columns, weights.pointer + first,
        logits.pointer + first * columns, Array(labels[part]), smoothing, part.count, columns)
    }
    record(.softmax, reads: elements(weights, logits), writes: dlogits.count)
  }

  /// Cross-entropy of each column against its label, a row number; formula as for rows.
  ///
  /// The other direction of a contrastive loss, from the same matrix.
  ///
  /// - Precondition: logits `[rows, labels.count]`, one loss a label, labels below `rows`.
  public func crossEntropyColumns(
    _ logits: Floats, labels: [Int32], smoothing: Float, into losses: Floats
  ) {
    let rows = checkLogits(logits, labels: labels, losses)
    check(labels, below: rows, smoothing: smoothing)
    let width = labels.count
    workers(forElements: logits.count).forEachPart(of: width, step: 16) { part in
      let first = part.lowerBound
      unsafe ck_cross_entropy_columns(
        losses.pointer + first, logits.pointer + first, Array(labels[part]), smoothing, rows, width,
        part.count)
    }
    record(.softmax, reads: logits.count, writes: losses.count)
  }

  /// The gradient of `crossEntropyColumns`, weighted by column; `dlogits` may be the logits.
  ///
  /// - Precondition: sizes as in `crossEntropyColumns`; one weight a label.
  public func crossEntropyColumnsBackward(
    _ weights: Floats, logits: Floats, labels: [Int32], smoothing: Float, into dlogits: Floats
  ) {
    let rows = checkLogits(logits, labels: labels, weights)
    check(labels, below: rows, smoothing: smoothing)
    check(dlogits, logits.count, "gradient of logits")
    let width = labels.count
    workers(forElements: logits.count).forEachPart(of: width, step: 16) { part in
      let first = part.lowerBound
      unsafe ck_cross_entropy_columns_backward(
        dlogits.pointer + first, weights.pointer + first, logits.pointer + first,
        Array(labels[part]), smoothing, rows, width, part.count)
    }
    record(.softmax, reads: elements(weights, logits), writes: dlogits.count)
  }

  /// The length of the side that labels point into.
  private func checkLogits(_ logits: Floats, labels: [Int32], _ losses: Floats) -> Int {
    precondition(
      !labels.isEmpty && logits.count > 0 && logits.count.isMultiple(of: labels.count),
      "\(logits.count) logits for \(labels.count) labels")
    check(losses, labels.count, "losses or their weights")
    return logits.count / labels.count
  }

  private func check(_ labels: [Int32], below count: Int, smoothing: Float) {
    precondition(smoothing >= 0 && smoothing < 1, "smoothing \(smoothing)")
    for label in labels {
      precondition(label >= -1 && Int(label) < count, "label \(label) of \(count)")
    }
  }
}
