import TestSupport
import Testing
import TrainingCore
import Workloads

@Suite("The comparison measure of layers and its gradient")
struct ComparisonTests {
  @Test("sums, and the gradient with respect to both layers")
  func gradients() {
    var generator = SeededGenerator(seed: 81)
    let (samples, count) = (3, 21)
    let clean = Floats.random(samples * count, using: &generator)
    let attacked = Floats.random(samples * count, using: &generator)
    let weights = Floats([0.5, -2, 1])
    func total(_ clean: [Double], _ attacked: [Double]) -> Double {
      inner(
        ReferenceMeasure.comparison(clean: clean, attacked: attacked, samples: samples),
        weights.doubles)
    }
    let byClean = slopes(at: clean.doubles) { total($0, attacked.doubles) }
    let byAttacked = slopes(at: attacked.doubles) { total(clean.doubles, $0) }
    for traced in TracedCore.both {
      let (d, n) = (Floats.garbage(samples), Floats.garbage(samples))
      traced.core.comparisonNorms(
        clean, attacked, samples: samples, elements: count, into: d, squaredNorms: n)
      traced.expect(.reduction, reads: 2 * samples * count, writes: 2 * samples)
      let found = Floats(zip(d.values, n.values).map { ($0 / $1).squareRoot() })
      let wanted = ReferenceMeasure.comparison(
        clean: clean.doubles, attacked: attacked.doubles, samples: samples)
      #expect(worstError(found, wanted) < 1e-6)

      for (wantsAttacked, wantsClean) in [(true, true), (true, false), (false, true)] {
        let start = [Float](repeating: 1, count: samples * count)
        let (dAttacked, dClean) = (Floats(start), Floats(start))
        traced.core.comparisonBackward(
          weights, clean: clean, attacked: attacked, squaredDistances: d, squaredNorms: n,
          samples: samples, elements: count, into: wantsAttacked ? dAttacked : nil,
          cleanGradient: wantsClean ? dClean : nil)
        let written = (wantsAttacked ? 1 : 0) + (wantsClean ? 1 : 0)
        traced.expect(
          .elementwise, reads: 2 * samples * count + 3 * samples,
          writes: written * samples * count)
        let zero = [Double](repeating: 0, count: samples * count)
        // Added to 1 in fp32; the factors have one rounding each.
        #expect(
          worstError(dAttacked, (wantsAttacked ? byAttacked : zero).map { $0 + 1 }) < 1e-6)
        #expect(worstError(dClean, (wantsClean ? byClean : zero).map { $0 + 1 }) < 1e-6)
      }
    }
  }

  @Test("an equal pair has measure 0 and no gradient; neither has a layer of zeros")
  func equalPair() {
    let layer = Floats([1, -2, 3, 0, 0, 0])
    let attacked = Floats([1, -2, 3, 1, 1, 1])
    let (d, n) = (Floats.garbage(2), Floats.garbage(2))
    let core = cores[0]
    core.comparisonNorms(layer, attacked, samples: 2, elements: 3, into: d, squaredNorms: n)
    #expect(d.values == [0, 3] && n.values == [14, 0])
    let (dAttacked, dClean) = (Floats([1, 2, 3, 4, 5, 6]), Floats([6, 5, 4, 3, 2, 1]))
    core.comparisonBackward(
      Floats([1, 1]), clean: layer, attacked: attacked, squaredDistances: d, squaredNorms: n,
      samples: 2, elements: 3, into: dAttacked, cleanGradient: dClean)
    #expect(dAttacked.values == [1, 2, 3, 4, 5, 6])
    #expect(dClean.values == [6, 5, 4, 3, 2, 1])
  }

  @Test("sums over a million elements keep six digits")
  func longSums() {
    var generator = SeededGenerator(seed: 82)
    let count = 1_000_000
    let clean = Floats.random(count, in: 10...11, using: &generator)
    let attacked = Floats(clean.values.map { $0 + 0.001 * Float.random(in: 0.5...1) })
    var (distance, norm) = (0.0, 0.0)
    for (a, b) in zip(clean.values, attacked.values) {
      distance += (Double(a) - Double(b)) * (Double(a) - Double(b))
      norm += Double(a) * Double(a)
    }
    let (d, n) = (Floats.garbage(1), Floats.garbage(1))
    cores[1].comparisonNorms(
      clean, attacked, samples: 1, elements: count, into: d, squaredNorms: n)
    // Double sums, rounded once to fp32.
    #expect(abs(Double(d[0]) / distance - 1) < 1e-6)
    #expect(abs(Double(n[0]) / norm - 1) < 1e-6)
  }
}
