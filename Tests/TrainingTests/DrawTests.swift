import Testing
import Training
import Workloads

@Suite("Lambdas of a step")
struct DrawTests {
  @Test("exactly round(p0 b) samples of every micro-batch are clean, and stand last")
  func counts() {
    for batch in [5, 6, 8, 64] {
      var options = ProgramOptions(microBatch: batch, accumulation: 3)
      options.calibration = CalibrationSettings(method: .lsaITC)
      let clean = Int((Double(batch) / 6).rounded())
      for step in 0..<20 {
        let lambdas = LambdaDraws(seed: 7).lambdas(of: options, step: step)
        #expect(lambdas.count == 3 * batch)
        for start in stride(from: 0, to: lambdas.count, by: batch) {
          let own = lambdas[start..<start + batch]
          #expect(own.prefix(batch - clean).allSatisfy { $0 > 0 })
          #expect(own.suffix(clean).allSatisfy { $0 == 0 })
        }
      }
      let program = SmallRun.programPasses(batch: batch)
      #expect(program == batch - clean)
    }
  }

  @Test("values are drawn with equal odds from those above 0")
  func odds() {
    var options = ProgramOptions(microBatch: 60)
    options.calibration = CalibrationSettings(method: .oat)
    var counts: [Float: Int] = [:]
    for step in 0..<200 {
      for lambda in LambdaDraws(seed: 3).lambdas(of: options, step: step) where lambda > 0 {
        counts[lambda, default: 0] += 1
      }
    }
    #expect(Set(counts.keys) == [0.1, 0.2, 0.3, 0.4, 1])
    // 10,000 draws, 2,000 each; five standard deviations are 200.
    for count in counts.values { #expect(abs(count - 2_000) < 200) }
  }

  @Test("methods without lambda attack everything, or nothing")
  func others() {
    for method in CalibrationMethod.allCases where !method.knowsLambda {
      var options = ProgramOptions(microBatch: 6)
      options.calibration = CalibrationSettings(method: method)
      let lambdas = LambdaDraws(seed: 1).lambdas(of: options, step: 0)
      #expect(lambdas == (method.attacks ? [1, 1, 1, 1, 1, 1] : []))
    }
  }

  @Test("seed and step decide")
  func determinism() {
    var options = ProgramOptions(microBatch: 12)
    options.calibration = CalibrationSettings(method: .oat)
    let draws = LambdaDraws(seed: 1)
    #expect(draws.lambdas(of: options, step: 4) == draws.lambdas(of: options, step: 4))
    #expect(draws.lambdas(of: options, step: 4) != draws.lambdas(of: options, step: 5))
    #expect(
      draws.lambdas(of: options, step: 4) != LambdaDraws(seed: 2).lambdas(of: options, step: 4))
  }
}
