private import CKernels
private import Workloads

extension ComputeCore {
  /// `y = normed g + b` with `g = (1 - lambda) gain0 + lambda gain1`, `b` likewise, by sample.
  ///
  /// `affine` is gain0, bias0, gain1, bias1 (`4 width`). Where lambda is 0 a single multiply-add with
  /// gain0 and bias0 is left: the bits of a LayerNorm that has them as its own. `y` may be `normed`.
  ///
  /// - Precondition: `samples x tokens x width` elements in and out, one lambda a sample.
  public func mixAffine(
    _ normed: Floats, affine: Floats, lambda: Floats, samples: Int, tokens: Int, width: Int,
    into y: Floats
  ) {
    let count = tokenCount(samples, tokens, width)
    check(normed, count, "normalised tokens")
    check(affine, 4 * width, "two affine sets")
    check(lambda, samples, "lambda")
    check(y, count, "conditioned tokens")
    workers(forElements: count).forEachPart(of: samples * tokens) { part in
      let start = part.lowerBound * width
      unsafe ck_mix_affine(
        y.pointer + start, normed.pointer + start, affine.pointer, lambda.pointer,
        part.lowerBound, part.count, tokens, width)
    }
    record(.elementwise, reads: elements(normed, affine, lambda), writes: count)
  }

  /// `dNormed = dy g`; gradients of both affine sets are added to, shared out by lambda.
  ///
  /// With `A_s = sum_t dy normed` and `B_s = sum_t dy`: `gain0 += sum_s (1 - lambda) A`,
  /// `bias0 += sum_s (1 - lambda) B`, `gain1 += sum_s lambda A`, `bias1 += sum_s lambda B`. Without
  /// that gradient `normed` is not read and may be nil. `dNormed` may be `dy`.
  ///
  /// - Precondition: sizes as in `mixAffine`.
  public func mixAffineBackward(
    _ dy: Floats, normed: Floats?, affine: Floats, lambda: Floats, samples: Int, tokens: Int,
    width: Int, into dNormed: Floats?, affineGradient: Floats?
  ) {
    let count = tokenCount(samples, tokens, width)
    precondition(
      affineGradient == nil || normed != nil, "the gradient of affine sets needs their input")
    check(dy, count, "gradient of conditioned tokens")
    check(normed, count, "normalised tokens")
    check(affine, 4 * width, "two affine sets")
    check(lambda, samples, "lambda")
    check(dNormed, count, "gradient of normalised tokens")
    check(affineGradient, 4 * width, "gradient of two affine sets")
    splitSums(
      rows: samples * tokens, columns: width, into: affineGradient.map { [$0] } ?? []
    ) { part, sums in
      let start = part.lowerBound * width
      unsafe ck_mix_affine_backward(
        dNormed.map { unsafe $0.pointer + start }, sums.first?.pointer, dy.pointer + start,
        normed.map { unsafe $0.pointer + start }, affine.pointer, lambda.pointer,
        part.lowerBound, part.count, tokens, width)
    }
    record(
      .elementwise,
      reads: elements(
        dy, lambda, dNormed == nil ? nil : affine, affineGradient == nil ? nil : normed),
      writes: elements(dNormed, affineGradient))
  }

  /// `y[s, t, :] = x[s, t, :] + lambda[s] shift`; `y` may be `x`.
  ///
  /// For towers without a class token: every token moves instead, by one learned vector. Where lambda
  /// is 0 the result is `x`, bit for bit.
  ///
  /// - Precondition: `samples x tokens x width` elements in and out, a shift of `width`, one lambda
  ///   a sample.
  public func shiftByLambda(
    _ x: Floats, shift: Floats, lambda: Floats, samples: Int, tokens: Int, width: Int,
    into y: Floats
  ) {
    let count = tokenCount(samples, tokens, width)
    check(x, count, "tokens")
    check(shift, width, "shift")
    check(lambda, samples, "lambda")
    check(y, count, "shifted tokens")
    workers(forElements: count).forEachPart(of: samples * tokens) { part in
      let start = part.lowerBound * width
      unsafe ck_shift_by_lambda(
        y.pointer + start, x.pointer + start, shift.pointer, lambda.pointer, part.lowerBound,
        part.count, tokens, width)
    }
    record(.elementwise, reads: elements(x, shift, lambda), writes: count)
  }

