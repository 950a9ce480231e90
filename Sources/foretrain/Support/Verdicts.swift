import CostModel
import Planning
import Quantities

/// When an estimate's answer is no, and why.
enum Verdicts {
  /// The binding constraint; nil where the run is possible.
  static func no(_ estimate: Estimate, _ scenario: Scenario) -> String? {
    let memory = estimate.memory
    if memory.verdict == .doesNotFit {
      var reason =
        "does not fit: needs \(memory.peak) of \(memory.capacity) in \(memory.peakPhase) (\(memory.peakInstant))"
      if let largest = estimate.maxMicroBatch {
        reason +=
          largest > 0
          ? "; the largest micro-batch that fits is \(largest)"
          : "; not even one sample per device fits"
      }
      return reason
    }
    if let deadline = scenario.constraints.deadline, estimate.wall.typical > deadline {
      return "too slow: takes \(estimate.wall.typical), deadline is \(deadline)"
    }
    if let budget = scenario.constraints.budget, let cost = estimate.cost, cost.typical > budget {
      return "too expensive: costs \(cost.typical), budget is \(budget)"
    }
    return nil
  }
}
