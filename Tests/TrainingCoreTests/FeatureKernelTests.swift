import Foundation
import TestSupport
import Testing
import TrainingCore
import Workloads

@Suite("Kernels between features and logits")
struct FeatureKernelTests {
  @Test("unit vectors and their gradient", arguments: [1, 3, 16, 33, 100])
  func normaliseRows(width: Int) {
    var generator = SeededGenerator(seed: 31)
    let rows = 3
    let x = Floats.random(rows * width, using: &generator)
    let dy = Floats.random(rows * width, using: &generator)
    let slope = slopes(at: x.doubles) {
      inner(ReferenceLoss.normalised($0, width: width), dy.doubles)
    }
    for traced in TracedCore.both {
      let y = Floats.garbage(x.count)
      traced.core.normaliseRows(x, rows: rows, width: width, into: y)
      traced.expect(.elementwise, reads: x.count, writes: x.count)
      // Rounding of one root, one division, and a sum of squares that cannot cancel.
      #expect(worstError(y, ReferenceLoss.normalised(x.doubles, width: width)) < 1e-6)
      let dx = Floats(dy.values)
      traced.core.normaliseRowsBackward(dx, x: x, rows: rows, width: width, into: dx)
      traced.expect(.elementwise, reads: 2 * x.count, writes: x.count)
      // The component along x cancels: 1e-7 of |dy| / |x|, which is at most 100 for one column.
      #expect(worstError(dx, slope) < 2e-5)
    }
  }

  @Test("a zero vector stays zero, and its gradient is finite")
  func zeroVector() {
    let y = Floats.garbage(4)
    cores[0].normaliseRows(FloatBuffer(count: 4).all, rows: 1, width: 4, into: y)
    #expect(y.values == [0, 0, 0, 0])
    cores[0].normaliseRowsBackward(
      Floats([1e-12, 0, 0, 0]), x: FloatBuffer(count: 4).all, rows: 1, width: 4, into: y)
    #expect(abs(y[0] - 1) < 1e-6 && y[1] == 0)
  }

  @Test("the logit scale, with and without a bias", arguments: [false, true])
  func scaleByExp(hasBias: Bool) {
    var generator = SeededGenerator(seed: 32)
    let x = Floats.random(40, in: -1...1, using: &generator)
    let dy = Floats.random(40, in: -1...1, using: &generator)
    let scale: Float = 2.3
    let bias: Float = -10
    let shift = hasBias ? Double(bias) : 0
    for traced in TracedCore.both {
      let y = Floats.garbage(40)
      traced.core.scaleByExp(
        x, logScale: Floats([scale]), bias: hasBias ? Floats([bias]) : nil, into: y)
      traced.expect(.elementwise, reads: hasBias ? 42 : 41, writes: 40)
      let wanted = ReferenceLoss.scaled(x.doubles, logScale: Double(scale), bias: shift)
      #expect(worstError(y, wanted) < 1e-6)
      let (dx, ds, db) = (Floats(dy.values), Floats([5]), Floats([7]))
      traced.core.scaleByExpBackward(
        dx, x: x, logScale: Floats([scale]), into: dx, logScaleGradient: ds,
        biasGradient: hasBias ? db : nil)
      traced.expect(.elementwise, reads: 81, writes: hasBias ? 42 : 41)
      let input = slopes(at: x.doubles) {
        inner(ReferenceLoss.scaled($0, logScale: Double(scale), bias: shift), dy.doubles)
      }
      let slope = slopes(at: [Double(scale), shift]) {
        inner(ReferenceLoss.scaled(x.doubles, logScale: $0[0], bias: $0[1]), dy.doubles)
      }
      // Sums are in double precision: one rounding of the result.
      #expect(worstError(dx, input) < 1e-6)
      #expect(worstError(ds, [5 + slope[0]]) < 1e-6)
      #expect(worstError(db, [7 + (hasBias ? slope[1] : 0)]) < 1e-6)
      traced.core.scaleByExpBackward(
        dy, x: nil, logScale: Floats([scale]), into: dx, logScaleGradient: nil)
      traced.expect(.elementwise, reads: 41, writes: 40)
      #expect(worstError(dx, input) < 1e-6)
    }
  }

  @Test("the best of several vectors", arguments: [(1, 5), (4, 1), (3, 40), (32, 300)])
  func bestVector(vectors: Int, columns: Int) {
    var generator = SeededGenerator(seed: 33)
    let x = Floats.random(2 * vectors * columns, using: &generator)
    let dy = Floats.random(2 * columns, using: &generator)
    let wanted = ReferenceLoss.best(x.doubles, vectors: vectors, columns: columns)
    for traced in TracedCore.both {
      let y = Floats.garbage(2 * columns)
      traced.core.bestVector(x, vectors: vectors, columns: columns, into: y)
      traced.expect(.elementwise, reads: x.count, writes: y.count)
      #expect(y.doubles == wanted)
      let dx = Floats.garbage(x.count)
      traced.core.bestVectorBackward(dy, x: x, vectors: vectors, columns: columns, into: dx)
      traced.expect(.elementwise, reads: x.count + dy.count, writes: x.count)
      // Random vectors have no ties, so the gradient is where the value is the maximum.
      let target = (0..<x.count).map { index in
        let place = index / (vectors * columns) * columns + index % columns
        return Double(x[index]) == wanted[place] ? Double(dy[place]) : 0
      }
      #expect(dx.doubles == target)
      if x.count < 100 {
        let slope = slopes(at: x.doubles) {
          inner(ReferenceLoss.best($0, vectors: vectors, columns: columns), dy.doubles)
        }
        #expect(worstError(dx, slope) < 1e-6)
      }
    }
  }

  @Test("of equal vectors the first receives the gradient")
  func ties() {
    let dx = Floats.garbage(6)
    cores[0].bestVectorBackward(
      Floats([5, 7]), x: Floats([1, 2, 3, 2, 3, 2]), vectors: 3, columns: 2, into: dx)
    #expect(dx.values == [0, 7, 5, 0, 0, 0])
  }
}
