import Quantities
import Strategies
import Workloads

/// A calibration method against the baselines that were decided beforehand: same accelerators, same
/// strategy, same global batch, same samples.
///
/// Equal samples, not equal quality.
struct Overheads {
  let pricer: StepPricer
  let strategy: Strategy
  let calibration: CalibrationSettings
  let uncertainty: Uncertainty

  /// Values of lambda for which one would otherwise train once each.
  static let lambdas = 6

  /// Relative range of the seconds of attack passes until a published attack on GPUs is matched.
  static let unvalidated = 0.1

  /// One baseline: runs whose times add up, one after the other on the same accelerators.
  struct Baseline {
    var name: String
    var meaning: String
    var runs: [(settings: CalibrationSettings, count: Double)]
  }

  /// All overheads; empty for plain training.
  func all() -> [Overhead] {
    guard calibration.method != .none else { return [] }
    let method = pricer.priced(strategy, calibration: calibration)
    let plain = pricer.priced(strategy, calibration: .none)
    let share = calibration.phaseShare
    let times = share * method.times + (1 - share) * plain.times
    return baselines.map { baseline in
      var total = TermTimes.zero
      var attacks = 0.0
      var peak = Bytes.zero
      for run in baseline.runs {
        let priced = pricer.priced(strategy, calibration: run.settings)
        total += run.count * priced.times
        attacks += run.count * priced.attackSeconds
        peak = max(peak, priced.memory.peak)
      }
      let time = uncertainty.ratio(
        of: times, over: total, attacks: (of: share * method.attackSeconds, over: attacks),
        unvalidated: Self.unvalidated)
      return Overhead(
        baseline: baseline.name, meaning: baseline.meaning, time: time,
        memory: memory(method.memory, over: peak), acceleratorHours: time)
    }
  }

  /// The method at its own strategy over plain training at another, each the best for itself.
  func overPlain(at other: Strategy) -> Overhead {
    let method = pricer.priced(strategy, calibration: calibration)
    let same = pricer.priced(strategy, calibration: .none)
    let plain = pricer.priced(other, calibration: .none)
    let share = calibration.phaseShare
    let time = uncertainty.ratio(
      of: share * method.times + (1 - share) * same.times, over: plain.times,
      attacks: (of: share * method.attackSeconds, over: plain.attackSeconds),
      unvalidated: Self.unvalidated)
    return Overhead(
      baseline: "plain-replanned",
      meaning: "plain training with the plan that is best for plain training", time: time,
      memory: memory(method.memory, over: plain.memory.peak), acceleratorHours: time)
  }

  /// Both peaks rest on the same states; what differs is dynamic and as uncertain as the method's.
  private func memory(_ method: MemoryEstimate, over baseline: Bytes) -> Range90 {
    let nominal = method.peak / baseline
    let low = method.peakInterval.low / method.peak
    let high = method.peakInterval.high / method.peak
    // Common deviations cancel; a share of the difference stays.
    let excess = (nominal - 1).magnitude
    return Range90(
      low: nominal - excess * (1 - low), typical: nominal, high: nominal + excess * (high - 1))
  }

  /// Plain adversarial training with a fixed lambda: two terms, no conditioning, no layers.
  private func fixedLambda(cleanShare: Double, clean: CleanBranch) -> CalibrationSettings {
    var settings = calibration
    settings.method = .oat
    settings.conditioning = .none
    settings.cleanShare = cleanShare
    settings.cleanBranch = clean
    settings.vulnerableLayers = 0
    settings.phaseShare = 1
    settings.attackSteps = max(1, calibration.attackSteps)
    return settings
  }

  var baselines: [Baseline] {
    let plain = Baseline(
      name: "plain", meaning: "plain training of the same samples", runs: [(.none, 1)])
    guard calibration.attackSteps > 0 else { return [plain] }
    switch calibration.method {
    case .none, .lossReweight, .layerProbe, .teacher: return [plain]
    case .atLR, .oat, .lsaITC, .lsaITCSequential, .anchored: break
    }
    let fixed = fixedLambda(cleanShare: 0, clean: .trained)
    let matched = fixedLambda(cleanShare: calibration.cleanShare, clean: .trained)
    let adversarial = fixedLambda(cleanShare: 0, clean: .none)
    let others = Double(Self.lambdas - 2)
    let method = pricer.priced(strategy, calibration: calibration).seconds
    let plainSeconds = pricer.priced(strategy, calibration: .none).seconds
    let fixedSeconds = pricer.priced(strategy, calibration: fixed).seconds
    let adversarialSeconds = pricer.priced(strategy, calibration: adversarial).seconds
    let breakEven = Self.breakEven(
      method: method, plain: plainSeconds, adversarial: adversarialSeconds, fixed: fixedSeconds)
    return [
      plain,
      Baseline(
        name: "fixed-lambda",
        meaning: "adversarial training at one fixed lambda, every sample attacked",
        runs: [(fixed, 1)]),
      Baseline(
        name: "fixed-lambda-matched",
        meaning: "the same with the method's own share of attacked samples", runs: [(matched, 1)]),
      Baseline(
        name: "adversarial-only", meaning: "adversarial training without a clean term",
        runs: [(adversarial, 1)]),
      Baseline(
        name: "one-run-per-lambda",
        meaning:
          "one training for each of \(Self.lambdas) values of lambda; the method is cheaper from \(breakEven) values on",
        runs: [(.none, 1), (fixed, others), (adversarial, 1)]),
      Baseline(
        name: "two-end-points",
        meaning: "a plain and an adversarial training, weights interpolated between them",
        runs: [(.none, 1), (adversarial, 1)]),
    ]
  }

  /// The least number of lambda values (end points first) whose trainings cost more than the method.
  private static func breakEven(
    method: Double, plain: Double, adversarial: Double, fixed: Double
  ) -> Int {
    if method <= plain { return 1 }
    if method <= plain + adversarial { return 2 }
    guard fixed > 0 else { return 2 }
    return 2 + Int(((method - plain - adversarial) / fixed).rounded(.up))
  }
}
