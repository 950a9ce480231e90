private import CKernels
private import Workloads

extension ComputeCore {
  /// What the comparison measure of a layer is made of: `d_s = |phi - phi'|^2`, `n_s = |phi|^2`.
  ///
  /// The measure of sample s is `CM_s = sqrt(d_s / n_s)`. Sums are in double precision.
  ///
  /// - Precondition: `samples x elements` clean and attacked elements, one sum of each kind a sample.
  ///
  /// Source: Khalooei et al., Layer Sustainability Analysis, arXiv 2202.02626.
  public func comparisonNorms(
    _ clean: Floats, _ attacked: Floats, samples: Int, elements count: Int,
    into squaredDistances: Floats, squaredNorms: Floats
  ) {
    check(clean, samples * count, "clean layer")
    check(attacked, samples * count, "attacked layer")
    check(squaredDistances, samples, "squared distances")
    check(squaredNorms, samples, "squared norms")
    workers(forElements: clean.count).forEachPart(of: samples) { part in
      for sample in part {
        let start = sample * count
        squaredDistances[sample] = Float(
          unsafe ck_square_distance(clean.pointer + start, attacked.pointer + start, count))
        squaredNorms[sample] = Float(
          unsafe ck_dot(clean.pointer + start, clean.pointer + start, count))
      }
    }
    record(.reduction, reads: elements(clean, attacked), writes: 2 * samples)
  }

  /// Adds the gradient of `sum_s w_s CM_s` to those of the attacked and of the clean layer.
  ///
  /// With `u = w (phi' - phi) / (sqrt(d) sqrt(n))`: `dphi' += u`,
  /// `dphi -= u + w sqrt(d) / n^(3/2) phi`. Nothing is added where d or n is 0. A gradient that is
  /// nil is left alone: a detached clean branch, or one whose backward comes at another time.
  /// As with parameters, gradients that are added to are reported as written.
  ///
  /// - Precondition: sizes as in `comparisonNorms`; one weight a sample; at least one gradient.
  public func comparisonBackward(
    _ weights: Floats, clean: Floats, attacked: Floats, squaredDistances: Floats,
    squaredNorms: Floats, samples: Int, elements count: Int, into attackedGradient: Floats?,
    cleanGradient: Floats?
  ) {
    precondition(attackedGradient != nil || cleanGradient != nil, "no gradient is wanted")
    check(clean, samples * count, "clean layer")
    check(attacked, samples * count, "attacked layer")
    for sums in [weights, squaredDistances, squaredNorms] { check(sums, samples, "sample sums") }
    check(attackedGradient, samples * count, "gradient of the attacked layer")
    check(cleanGradient, samples * count, "gradient of the clean layer")
    workers(forElements: clean.count).forEachPart(of: samples) { part in
      for sample in part where squaredDistances[sample] > 0 && squaredNorms[sample] > 0 {
        let start = sample * count
        let distance = Double(squaredDistances[sample]).squareRoot()
        let norm = Double(squaredNorms[sample]).squareRoot()
        let weight = Double(weights[sample])
        unsafe ck_comparison_backward(
          attackedGradient.map { unsafe $0.pointer + start },
          cleanGradient.map { unsafe $0.pointer + start }, clean.pointer + start,
          attacked.pointer + start, Float(weight / (distance * norm)),
          Float(weight * distance / (norm * norm * norm)), count)
      }
    }
    record(
      .elementwise, reads: elements(weights, squaredDistances, squaredNorms, clean, attacked),
      writes: elements(attackedGradient, cleanGradient))
  }
}
