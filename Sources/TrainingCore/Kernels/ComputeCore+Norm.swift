private import CKernels
public import Workloads

extension ComputeCore {
  /// LayerNorm or RMSNorm over each row; formula in `ck_norm`.
  ///
  /// `affine` holds the gains, then the biases (LayerNorm: `2 width`; RMSNorm: `width` gains); nil
  /// leaves the normalised row as it is. The affine map is one fused multiply-add per element, so it
  /// gives the same bits as `fma(n, gain, bias)` on the result without it. Nothing is kept.
  ///
  /// - Precondition: `rows x width` elements in and out, no overlap.
  public func norm(
    _ kind: NormKind, _ x: Floats, affine: Floats?, epsilon: Float, rows: Int, width: Int,
    into y: Floats
  ) {
    checkRows(rows, width, [x, y])
    let affineParts = affineParts(kind, affine, width)
    workers(forElements: y.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * width
      unsafe ck_norm(
        y.pointer + start, x.pointer + start, affineParts.gain?.pointer,
        affineParts.bias?.pointer, kind == .layerNorm, epsilon, part.count, width)
    }
    record(.normalization, reads: x.count + (affine?.count ?? 0), writes: y.count)
  }

  /// The gradients of `norm`; formula in `ck_norm_backward`.
  ///
  /// Statistics are computed again from `x`. `dx` also receives `present`, a gradient that reached
  /// `x` on another way, and may be the same memory, or that of `dy`. `affineGradient`, laid out as
  /// `affine`, is added to; nil: only the input's gradient is formed.
  ///
  /// - Precondition: sizes as in `norm`; `affineGradient` only with `affine`.
  public func normBackward(
    _ kind: NormKind, _ dy: Floats, x: Floats, affine: Floats?, epsilon: Float, rows: Int,
    width: Int, adding present: Floats?, into dx: Floats, affineGradient: Floats?
  ) {
    checkRows(rows, width, [dy, x, dx] + (present.map { [$0] } ?? []))
    precondition(
      affineGradient == nil || affine != nil, "a gradient of gains that were not handed over")
    let affineParts = affineParts(kind, affine, width)
    let gradients = self.affineParts(kind, affineGradient, width)
    let sums = [gradients.gain, gradients.bias].compactMap(\.self)
    splitSums(rows: rows, columns: width, into: sums) { part, sums in
      let start = part.lowerBound * width
      unsafe ck_norm_backward(
        dx.pointer + start, sums.first?.pointer, sums.count > 1 ? sums[1].pointer : nil,
        dy.pointer + start, x.pointer + start, affineParts.gain?.pointer,
        present.map { unsafe $0.pointer + start }, kind == .layerNorm, epsilon, part.count,
        width)
    }
    record(
      .normalization,
      reads: dy.count + x.count + (affine?.count ?? 0) + (present?.count ?? 0),
      writes: dx.count + (affineGradient?.count ?? 0))
  }

  private func affineParts(
    _ kind: NormKind, _ affine: Floats?, _ width: Int
  ) -> (gain: Floats?, bias: Floats?) {
    guard let affine else { return (nil, nil) }
    let sets = kind == .layerNorm ? 2 : 1
    precondition(
      affine.count == sets * width, "\(affine.count) affine parameters of \(kind), \(width) wide")
    return (affine.part(0, width), sets == 2 ? affine.part(width, width) : nil)
  }
}
