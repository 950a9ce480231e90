import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// A calibration method against its baselines.
struct OverheadTests {
  private func overheads(
    _ method: CalibrationMethod, adjust: (inout CalibrationSettings) -> Void = { _ in }
  ) -> [String: Overhead] {
    var settings = CalibrationSettings(method: method)
    adjust(&settings)
    let strategy = SampleSetups.strategy(microBatch: 600, ranks: 144, zero: 1, recomputation: .full)
    let workload = SampleSetups.workload(
      SampleModels.evaE14Plus, globalBatch: strategy.globalBatch, patchDropout: 0.5,
      optimizer: .lamb, calibration: settings)
    let cluster = Cluster(
      profile: SampleHardware.a100(memoryGiB: 79.15), accelerators: 144)
    let estimate = Estimator(scenario: "test", workload: workload, cluster: cluster)
      .estimate(strategy)
    return Dictionary(
      estimate.overheads.map { ($0.baseline, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// FLOP ratios say 2.92 over plain, 0.88 over fixed lambda at rho = 1 (r = 1, 129 tokens); wall
  /// time adds kernels that are no FLOP, so a few percent remain.
  @Test func lsaITCFollowsItsArithmetic() {
    let found = overheads(.lsaITC)
    #expect(abs((found["plain"]?.time.typical ?? 0) - 2.92) < 0.15)
    #expect(abs((found["fixed-lambda"]?.time.typical ?? 0) - 0.88) < 0.03)
    // Conditioning and layer analysis are nearly free.
    #expect(abs((found["fixed-lambda-matched"]?.time.typical ?? 0) - 1) < 0.02)
    #expect((found["one-run-per-lambda"]?.time.typical ?? 1) < 0.25)
    #expect((found["two-end-points"]?.time.typical ?? 1) < 1)
    #expect((found["plain"]?.memory.typical ?? 0) > 1.2)
  }

  @Test func whatIsUnknownInBothCancels() {
    let plain = overheads(.lsaITC)["plain"]
    let width = (plain?.time.high ?? 9) - (plain?.time.low ?? 0)
    // The step itself is known to 0.85 .. 1.3: a ratio of independent steps would be wider.
    #expect(width > 0 && width < 0.3 * (plain?.time.typical ?? 0))
  }

  @Test func noAttackStepsCostNothing() {
    let plain = overheads(.lsaITC, adjust: { $0.attackSteps = 0 })["plain"]
    #expect(plain?.time.typical == 1)
    #expect(plain?.memory.typical == 1)
  }

  @Test func aSharedPhaseMixesLinearly() {
    let whole = overheads(.lsaITC)["plain"]?.time.typical ?? 0
    let tenth = overheads(.lsaITC, adjust: { $0.phaseShare = 0.1 })["plain"]?.time.typical ?? 0
    #expect(abs(tenth - (1 + 0.1 * (whole - 1))) < 1e-9)
  }

  @Test func laterSitesAreCheaper() {
    let pixels = overheads(.lsaITC)["plain"]?.time.typical ?? 0
    let block = overheads(.lsaITC, adjust: { $0.attackSite = .block(48) })["plain"]?.time.typical
    let output = overheads(.lsaITC, adjust: { $0.attackSite = .encoderOutput })["plain"]?.time
      .typical
    #expect((block ?? 9) < pixels)
    #expect((output ?? 9) < (block ?? 0))
    #expect((output ?? 0) >= 1)
  }

  @Test func plainTrainingHasNone() {
    #expect(overheads(.none).isEmpty)
  }
}
