import Foundation
import Testing

@testable import Validation

@Suite("What runs say about the model")
struct ResultTests {
  @Test("the binomial test by hand")
  func binomial() {
    // 9 of 10 at 0.9 is the likeliest outcome: nothing is less extreme.
    #expect(abs(ValidationSummary.binomial(9, of: 10, share: 0.9) - 1) < 1e-12)
    // 0 of 2 at 0.9: 0.01.
    #expect(abs(ValidationSummary.binomial(0, of: 2, share: 0.9) - 0.01) < 1e-12)
    // 1 of 2: 0.18 + 0.01.
    #expect(abs(ValidationSummary.binomial(1, of: 2, share: 0.9) - 0.19) < 1e-12)
    #expect(ValidationSummary.binomial(20, of: 40, share: 0.9) < 1e-6)
  }

  @Test("times along an axis are foretold from those of smaller sizes")
  func foretells() throws {
    let sizes = [1.0, 2, 3, 4, 6, 8, 12]
    let times = sizes.map { 0.02 + 0.01 * $0 }
    let fit = ScalingFit(powers: [0, 1], sizes: sizes, measured: times, predicted: times)
    #expect(abs(try #require(fit.foretoldError)) < 1e-6)
    #expect(abs(fit.exponent - fit.analyticExponent) < 1e-12)
    // Pure powers have their exponent.
    let cubes = sizes.map { pow($0, 3) }
    #expect(abs(ScalingFit.slope(sizes, cubes) - 3) < 1e-12)
    // The largest size has no say: another time of its own changes nothing that is foretold.
    let other = ScalingFit(
      powers: [0, 1], sizes: sizes, measured: times.dropLast() + [9], predicted: times)
    #expect(other.foretold == fit.foretold)
    #expect(
      ScalingFit(powers: [0], sizes: [1, 2], measured: [1, 1], predicted: [1, 1]).foretold == nil)
  }

  @Test("undisturbed steps count; where there are none, all count, and the entry says so")
  func judges() {
    var real = RealRun(
      seconds: [1, 1.02, 2, 2, 1.01, 0.99], drift: [1, 1.05, 2, 2, 1, 1],
      others: [0, 0, 0.5, 0.5, 0, 0.3])
    var judged = real.judged
    #expect(judged.accepted == 3 && !judged.isCorrected)
    // 1, 1.02 / 1.05, 1.01.
    #expect(judged.seconds == 1)
    real.others = [Double](repeating: 0.5, count: 6)
    real.drift = [Double](repeating: 2, count: 6)
    judged = real.judged
    #expect(judged.accepted == 0 && judged.isCorrected)
    // Half of 1.01 and 1.02 lie around the middle of all six.
    #expect(abs(judged.seconds - 0.5075) < 1e-12)
  }

  @Test("a ratio is taken step beside step: a slow minute is in both")
  func pairs() {
    var real = RealRun(
      seconds: [2, 2.2, 2.2, 9], drift: [1, 1.1, 1, 3], others: [0, 0, 0, 0],
      baseline: [1, 1, 1, 1])
    #expect(abs((real.ratio?.value ?? 0) - 2) < 1e-12)
    // Where nothing was undisturbed, every pair counts.
    real.drift = [2, 2, 2, 2]
    #expect(abs((real.ratio?.value ?? 0) - 1.1) < 1e-12)
    // Pairs that agree leave nothing to measure; pairs that do not, or too few, do.
    real.drift = [1, 1, 1, 1]
    real.seconds = [2, 2.001, 1.999, 2]
    #expect(real.ratio?.isTight == true)
    real.seconds = [2, 2.2, 1.8, 2.1]
    #expect(real.ratio?.isTight == false)
    real.baseline = [1, 1]
    #expect(real.ratio?.isTight == false && real.ratio?.pairs == 2)
    real.baseline = []
    #expect(real.ratio == nil)
  }

  @Test("methods are scored by their excess over the baseline beside them")
  func excess() throws {
    func entry(
      _ id: String, predicted: Double, real: RealRun
    ) throws -> ValidationEntry {
      let text = """
        {"run": "\(id)", "seconds": \(predicted), "low": 0, "high": 9, "peakBytes": 1, "families": {}}
        """
      var run = try #require(ValidationDesign.runs.first { $0.id == "base" })
      run.id = id
      run.baseline = id == "base" ? nil : "base"
      return ValidationEntry(
        run, prediction: try JSONDecoder().decode(Prediction.self, from: Data(text.utf8)),
        predictedAt: "", hash: "", real: real)
    }
    func real(_ seconds: [Double], baseline: [Double] = []) -> RealRun {
      let calm = [Double](repeating: 0, count: seconds.count)
      return RealRun(
        seconds: seconds, drift: calm.map { $0 + 1 }, others: calm, baseline: baseline)
    }
    let summary = ValidationSummary([
      try entry("base", predicted: 1, real: real([1, 1, 1])),
      try entry("a", predicted: 2.1, real: real([2, 2, 2, 2], baseline: [1, 1, 1, 1])),
      try entry("b", predicted: 2.9, real: real([3, 6], baseline: [1, 2])),
    ])
    let errors = summary.overheads.map { $0.excessError ?? .nan }
    #expect(abs(errors[0] - 0.1) < 1e-12 && abs(errors[1] + 0.05) < 1e-12)
    #expect(abs(summary.excessMedian - 0.075) < 1e-12)
    #expect(abs(try #require(summary.excessMax) - 0.1) < 1e-12)
    // Two pairs say nothing of their spread.
    #expect(summary.overheads.map(\.halfInterval) == [0, nil])
  }
}
