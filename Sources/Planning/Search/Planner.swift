import Clusters
import CostModel
import Quantities
import Strategies
import Workloads

/// Searches the strategies of a scenario: every legal one is priced, what fits is ranked.
///
/// Nothing is sampled: the space is walked in full. Where memory binds, an integer program then
/// chooses the recomputed blocks of each promising skeleton exactly.
public struct Planner {
  /// The question.
  public let scenario: Scenario
  /// Plans that are returned at most.
  public var limit = 10
  /// Called now and then with the number of strategies priced so far.
  public var progress: ((Int) -> Void)?
  /// Seconds since some instant; the caller's clock, so that results stay a function of inputs.
  public var clock: () -> Double = { 0 }

  /// A planner.
  public init(_ scenario: Scenario) { self.scenario = scenario }

  /// The whole answer.
  public func plan() -> PlanResult {
    let started = clock()
    let estimator = scenario.estimator()
    var search = Search(scenario: scenario, pricer: estimator.pricer, progress: progress)
    search.run()
    search.refine()
    let searched = clock() - started
    let ranked = ranking(search)
    var rejections = search.rejections
    var plans: [Estimate] = []
    for candidate in ranked.best {
      var estimate = estimator.estimate(
        candidate.strategy, calibration: candidate.calibration, complete: plans.isEmpty)
      scenario.complete(&estimate)
      if let broken = brokenLimit(estimate) {
        rejections.note(
          broken.rule,
          Rejection(strategy: candidate.strategy, rule: broken.rule, detail: broken.detail))
        continue
      }
      plans.append(estimate)
    }
    if let best = ranked.best.first, !plans.isEmpty,
      let overhead = overPlain(best, estimator: estimator)
    {
      plans[0].overheads.insert(overhead, at: 0)
    }
    let (fixed, broken) = scenario.estimate()
    for rejection in broken { rejections.note(rejection.rule, rejection) }
    let infeasible =
      plans.isEmpty ? Infeasibility(search: search, rejections: rejections.all).sentence : nil
    let prices =
      ranked.best.first.map {
        Sensitivity(scenario: scenario, estimator: estimator, best: $0).prices()
      } ?? []
    return PlanResult(
      fixed: fixed, plans: plans, pareto: Self.front(plans), points: ranked.points,
      rejected: rejections.all, searched: search.searched, pruned: search.pruned, threads: 1,
      seconds: searched, shadowPrices: plans.isEmpty ? [] : prices, infeasible: infeasible)
  }

  /// The best plan's overhead over plain training that is planned for itself: the fairest question.
  private func overPlain(_ best: Candidate, estimator: Estimator) -> Overhead? {
    guard best.calibration.method != .none, scenario.baselines.contains(.plain) else { return nil }
    var search = Search(
      scenario: scenario.with(method: .none), pricer: estimator.pricer, progress: nil)
    search.run()
    search.refine()
    guard let plain = ranking(search).best.first else { return nil }
    return estimator.overheadOverPlain(
      best.strategy, calibration: best.calibration, plainStrategy: plain.strategy)
  }

  private func ranking(_ search: Search) -> Ranking {
    let capacity = scenario.cluster.profile.accelerator.memory.value.value
    return Ranking(
      search.candidates, limit: limit,
      comfortable: (1 - scenario.constraints.memoryMargin) * capacity)
  }

  /// The limit of the scenario that a plan passes over.
  private func brokenLimit(_ estimate: Estimate) -> (rule: String, detail: String)? {
    let limits = scenario.constraints
    if let deadline = limits.deadline, estimate.wall.typical > deadline {
      return ("deadline", "takes \(estimate.wall.typical), deadline is \(deadline)")
    }
    if let budget = limits.budget, let cost = estimate.cost, cost.typical > budget {
      return ("budget", "costs \(cost.typical), budget is \(budget)")
    }
    return nil
  }

  /// Plans that no other plan beats in both time and memory.
  private static func front(_ plans: [Estimate]) -> Set<Int> {
    Set(
      plans.indices.filter { index in
        !plans.indices.contains { other in
          let (a, b) = (plans[other], plans[index])
          return a.step.typical <= b.step.typical && a.memory.peak <= b.memory.peak
            && (a.step.typical < b.step.typical || a.memory.peak < b.memory.peak)
        }
      })
  }
}
