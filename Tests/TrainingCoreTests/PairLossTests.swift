import TestSupport
import Testing
import TrainingCore
import Workloads

@Suite("Losses of pairs: sigmoid, squared distance, cosine distance")
struct PairLossTests {
  @Test(
    "the sigmoid loss, pairs on a shifted diagonal",
    arguments: [(1, 1, 0), (4, 9, 3), (5, 5, 0), (3, 40, -1), (4, 6, 4), (3, 2, 100)])
  func sigmoid(rows: Int, columns: Int, offset: Int) {
    var generator = SeededGenerator(seed: 51)
    let logits = Floats.random(rows * columns, in: -9...9, using: &generator)
    let weights = Floats.random(rows, using: &generator)
    let loss = { ReferenceLoss.sigmoid($0, rows: rows, offset: offset) }
    let slope = slopes(at: logits.doubles) { inner(loss($0), weights.doubles) }
    for traced in TracedCore.both {
      let losses = Floats.garbage(rows)
      traced.core.sigmoidLoss(logits, diagonalOffset: offset, into: losses)
      traced.expect(.elementwise, reads: logits.count, writes: rows)
      // Relative: exponentials to 3e-7, sums of up to 40 positive terms.
      #expect(worstError(losses, loss(logits.doubles)) < 1e-6)
      let dlogits = Floats.garbage(logits.count)
      traced.core.sigmoidLossBackward(
        weights, logits: logits, diagonalOffset: offset, into: dlogits)
      traced.expect(.elementwise, reads: logits.count + rows, writes: logits.count)
      #expect(worstError(dlogits, slope) < 1e-6)
      let inPlace = Floats(logits.values)
      traced.core.sigmoidLossBackward(
        weights, logits: inPlace, diagonalOffset: offset, into: inPlace)
      #expect(inPlace.values == dlogits.values)
    }
  }

  @Test("the sigmoid loss of sure pairs keeps its digits, and of huge logits is finite")
  func sigmoidTails() {
    let losses = Floats.garbage(4)
    cores[0].sigmoidLoss(Floats([15]), diagonalOffset: 0, into: losses.part(0, 1))
    // log(1 + e^-15): one minus the sigmoid would leave no digit.
    #expect(abs(Double(losses[0]) / 3.059022269256247e-07 - 1) < 1e-6)
    cores[0].sigmoidLoss(Floats([1e6, -1e6, 300]), diagonalOffset: 1, into: losses.part(0, 3))
    #expect(losses[0] == 1e6 && losses[1] < 1e-37 && losses[2] == 300)
    let dlogits = Floats.garbage(2)
    cores[0].sigmoidLossBackward(
      Floats([1]), logits: Floats([1e6, -1e6]), diagonalOffset: 0, into: dlogits)
    #expect(abs(dlogits[0]) < 1e-30 && abs(dlogits[1]) < 1e-30)
  }

  @Test("the squared distance and its gradient", arguments: [1, 7, 40])
  func squaredDistance(width: Int) {
    var generator = SeededGenerator(seed: 52)
    let (a, b) = (
      Floats.random(3 * width, using: &generator), Floats.random(3 * width, using: &generator)
    )
    let weights = Floats([0.5, -1, 2])
    let loss = { ReferenceLoss.squaredDistance($0, b.doubles, width: width) }
    for traced in TracedCore.both {
      let losses = Floats.garbage(3)
      traced.core.squaredDistance(a, b, rows: 3, width: width, into: losses)
      traced.expect(.elementwise, reads: 6 * width, writes: 3)
      // A sum of positive terms: one relative rounding for each of a few levels.
      #expect(worstError(losses, loss(a.doubles)) < 1e-6)
      let da = Floats.garbage(3 * width)
      traced.core.squaredDistanceBackward(weights, a: a, b: b, rows: 3, width: width, into: da)
      traced.expect(.elementwise, reads: 6 * width + 3, writes: 3 * width)
      let slope = slopes(at: a.doubles) { inner(loss($0), weights.doubles) }
      #expect(worstError(da, slope) < 1e-6)
    }
  }

  @Test("the cosine distance and its gradient", arguments: [2, 7, 40])
  func cosineDistance(width: Int) {
    var generator = SeededGenerator(seed: 53)
    let (a, b) = (
      Floats.random(3 * width, using: &generator), Floats.random(3 * width, using: &generator)
    )
    let weights = Floats([0.5, -1, 2])
    let loss = { ReferenceLoss.cosineDistance($0, b.doubles, width: width) }
    for traced in TracedCore.both {
      let losses = Floats.garbage(3)
      traced.core.cosineDistance(a, b, rows: 3, width: width, into: losses)
      traced.expect(.elementwise, reads: 6 * width, writes: 3)
      // Absolute: rounding of the products of unit vectors.
      #expect(worstError(losses, loss(a.doubles)) < 1e-6)
      let da = Floats.garbage(3 * width)
      traced.core.cosineDistanceBackward(weights, a: a, b: b, rows: 3, width: width, into: da)
      traced.expect(.elementwise, reads: 6 * width + 3, writes: 3 * width)
      let slope = slopes(at: a.doubles) { inner(loss($0), weights.doubles) }
      #expect(worstError(da, slope) < 2e-6)
    }
  }

  @Test("zero vectors have distance 1 and a finite gradient")
  func zeroVectors() {
    let zero = FloatBuffer(count: 2).all
    let losses = Floats.garbage(1)
    cores[0].cosineDistance(zero, Floats([1, 0]), rows: 1, width: 2, into: losses)
    #expect(losses[0] == 1)
    let da = Floats.garbage(2)
    cores[0].cosineDistanceBackward(
      Floats([1e-8]), a: zero, b: Floats([1, 0]), rows: 1, width: 2, into: da)
    #expect(abs(da[0] + 1) < 1e-6 && da[1] == 0)
  }
}
