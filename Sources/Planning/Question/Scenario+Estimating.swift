public import Clusters
public import CostModel
public import Strategies
public import Workloads

extension Scenario {
  /// An estimator for this workload on this cluster.
  public func estimator(on other: Cluster? = nil) -> Estimator {
    var settings = Estimator.RunSettings()
    settings.evaluation = campaign.evaluation
    settings.repeats = campaign.repeats
    settings.trials = campaign.trials
    settings.trialShare = campaign.trialShare
    settings.failedRuns = campaign.failedRuns
    settings.checkpointInterval = campaign.checkpointInterval
    settings.spareNodes = campaign.spareNodes
    settings.memoryMargin = constraints.memoryMargin
    return Estimator(
      scenario: id, workload: workload, cluster: other ?? cluster, settings: settings)
  }

  /// The estimate of the fixed strategy, whether or not it fits; rules it breaks come with it.
  public func estimate() -> (estimate: Estimate?, broken: [Rejection]) {
    let broken = strategy.violations(workload: workload, cluster: cluster).map {
      Rejection(
        strategy: strategy, rule: $0.rule.rawValue, detail: "\($0.rule.sentence): \($0.detail)")
    }
    guard broken.isEmpty else { return (nil, broken) }
    var estimate = estimator().estimate(strategy)
    complete(&estimate)
    return (estimate, [])
  }

  /// Adds the file's own assumptions and leaves the baselines that the file asks for.
  func complete(_ estimate: inout Estimate) {
    estimate.assumptions += ownAssumptions
    let names = Set(baselines.map(\.rawValue))
    estimate.overheads.removeAll { !names.contains($0.baseline) }
    if let budget = constraints.budget, estimate.cost == nil {
      estimate.flags.append("budget_not_judged: \(budget) were given, but no price is known")
    }
  }

  /// Assumed or published settings of the file itself, as lines of an estimate.
  public var ownAssumptions: [Assumption] {
    assumptions.map {
      Assumption(key: $0.key, value: $0.value, origin: $0.origin, source: $0.source)
    }
  }

  /// The same question under another calibration method, with the file's knobs for it.
  public func with(method: CalibrationMethod) -> Scenario {
    var copy = self
    copy.workload.calibration =
      calibrations[method] ?? CalibrationSettings(method: method)
    return copy
  }
}
