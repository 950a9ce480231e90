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

  /// Where an attack begins when that is given: `delta = given`, `attacked = x + delta`.
  ///
  /// - Precondition: equally long operands, at least as many given values.
  public func attackStart(
    _ x: Floats, given: [Float], into delta: Floats, attacked: Floats
  ) {
    precondition(
      delta.count == x.count && attacked.count == x.count && given.count >= x.count,
      "an attack on \(x.count) elements with \(given.count) given")
    delta.assign(Array(given.prefix(x.count)))
    ComputeCore(backend: backend, workers: workers).add(x, delta, into: attacked)
    record(.elementwise, reads: x.count, writes: delta.count + attacked.count)
  }

  /// Zeros everywhere.
  public func clear(_ out: Floats) {
    out.fill(0)
    record(.elementwise, reads: 0, writes: out.count)
  }

  /// The features that texts are compared with under attack: those of the attacked samples, which
  /// come first in each of `groups` micro-batches, then the clean ones of all others.
  ///
  /// Shapes: attacked `[attackedSamples, width]`, clean and `out` `[samples, width]`.
  ///
  /// - Precondition: these shapes; both counts are multiples of `groups`.
  public func mixSamples(
    attacked: Floats, clean: Floats, samples: Int, attackedSamples: Int, width: Int,
    groups: Int = 1, into out: Floats
  ) {
    let split = attackedSamples * width
    precondition(
      attacked.count == split && clean.count == samples * width && out.count == samples * width,
      "\(attackedSamples) of \(samples) samples of \(width) mixed into \(out.count) elements")
    let (all, own) = (out.count / groups, split / groups)
    for group in 0..<groups {
      let y = out.part(group * all, all)
      unsafe y.pointer.update(from: attacked.pointer + group * own, count: own)
      unsafe (y.pointer + own).update(
        from: clean.pointer + group * all + own, count: all - own)
    }
    record(.elementwise, reads: out.count, writes: out.count)
  }

  /// The gradients of `mixSamples`; that of clean features is zero where an attacked one stood.
  ///
  /// - Precondition: shapes as in `mixSamples`.
  public func mixSamplesBackward(
    _ dy: Floats, samples: Int, attackedSamples: Int, width: Int, groups: Int = 1,
    attacked: Floats?, clean: Floats?
  ) {
    let split = attackedSamples * width
    precondition(
      dy.count == samples * width && attacked?.count ?? split == split
        && clean?.count ?? dy.count == dy.count,
      "gradients of \(attackedSamples) of \(samples) samples of \(width)")
    let (all, own) = (dy.count / groups, split / groups)
    for group in 0..<groups {
      let source = dy.part(group * all, all)
      if let attacked {
        unsafe (attacked.pointer + group * own).update(from: source.pointer, count: own)
      }
      if let clean {
        let rows = clean.part(group * all, all)
        rows.part(0, own).fill(0)
        unsafe (rows.pointer + own).update(from: source.pointer + own, count: all - own)
      }
    }
    record(
      .elementwise, reads: dy.count, writes: (attacked?.count ?? 0) + (clean?.count ?? 0))
  }
}