  /// `dx = dy`, and `sum_s lambda[s] sum_t dy` is added to the shift's gradient; `dx` may be `dy`.
  ///
  /// - Precondition: sizes as in `shiftByLambda`.
  public func shiftByLambdaBackward(
    _ dy: Floats, lambda: Floats, samples: Int, tokens: Int, width: Int, into dx: Floats?,
    shiftGradient: Floats?
  ) {
    let count = tokenCount(samples, tokens, width)
    check(dy, count, "gradient of shifted tokens")
    check(lambda, samples, "lambda")
    check(dx, count, "gradient of tokens")
    check(shiftGradient, width, "gradient of the shift")
    splitSums(
      rows: samples * tokens, columns: width, into: shiftGradient.map { [$0] } ?? []
    ) { part, sums in
      let start = part.lowerBound * width
      if let sum = sums.first {
        unsafe ck_shift_by_lambda_backward(
          sum.pointer, dy.pointer + start, lambda.pointer, part.lowerBound, part.count, tokens,
          width)
      }
      if let dx, unsafe dx.pointer != dy.pointer {
        unsafe (dx.pointer + start).update(from: dy.pointer + start, count: part.count * width)
      }
    }
    record(.elementwise, reads: elements(dy, lambda), writes: elements(dx, shiftGradient))
  }

  /// `y[s, t, :] = x[s, t, :] (1 + scale[s, :]) + shift[s, :]`; `y` may be `x`.
  ///
  /// - Precondition: `samples x tokens x width` elements in and out, `samples x width` of scale and
  ///   shift.
  ///
  /// Source: Perez et al., arXiv 1709.07871; one more than the scale after Wang et al.,
  /// arXiv 2010.11828.
  public func film(
    _ x: Floats, scale: Floats, shift: Floats, samples: Int, tokens: Int, width: Int,
    into y: Floats
  ) {
    let count = tokenCount(samples, tokens, width)
    check(x, count, "tokens")
    check(scale, samples * width, "scale")
    check(shift, samples * width, "shift")
    check(y, count, "modulated tokens")
    workers(forElements: count).forEachPart(of: samples) { part in
      let (first, start) = (part.lowerBound * width, part.lowerBound * tokens * width)
      unsafe ck_film(
        y.pointer + start, x.pointer + start, scale.pointer + first, shift.pointer + first,
        part.count, tokens, width)
    }
    record(.elementwise, reads: elements(x, scale, shift), writes: count)
  }

  /// `dx = dy (1 + scale)`, `dScale[s, :] = sum_t dy x`, `dShift[s, :] = sum_t dy`, all assigned.
  ///
  /// `dx` may be `dy`. Without a gradient of the scale `x` is not read and may be nil.
  ///
  /// - Precondition: sizes as in `film`.
  public func filmBackward(
    _ dy: Floats, x: Floats?, scale: Floats, samples: Int, tokens: Int, width: Int,
    into dx: Floats?, scaleGradient: Floats?, shiftGradient: Floats?
  ) {
    let count = tokenCount(samples, tokens, width)
    precondition(scaleGradient == nil || x != nil, "the gradient of a scale needs its input")
    check(dy, count, "gradient of modulated tokens")
    check(x, count, "tokens")
    check(scale, samples * width, "scale")
    check(dx, count, "gradient of tokens")
    check(scaleGradient, samples * width, "gradient of the scale")
    check(shiftGradient, samples * width, "gradient of the shift")
    workers(forElements: count).forEachPart(of: samples) { part in
      let (first, start) = (part.lowerBound * width, part.lowerBound * tokens * width)
      unsafe ck_film_backward(
        dx.map { unsafe $0.pointer + start }, scaleGradient.map { unsafe $0.pointer + first },
        shiftGradient.map { unsafe $0.pointer + first }, dy.pointer + start,
        x.map { unsafe $0.pointer + start }, scale.pointer + first, part.count, tokens, width)
    }
    record(
      .elementwise,
      reads: elements(dy, dx == nil ? nil : scale, scaleGradient == nil ? nil : x),
      writes: elements(dx, scaleGradient, shiftGradient))
  }

  private func tokenCount(_ samples: Int, _ tokens: Int, _ width: Int) -> Int {
    precondition(
      samples >= 1 && tokens >= 1 && width >= 1,
      "\(samples) samples of \(tokens) tokens of width \(width)")
    return samples * tokens * width
  }
}
