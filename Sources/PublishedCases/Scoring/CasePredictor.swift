import Clusters
import CostModel
import Planning
import Quantities
import Strategies

extension Range90 {
  /// The typical value with ends at other factors of it.
  fileprivate func scaled(by range: Range90) -> Range90 {
    Range90(low: typical * range.low, typical: typical, high: typical * range.high)
  }
}

/// Runs cases as scenarios and predicts what was measured.
///
/// Not shared between threads.
public final class CasePredictor {
  private let setter: CaseSetter

  /// A predictor that sets cases up with `setter`.
  public init(setter: CaseSetter) { self.setter = setter }

  /// Predicts every measured figure of a case; a case that cannot be run says why.
  ///
  /// - Throws: `FileErrors` where a profile or a stack cannot be read.
  public func predict(_ published: PublishedCase) throws -> CasePrediction {
    var prediction = CasePrediction(published: published)
    let setup: CaseSetup
    do {
      setup = try setter.setup(published)
    } catch let error as CaseProblem {
      prediction.problem = error.reason
      return prediction
    }
    prediction.notes = setup.notes
    prediction.known = setup.isKnown
    let scenario = setup.scenario
    prediction.stack = scenario.strategy.software.id
    prediction.device = scenario.cluster.profile.accelerator.name
    let broken = scenario.strategy.violations(
      workload: scenario.workload, cluster: scenario.cluster)
    if let first = broken.first {
      prediction.problem = "\(first.rule.sentence): \(first.detail)"
      return prediction
    }
    let estimator = scenario.estimator()
    let estimate = estimator.estimate(scenario.strategy, complete: false)
    fill(&prediction, estimate, scenario)
    let interval = CaseInterval(constants: setter.constants)
    if let range = interval.range(prediction) {
      prediction.step = prediction.step?.scaled(by: range)
      prediction.wallHours = prediction.wallHours?.scaled(by: range)
    }
    var largest: Int?
    if published.measured.contains(where: { $0.kind == .maxMicroBatch }) {
      largest = estimator.maxMicroBatch(
        scenario.strategy, calibration: scenario.workload.calibration)
    }
    let context = FigureContext(
      published: published, step: prediction.step ?? Range90(exactly: 0),
      wallHours: prediction.wallHours, memory: estimate.memory,
      globalBatch: Double(scenario.strategy.globalBatch),
      accelerators: Double(scenario.cluster.accelerators), largestMicroBatch: largest,
      spread: { interval.memory($0, series: published.series) },
      reported: scenario.strategy.software.reportedReading)
    prediction.figures = published.measured.compactMap(context.figure)
    return prediction
  }

  /// Heads of the tower that attends most: the language model, else the image tower.
  private static func headWidth(_ workload: CaseWorkload) -> Int {
    let tower = workload.language ?? workload.image ?? workload.text
    return tower.map { $0.width / max(1, $0.heads) } ?? 0
  }

  private func fill(
    _ prediction: inout CasePrediction, _ estimate: Estimate, _ scenario: Scenario
  ) {
    prediction.step = Range90(
      low: estimate.step.low.value, typical: estimate.step.typical.value,
      high: estimate.step.high.value)
    prediction.terms = estimate.terms
    prediction.memory = estimate.memory
    prediction.flags = estimate.flags
    prediction.kind = RunKind(scenario)
    prediction.stackFactor = scenario.strategy.software.timeRange.value.typical
    prediction.headWidth = Self.headWidth(prediction.published.workload)
    prediction.modelSeconds = estimate.modelFlopsUtilization * estimate.step.typical.value
    if prediction.published.workload.samplesSeen != nil {
      prediction.wallHours = Range90(
        low: estimate.wall.low.value / 3600, typical: estimate.wall.typical.value / 3600,
        high: estimate.wall.high.value / 3600)
    }
  }
}
