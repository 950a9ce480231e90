private import Workloads

/// Kernels that put together what several branches made.
extension ComputeCore {
  /// `out = left + right`, views of equal shape; `out` may be either.
  ///
  /// - Precondition: equal rows and columns.
  public func add(_ left: FloatMatrix, _ right: FloatMatrix, into out: FloatMatrix) {
    precondition(
      left.rows == out.rows && right.rows == out.rows && left.columns == out.columns
        && right.columns == out.columns,
      "sum of \(left.rows) x \(left.columns) and \(right.rows) x \(right.columns)")
    workers(forElements: out.count).forEachPart(of: out.rows) { rows in
      for row in rows {
        let (a, b) = unsafe (
          left.elements.pointer + row * left.stride, right.elements.pointer + row * right.stride
        )
        let y = unsafe out.elements.pointer + row * out.stride
        for column in 0..<out.columns { unsafe y[column] = a[column] + b[column] }
      }
    }
    record(.elementwise, reads: left.count + right.count, writes: out.count)
  }

  /// The features that texts are compared with under attack: those of the attacked samples, which
  /// come first, then the clean ones of all others.
  ///
  /// Shapes: attacked `[attackedSamples, width]`, clean and `out` `[samples, width]`.
  ///
  /// - Precondition: these shapes.
  public func mixSamples(
    attacked: Floats, clean: Floats, samples: Int, attackedSamples: Int, width: Int,
    into out: Floats
  ) {
    let split = attackedSamples * width
    precondition(
      attacked.count == split && clean.count == samples * width && out.count == samples * width,
      "\(attackedSamples) of \(samples) samples of \(width) mixed into \(out.count) elements")
    unsafe out.pointer.update(from: attacked.pointer, count: split)
    unsafe (out.pointer + split).update(from: clean.pointer + split, count: out.count - split)
    record(.elementwise, reads: out.count, writes: out.count)
  }

  /// The gradients of `mixSamples`; that of clean features is zero where an attacked one stood.
  ///
  /// - Precondition: shapes as in `mixSamples`.
  public func mixSamplesBackward(
    _ dy: Floats, samples: Int, attackedSamples: Int, width: Int, attacked: Floats?,
    clean: Floats?
  ) {
    let split = attackedSamples * width
    precondition(
      dy.count == samples * width && attacked?.count ?? split == split
        && clean?.count ?? dy.count == dy.count,
      "gradients of \(attackedSamples) of \(samples) samples of \(width)")
    if let attacked { unsafe attacked.pointer.update(from: dy.pointer, count: split) }
    if let clean {
      clean.part(0, split).fill(0)
      unsafe (clean.pointer + split).update(from: dy.pointer + split, count: dy.count - split)
    }
    record(
      .elementwise, reads: dy.count, writes: (attacked?.count ?? 0) + (clean?.count ?? 0))
  }
}
