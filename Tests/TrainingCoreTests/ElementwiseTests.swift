import Foundation
import Testing
import TrainingCore

/// Counts around vector widths, and one that is split over workers.
private let counts = [1, 7, 16, 33, 1000, 40_001]

@Suite("Element-wise kernels against references in double precision")
struct ElementwiseTests {
  @Test("copy and add are exact", arguments: counts)
  func copyAndAdd(count: Int) {
    var generator = SeededGenerator(seed: 1)
    let left = Floats(generator.floats(count))
    let right = Floats(generator.floats(count))
    for core in cores {
      let out = FloatBuffer(count: count).all
      core.copy(left, into: out)
      #expect(out.values == left.values)
      core.add(left, right, into: out)
      #expect(out.values == zip(left.values, right.values).map(+))
      core.copy(left, into: out)
      core.add(out, right, into: out)
      #expect(out.values == zip(left.values, right.values).map(+), "in place")
    }
  }

  // The distribution's formula is exact to 7.5e-8, fp32 rounding of a few operations adds 3e-7.
  @Test("GELU and its derivative", arguments: counts)
  func gelu(count: Int) {
    var generator = SeededGenerator(seed: 2)
    let input = Floats(generator.floats(count, in: -6...6))
    let gradient = Floats(generator.floats(count))
    let wanted = input.values.map { exactGelu(Double($0)) }
    let slopes = zip(input.values, gradient.values).map { pair in
      let x = Double(pair.0)
      let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      return Double(pair.1) * (0.5 * erfc(-x / 2.0.squareRoot()) + x * density)
    }
    for core in cores {
      let out = FloatBuffer(count: count).all
      core.gelu(input, into: out)
      #expect(worstError(out, wanted) < 1e-6)
      core.geluBackward(gradient, input: input, into: out)
      #expect(worstError(out, slopes) < 2e-6)
    }
  }

  @Test("GELU keeps the digits of its negative tail, and does not overflow")
  func geluTails() {
    let input = Floats([-5, -4.5, -3, -100, 100, 0, -.infinity, 3e38])
    let out = FloatBuffer(count: input.count).all
    cores[0].gelu(input, into: out)
    for index in 0..<3 {
      let wanted = exactGelu(Double(input[index]))
      // One minus the distribution would leave no digit of 3e-7; the tail itself keeps two.
      #expect(abs(Double(out[index]) - wanted) < 0.02 * abs(wanted))
    }
    #expect(abs(out[3]) < 1e-30)
    #expect(out[4] == 100)
    #expect(out[5] == 0)
    #expect(out[7] == 3e38)
  }

  @Test("AdamW follows algorithm 2 of its paper for three steps", arguments: counts)
  func adamW(count: Int) {
    var generator = SeededGenerator(seed: 3)
    let start = generator.floats(count)
    let gradients = (0..<3).map { _ in generator.floats(count) }
    var p = start.map(Double.init)
    var m = [Double](repeating: 0, count: count)
    var v = m
    for (index, gradient) in gradients.enumerated() {
      let t = Double(index + 1)
      for i in 0..<count {
        let g = Double(gradient[i])
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.98 * v[i] + 0.02 * g * g
        let corrected = (m[i] / (1 - pow(0.9, t)), v[i] / (1 - pow(0.98, t)))
        p[i] -= 0.01 * (corrected.0 / (corrected.1.squareRoot() + 1e-6) + 0.2 * p[i])
      }
    }
    for core in cores {
      let parameters = Floats(start)
      let moments = (FloatBuffer(count: count).all, FloatBuffer(count: count).all)
      for (index, gradient) in gradients.enumerated() {
        core.adamW(
          parameters, moment1: moments.0, moment2: moments.1, gradient: Floats(gradient),
          step: AdamWStep(number: index + 1, learningRate: 0.01))
      }
      // fp32 rounding of the beta constants and of three steps.
      #expect(worstError(parameters, p) < 2e-6)
      #expect(worstError(moments.0, m) < 2e-6)
      #expect(worstError(moments.1, v) < 2e-6)
    }
  }

  private func exactGelu(_ x: Double) -> Double { x * 0.5 * erfc(-x / 2.0.squareRoot()) }
}
