import TestSupport
import Testing
import TrainingCore
import Workloads

@Suite("Conditioning on lambda: mixed affine sets and FiLM")
struct ConditioningTests {
  private let samples = 4
  private let tokens = 3
  private let lambda = Floats([0, 0.3, 1, 0.4])
  /// Products and short sums of numbers of size 2, in fp32.
  private let rounding = 3e-6

  @Test("two affine sets mixed by lambda, and their gradients", arguments: [1, 6, 19])
  func mixAffine(width: Int) {
    var generator = SeededGenerator(seed: 71)
    let count = samples * tokens * width
    let normed = Floats.random(count, using: &generator)
    let affine = Floats.random(4 * width, using: &generator)
    let dy = Floats.random(count, using: &generator)
    func forward(_ x: [Double], _ affine: [Double]) -> [Double] {
      ReferenceConditioning.mixed(
        x, affine: affine, lambda: lambda.doubles, tokens: tokens, width: width)
    }
    let input = slopes(at: normed.doubles) { inner(forward($0, affine.doubles), dy.doubles) }
    let slope = slopes(at: affine.doubles) { inner(forward(normed.doubles, $0), dy.doubles) }
    for traced in TracedCore.both {
      let y = Floats.garbage(count)
      traced.core.mixAffine(
        normed, affine: affine, lambda: lambda, samples: samples, tokens: tokens, width: width,
        into: y)
      traced.expect(.elementwise, reads: count + 4 * width + samples, writes: count)
      #expect(worstError(y, forward(normed.doubles, affine.doubles)) < rounding)
      let (dNormed, dAffine) = (
        Floats(dy.values), Floats([Float](repeating: 1, count: 4 * width))
      )
      traced.core.mixAffineBackward(
        dNormed, normed: normed, affine: affine, lambda: lambda, samples: samples, tokens: tokens,
        width: width, into: dNormed, affineGradient: dAffine)
      traced.expect(
        .elementwise, reads: 2 * count + 4 * width + samples, writes: count + 4 * width)
      #expect(worstError(dNormed, input) < rounding)
      #expect(worstError(dAffine, slope.map { $0 + 1 }) < rounding)
      traced.core.mixAffineBackward(
        dy, normed: nil, affine: affine, lambda: lambda, samples: samples, tokens: tokens,
        width: width, into: dNormed, affineGradient: nil)
      traced.expect(.elementwise, reads: count + 4 * width + samples, writes: count)
      #expect(worstError(dNormed, input) < rounding)
    }
  }

