import Foundation
import TestSupport
import Testing
import TrainingCore
import Workloads

@Suite("Norms against references in double precision")
struct NormTests {
  /// Rows and widths around vector widths; the last is split over workers.
  static let shapes = [(1, 2), (3, 7), (4, 33), (130, 130)]

  private func affineCount(_ kind: NormKind, _ width: Int) -> Int {
    kind == .layerNorm ? 2 * width : width
  }

  @Test("forward, with and without an affine map", arguments: NormKind.allCases, shapes)
  func forward(kind: NormKind, shape: (Int, Int)) {
    let (rows, width) = shape
    var generator = SeededGenerator(seed: 41)
    // A mean far from zero: a one-pass variance would lose its digits here.
    let x = generator.buffer(rows * width, in: 9...12)
    let affine = generator.buffer(affineCount(kind, width))
    let normal = ReferenceNorm.normalise(
      x.doubles, width: width, centred: kind == .layerNorm, epsilon: 1e-5)
    let scaled = ReferenceNorm.scale(normal, affine: affine.doubles, width: width)
    for core in tracedCores() {
      let y = Floats.garbage(rows * width)
      core.norm(kind, x, affine: nil, epsilon: 1e-5, rows: rows, width: width, into: y)
      // The mean is rounded at 1e-6; two elements may lie 1e-2 apart, which magnifies it.
      #expect(worstError(y, normal) < 1e-4, "\(core.label)")
      core.expectCall(.memoryBound(.normalization), reads: x.count, writes: y.count)
      let z = Floats.garbage(rows * width)
      core.norm(kind, x, affine: affine, epsilon: 1e-5, rows: rows, width: width, into: z)
      #expect(worstError(z, scaled) < 1e-4, "\(core.label)")
      core.expectCall(
        .memoryBound(.normalization), reads: x.count + affine.count, writes: z.count)
    }
  }

  @Test(
    "the affine map is one fused multiply-add on the plain result, bit for bit", arguments: shapes)
  func fused(rows: Int, width: Int) {
    var generator = SeededGenerator(seed: 42)
    let x = generator.buffer(rows * width)
    let affine = generator.buffer(2 * width)
    for core in tracedCores() {
      let (normal, y) = (Floats.garbage(rows * width), Floats.garbage(rows * width))
      core.norm(.layerNorm, x, affine: nil, epsilon: 1e-6, rows: rows, width: width, into: normal)
      core.norm(.layerNorm, x, affine: affine, epsilon: 1e-6, rows: rows, width: width, into: y)
      let apart = normal.values.enumerated().map {
        fmaf($1, affine[$0 % width], affine[width + $0 % width])
      }
      #expect(y.values == apart, "\(core.label)")
    }
  }

  @Test("the input's gradient has the bits of one without gains for dy gain", arguments: shapes)
  func fusedBackward(rows: Int, width: Int) {
    var generator = SeededGenerator(seed: 45)
    let (x, dy) = (generator.buffer(rows * width), generator.buffer(rows * width))
    let affine = generator.buffer(2 * width)
    let scaled = Floats(dy.values.enumerated().map { $1 * affine[$0 % width] })
    for core in tracedCores() {
      let (dx, apart) = (Floats.garbage(rows * width), Floats.garbage(rows * width))
      core.normBackward(
        .layerNorm, dy, x: x, affine: affine, epsilon: 1e-6, rows: rows, width: width,
        adding: nil, into: dx, affineGradient: Floats.zeros(2 * width))
      core.normBackward(
        .layerNorm, scaled, x: x, affine: nil, epsilon: 1e-6, rows: rows, width: width,
        adding: nil, into: apart, affineGradient: nil)
      #expect(dx.values == apart.values, "\(core.label)")
    }
  }

  @Test("gradients are slopes", arguments: NormKind.allCases, [(1, 2), (3, 7), (2, 33)])
  func slopes(kind: NormKind, shape: (Int, Int)) {
    let (rows, width) = shape
    var generator = SeededGenerator(seed: 43)
    let x = generator.buffer(rows * width, in: -1...2)
    let affine = generator.buffer(affineCount(kind, width))
    let dy = generator.buffer(rows * width)
    let present = generator.buffer(rows * width)
    func forward(_ x: [Double], _ affine: [Double]?) -> [Double] {
      let normal = ReferenceNorm.normalise(
        x, width: width, centred: kind == .layerNorm, epsilon: 1e-2)
      return affine.map { ReferenceNorm.scale(normal, affine: $0, width: width) } ?? normal
    }
    let wantedX = CentralDifference.gradient(at: x.doubles, weights: dy.doubles) {
      forward($0, affine.doubles)
    }
    let wantedPlain = CentralDifference.gradient(at: x.doubles, weights: dy.doubles) {
      forward($0, nil)
    }
    let wantedAffine = CentralDifference.gradient(at: affine.doubles, weights: dy.doubles) {
      forward(x.doubles, $0)
    }
    let all = rows * width
    for core in tracedCores() {
      func run(affine: Floats?, adding: Floats?, into dx: Floats, gradient: Floats?) {
        core.normBackward(
          kind, dy, x: x, affine: affine, epsilon: 1e-2, rows: rows, width: width,
          adding: adding, into: dx, affineGradient: gradient)
      }
      let dx = Floats.garbage(all)
      let gradient = Floats([Float](repeating: 1, count: affine.count))
      run(affine: affine, adding: nil, into: dx, gradient: gradient)
      // An epsilon of 1e-2 keeps the slopes below 10, each a sum of three products.
      #expect(worstError(dx, wantedX) < 1e-5, "\(core.label)")
      #expect(worstError(gradient, wantedAffine.map { $0 + 1 }) < 1e-5, "\(core.label)")
      core.expectCall(
        .memoryBound(.normalization), reads: 2 * all + affine.count, writes: all + affine.count)

      let same = Floats(present.values)
      run(affine: affine, adding: same, into: same, gradient: nil)
      #expect(
        worstError(same, zip(wantedX, present.doubles).map(+)) < 1e-5, "\(core.label)")
      core.expectCall(
        .memoryBound(.normalization), reads: 3 * all + affine.count, writes: all)

      run(affine: nil, adding: nil, into: dx, gradient: nil)
      #expect(worstError(dx, wantedPlain) < 1e-5, "\(core.label)")
      core.expectCall(.memoryBound(.normalization), reads: 2 * all, writes: all)
    }
  }

  @Test("workers change nothing but the order of the affine sums", arguments: NormKind.allCases)
  func workers(kind: NormKind) {
    let (rows, width) = (130, 130)
    var generator = SeededGenerator(seed: 44)
    let (x, dy) = (generator.buffer(rows * width), generator.buffer(rows * width))
    let present = generator.buffer(rows * width)
    let affine = generator.buffer(affineCount(kind, width))
    let results = tracedCores().map { core in
      let (dx, gradient) = (Floats.garbage(rows * width), Floats.zeros(affine.count))
      core.normBackward(
        kind, dy, x: x, affine: affine, epsilon: 1e-6, rows: rows, width: width, adding: present,
        into: dx, affineGradient: gradient)
      return (dx, gradient)
    }
    for (dx, gradient) in results.dropFirst() {
      #expect(dx.values == results[0].0.values)
      // Sums of 130 products below 4.
      #expect(worstError(gradient, results[0].1.doubles) < 1e-5)
    }
  }
}
