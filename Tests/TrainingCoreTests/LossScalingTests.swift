import Foundation
import TestSupport
import Testing
import TrainingCore
import Workloads

@Suite("Learning rates, loss scaling, 16-bit rounding")
struct LossScalingTests {
  @Test("warm-up grows by equal steps, then half a cosine falls to the floor")
  func cosine() {
    let schedule = LearningRateSchedule(
      peak: 1, warmupSteps: 4, shape: .cosine(steps: 12, floor: 0.25))
    #expect([1, 2, 3, 4, 5].map(schedule.rate(ofStep:)) == [0.25, 0.5, 0.75, 1, 1])
    // Half of the way down: (1 + 0.25) / 2; then the floor, for ever.
    #expect(abs(schedule.rate(ofStep: 9) - 0.625) < 1e-7)
    // A quarter: 0.25 + 0.75 (1 + cos 45 degrees) / 2.
    #expect(abs(schedule.rate(ofStep: 7) - 0.890165) < 1e-6)
    #expect(schedule.rate(ofStep: 13) == 0.25)
    #expect(schedule.rate(ofStep: 1000) == 0.25)
  }

  @Test("a constant rate, with and without warm-up")
  func constant() {
    #expect(LearningRateSchedule(peak: 0.5).rate(ofStep: 1) == 0.5)
    let schedule = LearningRateSchedule(peak: 0.5, warmupSteps: 2)
    #expect([1, 2, 3, 9].map(schedule.rate(ofStep:)) == [0.25, 0.5, 0.5, 0.5])
  }

  @Test("the scale halves at a bad step and doubles after an interval of good ones")
  func scaler() throws {
    var scaler = LossScaler()
    #expect(scaler.scale == 65_536 && scaler.growthInterval == 2000)
    let good = (0..<1999).map { _ in scaler.finishStep(isFinite: true) }
    #expect(good.allSatisfy { $0 } && scaler.scale == 65_536)
    _ = scaler.finishStep(isFinite: true)
    #expect(scaler.scale == 131_072 && scaler.goodSteps == 0)
    _ = scaler.finishStep(isFinite: true)
    let isUpdated = scaler.finishStep(isFinite: false)
    #expect(!isUpdated)
    #expect(scaler.scale == 65_536 && scaler.goodSteps == 0)
    _ = scaler.finishStep(isFinite: true)
    let stored = try JSONEncoder().encode(scaler)
    #expect(try JSONDecoder().decode(LossScaler.self, from: stored) == scaler)
  }

  @Test("the scale never grows to infinity")
  func largestScale() {
    var scaler = LossScaler(scale: 3e38, growthInterval: 1)
    let isUpdated = scaler.finishStep(isFinite: true)
    #expect(isUpdated && scaler.scale == 3e38)
  }

  @Test("gradients are divided by the scale, and the first that is not finite is found")
  func unscale() {
    for traced in TracedCore.both {
      let gradient = Floats([Float](repeating: 8, count: 40_000))
      #expect(traced.core.unscale(gradient, by: 4))
      traced.expect(.optimizer, reads: 40_000, writes: 40_000)
      #expect(gradient.values.allSatisfy { $0 == 2 })
      for bad in [Float.infinity, -.infinity, .nan] {
        for place in [0, 17, 39_999] {
          let broken = Floats(gradient.values)
          broken[place] = bad
          #expect(!traced.core.unscale(broken, by: 4), "\(bad) at \(place)")
        }
      }
    }
  }

  @Test("fp16: ties to even, subnormal numbers, overflow to infinity")
  func float16() {
    let step: Float = 1.0 / 1024
    let tiny: Float = 0x1p-24
    let pairs: [(Float, Float)] = [
      (1 + step / 2, 1), (1 + 1.5 * step, 1 + 2 * step), (1 + 0.6 * step, 1 + step),
      (65_504, 65_504), (65_519.99, 65_504), (65_520, .infinity), (-1e9, -.infinity),
      (tiny, tiny), (tiny / 2, 0), (0.51 * tiny, tiny), (1.5 * tiny, 2 * tiny),
      (0x1.ffep-15, 0x1p-14), (.infinity, .infinity), (-0.0, -0.0), (1e-30, 0),
    ]
    let values = Floats(pairs.map(\.0))
    cores[0].roundToFloat16(values)
    #expect(values.values.map(\.bitPattern) == pairs.map(\.1.bitPattern))
    let broken = Floats([.nan])
    cores[0].roundToFloat16(broken)
    #expect(broken[0].isNaN)
  }

  @Test("fp16 and bfloat16 agree with the numbers' definition on random bits")
  func randomBits() {
    var generator = SeededGenerator(seed: 111)
    let bits = (0..<50_000).map { _ in
      Float(bitPattern: UInt32.random(in: 0...(.max), using: &generator))
    }
    // Numbers around those that fp16 can hold.
    let near = bits.map { number in
      Float(
        sign: number.sign, exponent: Int.random(in: -27...17, using: &generator),
        significand: Float.random(in: 1..<2, using: &generator))
    }
    for traced in TracedCore.both {
      for source in [bits, near] {
        let half = Floats(source)
        traced.core.roundToFloat16(half)
        traced.expect(.elementwise, reads: 50_000, writes: 50_000)
        let brain = Floats(source)
        traced.core.roundToBFloat16(brain)
        traced.expect(.elementwise, reads: 50_000, writes: 50_000)
        let wrong = source.indices.filter { index in
          let x = source[index]
          if x.isNaN { return !half[index].isNaN || !brain[index].isNaN }
          return half[index] != Float(rounded(x, digits: 11, least: -24, largest: 65_504))
            || brain[index] != Float(rounded(x, digits: 8, least: -133, largest: 0x1.fep127))
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3).map { source[$0] })")
      }
    }
  }

  /// The nearest number of so many binary digits, a multiple of `2^least`, ties to even.
  private func rounded(_ x: Float, digits: Int, least: Int, largest: Double) -> Double {
    guard x.isFinite, x != 0 else { return Double(x) }
    let exponent = max(Int(x.exponent) - digits + 1, least)
    let unit = Double(sign: .plus, exponent: exponent, significand: 1)
    let nearest = (Double(x) / unit).rounded(.toNearestOrEven) * unit
    return abs(nearest) > largest ? (nearest < 0 ? -.infinity : .infinity) : nearest
  }
}