  @Test("with lambda 0 it is the norm's own affine map, bit for bit", arguments: [1, 2])
  func untransformed(workers: Int) {
    var generator = SeededGenerator(seed: 72)
    let width = 300
    let rows = 2 * 60
    let x = Floats.random(rows * width, using: &generator)
    let affine = Floats.random(4 * width, using: &generator)
    let core = ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: workers))
    let (plain, mixed) = (Floats.garbage(rows * width), Floats.garbage(rows * width))
    core.norm(
      .layerNorm, x, affine: affine.part(0, 2 * width), epsilon: 1e-6, rows: rows, width: width,
      into: plain)
    core.norm(
      .layerNorm, x, affine: nil, epsilon: 1e-6, rows: rows, width: width, into: mixed)
    core.mixAffine(
      mixed, affine: affine, lambda: Floats([0, 0]), samples: 2, tokens: 60, width: width,
      into: mixed)
    #expect(mixed.values == plain.values)

    let gradient = FloatBuffer(count: 4 * width).all
    core.mixAffineBackward(
      x, normed: mixed, affine: affine, lambda: Floats([0, 0]), samples: 2, tokens: 60,
      width: width, into: nil, affineGradient: gradient)
    #expect(gradient.part(2 * width, 2 * width).values.allSatisfy { $0 == 0 })
  }

  @Test("one vector by lambda on every token, and its gradient", arguments: [1, 6, 19])
  func shiftByLambda(width: Int) {
    var generator = SeededGenerator(seed: 74)
    let count = samples * tokens * width
    let x = Floats.random(count, using: &generator)
    let shift = Floats.random(width, using: &generator)
    let dy = Floats.random(count, using: &generator)
    func forward(_ shift: [Double]) -> [Double] {
      ReferenceConditioning.shifted(
        x.doubles, shift: shift, lambda: lambda.doubles, tokens: tokens, width: width)
    }
    let slope = slopes(at: shift.doubles) { inner(forward($0), dy.doubles) }
    for traced in TracedCore.both {
      let y = Floats.garbage(count)
      traced.core.shiftByLambda(
        x, shift: shift, lambda: lambda, samples: samples, tokens: tokens, width: width, into: y)
      traced.expect(.elementwise, reads: count + width + samples, writes: count)
      #expect(worstError(y, forward(shift.doubles)) < rounding)
      // The first sample's lambda is 0.
      #expect(y.part(0, tokens * width).values == x.part(0, tokens * width).values)
      let (dx, dShift) = (Floats.garbage(count), Floats([Float](repeating: 1, count: width)))
      traced.core.shiftByLambdaBackward(
        dy, lambda: lambda, samples: samples, tokens: tokens, width: width, into: dx,
        shiftGradient: dShift)
      traced.expect(.elementwise, reads: count + samples, writes: count + width)
      #expect(dx.values == dy.values)
      #expect(worstError(dShift, slope.map { $0 + 1 }) < rounding)
      traced.core.shiftByLambdaBackward(
        dy, lambda: lambda, samples: samples, tokens: tokens, width: width, into: nil,
        shiftGradient: dShift)
      traced.expect(.elementwise, reads: count + samples, writes: width)
    }
  }

  @Test("FiLM and its gradients", arguments: [1, 6, 19])
  func film(width: Int) {
    var generator = SeededGenerator(seed: 73)
    let count = samples * tokens * width
    let x = Floats.random(count, using: &generator)
    let scale = Floats.random(samples * width, using: &generator)
    let shift = Floats.random(samples * width, using: &generator)
    let dy = Floats.random(count, using: &generator)
    func forward(x a: [Double]? = nil, scale b: [Double]? = nil, shift c: [Double]? = nil)
      -> [Double]
    {
      ReferenceConditioning.film(
        a ?? x.doubles, scale: b ?? scale.doubles, shift: c ?? shift.doubles, tokens: tokens,
        width: width)
    }
    let factors = samples * width
    for traced in TracedCore.both {
      let y = Floats.garbage(count)
      traced.core.film(
        x, scale: scale, shift: shift, samples: samples, tokens: tokens, width: width, into: y)
      traced.expect(.elementwise, reads: count + 2 * factors, writes: count)
      #expect(worstError(y, forward()) < rounding)
      let (dx, dscale, dshift) = (
        Floats(dy.values), Floats.garbage(factors), Floats.garbage(factors)
      )
      traced.core.filmBackward(
        dx, x: x, scale: scale, samples: samples, tokens: tokens, width: width, into: dx,
        scaleGradient: dscale, shiftGradient: dshift)
      traced.expect(.elementwise, reads: 2 * count + factors, writes: count + 2 * factors)
      #expect(
        worstError(dx, slopes(at: x.doubles) { inner(forward(x: $0), dy.doubles) }) < rounding)
      #expect(
        worstError(dscale, slopes(at: scale.doubles) { inner(forward(scale: $0), dy.doubles) })
          < rounding)
      #expect(
        worstError(dshift, slopes(at: shift.doubles) { inner(forward(shift: $0), dy.doubles) })
          < rounding)
      traced.core.filmBackward(
        dy, x: nil, scale: scale, samples: samples, tokens: tokens, width: width, into: dx,
        scaleGradient: nil, shiftGradient: nil)
      traced.expect(.elementwise, reads: count + factors, writes: count)
    }
  }
}
