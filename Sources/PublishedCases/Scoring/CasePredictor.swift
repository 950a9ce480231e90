import Clusters
import CostModel
import Planning
import Quantities
import Scenarios
import Strategies

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
    var scenario = setup.scenario
    scenario.strategy.software.spreads = spreads(scenario, published, setup.isKnown)
    prediction.scenario = scenario
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
    let interval = PeakInterval(constants: setter.constants)
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

  /// How far such steps lie from predicted ones: less far where other runs of the series were
  /// fitted, further where a name is unknown.
  private func spreads(
    _ scenario: Scenario, _ published: PublishedCase, _ known: CaseSetup.Known
  ) -> StepSpreads? {
    var spreads = scenario.strategy.software.spreads
    let isSeen = setter.constants.series.contains(published.series)
    spreads?.knowsSeries = isSeen
    if isSeen {
      spreads?.knowsSoftware = true
    } else if !known.software {
      spreads?.knowsSoftware = false
    }
    if !known.accelerator { spreads?.knowsDevice = false }
    return spreads
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
    prediction.kind = RunKind(
      scenario.strategy, workload: scenario.workload, cluster: scenario.cluster,
      isInputBound: estimate.breakdown.inputStall > .zero)
    prediction.headWidth = Self.headWidth(prediction.published.workload)
    prediction.modelSeconds = estimate.modelFlopsUtilization * estimate.step.typical.value
    if prediction.published.workload.samplesSeen != nil {
      prediction.wallHours = Range90(
        low: estimate.wall.low.value / 3600, typical: estimate.wall.typical.value / 3600,
        high: estimate.wall.high.value / 3600)
    }
  }
}
