private import CKernels
private import Workloads

extension ComputeCore {
  /// `y = f(pre)`: `pre` is `[rows, columns]`, gated `[rows, 2 columns]`.
  ///
  /// - Precondition: whole rows, as many in as out; no overlap.
  public func activation(_ kind: Activation, _ pre: Floats, rows: Int, into y: Floats) {
    let columns = activationColumns(kind, pre: pre, rows: rows, out: y)
    workers(forElements: pre.count).forEachPart(of: rows) { part in
      unsafe ck_activation(
        kind.kind, y.pointer + part.lowerBound * columns,
        pre.pointer + part.lowerBound * columns * kind.inputsPerOutput, part.count, columns)
    }
    record(.elementwise, reads: pre.count, writes: y.count)
  }

  /// `dpre = dy f'(pre)`; `dpre` is as long as `pre`, and may be `dy` where `kind` is not gated.
  ///
  /// - Precondition: sizes as in `activation`.
  public func activationBackward(
    _ kind: Activation, dy: Floats, pre: Floats, rows: Int, into dpre: Floats
  ) {
    let columns = activationColumns(kind, pre: pre, rows: rows, out: dy)
    precondition(
      dpre.count == pre.count, "\(dpre.count) gradients of \(pre.count) inputs of \(kind)")
    workers(forElements: pre.count).forEachPart(of: rows) { part in
      let (start, wide) = (part.lowerBound * columns, columns * kind.inputsPerOutput)
      unsafe ck_activation_backward(
        kind.kind, dpre.pointer + part.lowerBound * wide, nil, dy.pointer + start,
        pre.pointer + part.lowerBound * wide, part.count, columns)
    }
    record(.elementwise, reads: dy.count + pre.count, writes: dpre.count)
  }

  private func activationColumns(
    _ kind: Activation, pre: Floats, rows: Int, out: Floats
  ) -> Int {
    precondition(
      rows >= 1 && out.count.isMultiple(of: rows) && !(out.count == 0)
        && pre.count == out.count * kind.inputsPerOutput,
      "\(kind) of \(pre.count) elements into \(out.count), \(rows) rows")
    return out.count / rows
  }
}
