import Clusters
import CostModel
import Quantities
import Strategies
import Workloads

/// Walks the strategy space: rules first, then time and memory of what is left.
struct Search {
  let scenario: Scenario
  let pricer: StepPricer
  let progress: ((Int) -> Void)?
  private(set) var candidates: [Candidate] = []
  private(set) var rejections = RejectionLedger()
  private(set) var searched = 0
  private(set) var pruned = 0
  /// The least peak of all strategies, fitting or not.
  private(set) var leanest: Candidate?
  /// Skeletons of which some plan fits, with the best of them, and those where a plan does not.
  private var skeletons: [Skeleton] = []

  private struct Skeleton {
    var strategy: Strategy
    var calibration: CalibrationSettings
    var best: Candidate?
    var isBound = false
  }

  private let capacity: Double
  private var memoryRejections = 0

  init(scenario: Scenario, pricer: StepPricer, progress: ((Int) -> Void)?) {
    self.scenario = scenario
    self.pricer = pricer
    self.progress = progress
    capacity = scenario.cluster.profile.accelerator.memory.value.value
  }

  /// Prices every legal strategy.
  mutating func run() {
    let space = StrategySpace(scenario)
    let recomputations = space.recomputations()
    for calibration in space.calibrations {
      let workload = scenario.workload.with(calibration: calibration)
      for skeleton in space.skeletons() {
        let broken = skeleton.violations(workload: workload, cluster: scenario.cluster)
        if let first = broken.first {
          pruned += recomputations.count
          rejections.note(
            first.rule.rawValue, count: recomputations.count,
            Rejection(
              strategy: skeleton, rule: first.rule.rawValue,
              detail: first.detail))
          continue
        }
        price(skeleton, calibration, recomputations)
      }
    }
    progress?(searched)
    if let leanest, let rule = memoryRejection(leanest) { rejections.show("memory", rule) }
  }

  private mutating func price(
    _ skeleton: Strategy, _ calibration: CalibrationSettings,
    _ recomputations: [[String: RecomputationPlan]]
  ) {
    var entry = Skeleton(strategy: skeleton, calibration: calibration)
    var strategy = skeleton
    for plan in recomputations {
      // Counts of blocks are those of a stage; a pipeline's stages all keep the same.
      if skeleton.pipelineParallel > 1, plan.values.contains(where: \.countsBlocks) { continue }
      if let tower = plan.first(where: {
        $0.value == .selective && skeleton.attention[$0.key] == .flash
      })?.key {
        pruned += 1
        strategy.recomputation = plan
        let rule = LegalityRule.selectiveDropsSomething
        rejections.note(
          rule.rawValue,
          Rejection(
            strategy: strategy, rule: rule.rawValue,
            detail: "tower \(tower) uses flash attention"))
        continue
      }
      strategy.recomputation = plan
      let cost = pricer.quick(strategy, calibration: calibration)
      searched += 1
      if searched % 2000 == 0 { progress?(searched) }
      let candidate = Candidate(
        strategy: strategy, calibration: calibration, step: cost.step.value, peak: cost.peak.value)
      if leanest.map({ candidate.peak < $0.peak }) ?? true { leanest = candidate }
      guard candidate.peak <= capacity else {
        entry.isBound = true
        let rejection =
          memoryRejections == 0
          ? memoryRejection(candidate) : nil
        memoryRejections += 1
        rejections.note("memory", rejection ?? .memory(strategy, detail: ""))
        continue
      }
      candidates.append(candidate)
      if entry.best.map({ Candidate.isBetter(candidate, $0) }) ?? true { entry.best = candidate }
    }
    skeletons.append(entry)
  }

  private func memoryRejection(_ candidate: Candidate) -> Rejection? {
    guard candidate.peak > capacity else { return nil }
    return .memory(
      candidate.strategy, detail: "needs \(Bytes(candidate.peak)), has \(Bytes(capacity))")
  }

  /// Where memory keeps a faster plan out, chooses the recomputed blocks by integer program.
  ///
  /// At most `solves` skeletons are solved, those with the fastest plans so far first.
  mutating func refine(solves: Int = 24) {
    let choices = scenario.search.recomputation ?? RecomputationChoice.allCases
    guard choices.contains(.perBlock) else { return }
    let order = skeletons.indices.filter {
      skeletons[$0].isBound && skeletons[$0].best != nil
        && skeletons[$0].strategy.pipelineParallel == 1
    }
    .map { index -> (Int, Double) in
      (index, skeletons[index].best?.step ?? .infinity)
    }
    .sorted { $0.1 != $1.1 ? $0.1 < $1.1 : $0.0 < $1.0 }
    for (index, _) in order.prefix(solves) {
      let skeleton = skeletons[index]
      let problem = pricer.activationProblem(
        skeleton.strategy, calibration: skeleton.calibration,
        margin: scenario.constraints.memoryMargin)
      guard let plans = ActivationPlanner(problem).plan() else { continue }
      var strategy = skeleton.strategy
      strategy.recomputation = plans
      let cost = pricer.quick(strategy, calibration: skeleton.calibration)
      searched += 1
      // The rows are a little stricter than the walk; the walk decides.
      guard cost.peak.value <= capacity else { continue }
      candidates.append(
        Candidate(
          strategy: strategy, calibration: skeleton.calibration, step: cost.step.value,
          peak: cost.peak.value))
    }
  }
}

extension Rejection {
  /// A strategy that needs more memory than there is.
  static func memory(_ strategy: Strategy, detail: String) -> Rejection {
    Rejection(strategy: strategy, rule: "memory", detail: detail)
  }
}
