import Testing
import Training
import Workloads

@Suite("Clean-against-robust studies")
struct TradeOffTests {
  private let lambdas: [Float] = [0, 0.1, 0.2, 0.3, 0.4, 1]

  @Test("a model that is told lambda has a point for each, others have one")
  func points() {
    let conditioned = TradeOffRun(method: CalibrationSettings(method: .oat), lambdas: lambdas)
    #expect(conditioned.name == "oat")
    #expect(conditioned.trained == [0.1, 0.2, 0.3, 0.4, 1])
    #expect(conditioned.told == lambdas)
    #expect(TradeOffRun(method: .none, lambdas: lambdas).told == [0])
    #expect(
      TradeOffRun(method: CalibrationSettings(method: .atLR), lambdas: lambdas).told == [1])
  }

  @Test("without attack steps a method is plain training: one point, nothing told")
  func withoutSteps() {
    var settings = CalibrationSettings(method: .lsaITC)
    settings.attackSteps = 0
    let run = TradeOffRun(method: settings, lambdas: lambdas)
    #expect(run.told == [0] && run.calibration.conditioning == .none)
  }

  @Test("a fixed lambda: everyone is attacked, nobody is told")
  func fixed() {
    var settings = CalibrationSettings(method: .lsaITC)
    settings.attackSteps = 3
    settings.attackSite = .block(1)
    settings.phaseShare = 0.5
    let run = TradeOffRun(fixed: 0.4, like: settings)
    #expect(run.name == "lambda 0.4")
    #expect(run.trained == [0.4] && run.told == [0.4])
    #expect(run.calibration.method == .oat)
    #expect(run.calibration.conditioning == .none)
    #expect(run.calibration.cleanShare == 0)
    #expect(run.calibration.attackSteps == 3 && run.calibration.phaseShare == 0.5)
    #expect(run.calibration.attackSite == .block(1))
    let options = ProgramOptions(microBatch: 6, calibration: run.calibration)
    let draws = LambdaDraws(seed: 1, values: run.trained).lambdas(of: options, step: 4)
    #expect(draws == [Float](repeating: 0.4, count: 6))
  }

  @Test("means and extremes over seeds, in the order of runs and lambda")
  func summary() {
    func curve(_ name: String, _ seed: UInt64, _ shares: [(Float, Double, Double)]) -> TradeOffCurve
    {
      TradeOffCurve(
        name: name, seed: seed,
        points: shares.map {
          SweepPoint(lambda: $0.0, clean: $0.1, attacked: $0.2, images: 64)
        })
    }
    let summaries = TradeOffSummary.of([
      curve("oat", 1, [(0, 0.5, 0.125), (1, 0.25, 0.25)]), curve("none", 1, [(0, 0.75, 0)]),
      curve("oat", 2, [(0, 0.25, 0.375), (1, 0.25, 0.5)]),
    ])
    #expect(summaries.map(\.name) == ["oat", "oat", "none"])
    #expect(summaries.map(\.lambda) == [0, 1, 0])
    #expect(summaries.map(\.seeds) == [2, 2, 1])
    #expect(summaries[0].clean.mean == 0.375)
    #expect(summaries[0].clean.low == 0.25 && summaries[0].clean.high == 0.5)
    #expect(summaries[1].attacked.mean == 0.375)
    #expect(summaries[2].clean.mean == 0.75 && summaries[2].attacked.high == 0)
  }
}
