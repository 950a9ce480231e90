import Clusters
public import Quantities
public import Strategies
import Workloads

/// An estimate with everything behind it: kernels, bytes, figures, waterfall.
public struct EstimateBreakdown: Sendable {
  /// The estimate.
  public var estimate: Estimate
  /// The step taken apart.
  public var trace: StepTrace
  /// From products at peak to the step; the bars sum to the typical step.
  public var bars: [WaterfallBar]
  /// How every number was computed, by its path in the estimate's JSON.
  public var figures: FigureBook
}

extension Estimator {
  /// Takes an estimate apart.
  ///
  /// - Parameters:
  ///   - estimate: The estimate of this workload and cluster, as `estimate` gave it.
  ///   - strategy: Its strategy.
  /// - Returns: Kernels, waterfall and figures of the same numbers.
  public func breakdown(of estimate: Estimate, strategy: Strategy) -> EstimateBreakdown {
    let calibration = estimate.workload.calibration
    let priced = pricer.priced(strategy, calibration: calibration)
    let trace = pricer.trace(strategy, calibration: calibration)
    var writer = FigureWriter(
      estimate: estimate, strategy: strategy, calibration: calibration, pricer: pricer,
      settings: settings, trace: trace, priced: priced,
      uncertainty: uncertainty(strategy, priced),
      stages: pricer.stageWalks(strategy, calibration))
    writer.write()
    return EstimateBreakdown(
      estimate: estimate, trace: trace, bars: bars(of: estimate, strategy: strategy),
      figures: writer.book)
  }

  /// The waterfall alone.
  public func bars(of estimate: Estimate, strategy: Strategy) -> [WaterfallBar] {
    let calibration = estimate.workload.calibration
    let trace = pricer.trace(strategy, calibration: calibration, formulas: false)
    let plain =
      calibration.method == .none
      ? trace : pricer.trace(strategy, calibration: .none, formulas: false)
    return WaterfallWriter(
      trace: trace, plain: plain,
      uncertainty: uncertainty(strategy, pricer.priced(strategy, calibration: calibration))
    ).bars()
  }

  private func uncertainty(_ strategy: Strategy, _ priced: PricedStep) -> Uncertainty {
    Uncertainty(
      workload: pricer.workload, cluster: pricer.cluster, strategy: strategy, step: priced)
  }
}

extension Estimator {
  /// How far the true seconds of each term may lie from the model's, 90 %, typical 1.
  public func termRanges(_ strategy: Strategy) -> [StepTrace.Term: Range90] {
    let priced = pricer.priced(strategy, calibration: pricer.workload.calibration)
    var ranges: [StepTrace.Term: Range90] = [:]
    for (term, range) in uncertainty(strategy, priced).terms {
      ranges[term] = Range90(
        low: range.low / range.typical, typical: 1, high: range.high / range.typical)
    }
    return ranges
  }
}
