public import Clusters
public import Quantities
public import Strategies
public import Workloads

/// Turns strategies into estimates: one workload on one cluster.
///
/// A class because it caches prices. Not shared between threads.
public final class Estimator {
  /// Prices single steps.
  public let pricer: StepPricer
  private let scenario: String
  let settings: RunSettings

  /// What lies around the step.
  public struct RunSettings: Sendable, Hashable {
    /// Share of wall time for evaluation.
    public var evaluation = 0.0
    /// Full repeats of the run.
    public var repeats = 1
    /// Trial runs, each on a share of the samples.
    public var trials = 0
    /// That share.
    public var trialShare = 0.0
    /// Share of work lost in failed runs.
    public var failedRuns = 0.0
    /// Time between checkpoints; nil: Young's interval.
    public var checkpointInterval: Seconds?
    /// Nodes that are billed and wait for a failure.
    public var spareNodes = 0
    /// Share of memory that must stay free for `fits` instead of `tight`.
    public var memoryMargin = MemoryEstimate.margin

    /// The single run alone.
    public init() {}
  }

  /// An estimator.
  public init(
    scenario: String, workload: Workload, cluster: Cluster, settings: RunSettings = RunSettings()
  ) {
    self.scenario = scenario
    self.settings = settings
    pricer = StepPricer(workload: workload, cluster: cluster)
  }

  private var workload: Workload { pricer.workload }
  private var cluster: Cluster { pricer.cluster }

  /// The estimate of a strategy under a calibration method (nil: the workload's).
  ///
  /// `complete`: also the largest micro-batch and the overheads over all baselines, which
  ///   cost some dozens of further programs.
  public func estimate(
    _ strategy: Strategy, calibration: CalibrationSettings? = nil, complete: Bool = true
  ) -> Estimate {
    let calibration = calibration ?? workload.calibration
    let step = pricer.priced(strategy, calibration: calibration)
    let uncertainty = Uncertainty(
      workload: workload, cluster: cluster, strategy: strategy, step: step)
    let plain =
      calibration.phaseShare < 1 && calibration.method != .none
      ? pricer.priced(strategy, calibration: .none) : nil
    let run = RunTime(
      step: step, plain: plain, calibration: calibration, strategy: strategy, workload: workload,
      cluster: cluster, uncertainty: uncertainty, settings: settings)
    var estimate = assemble(step, run, strategy, calibration, uncertainty)
    if complete {
      estimate.maxMicroBatch = maxMicroBatch(strategy, calibration: calibration)
      estimate.overheads = Overheads(
        pricer: pricer, strategy: strategy, calibration: calibration, uncertainty: uncertainty
      ).all()
    }
    return estimate
  }

  /// The largest micro-batch that fits, everything else unchanged: the global batch follows.
  ///
  /// Memory grows with the micro-batch, so the answer is bisected. 0 where not even one sample fits.
  public func maxMicroBatch(_ strategy: Strategy, calibration: CalibrationSettings) -> Int {
    let capacity = cluster.profile.accelerator.memory.value
    func fits(_ microBatch: Int) -> Bool {
      var changed = strategy
      changed.microBatch = microBatch
      return pricer.quick(changed, calibration: calibration).peak <= capacity
    }
    guard fits(1) else { return 0 }
    var low = 1
    var high = max(2, strategy.microBatch)
    while fits(high) {
      low = high
      high *= 2
      if high > 1 << 24 { return low }
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      if fits(middle) { low = middle } else { high = middle }
    }
    return low
  }

  /// A calibration method at the strategy that is best for it, over plain training at its own best.
  public func overheadOverPlain(
    _ strategy: Strategy, calibration: CalibrationSettings, plainStrategy: Strategy
  ) -> Overhead {
    let step = pricer.priced(strategy, calibration: calibration)
    let uncertainty = Uncertainty(
      workload: workload, cluster: cluster, strategy: strategy, step: step)
    return Overheads(
      pricer: pricer, strategy: strategy, calibration: calibration, uncertainty: uncertainty
    ).overPlain(at: plainStrategy)
  }

  private func assemble(
    _ step: PricedStep, _ run: RunTime, _ strategy: Strategy, _ calibration: CalibrationSettings,
    _ uncertainty: Uncertainty
  ) -> Estimate {
    let profile = cluster.profile
    let bill = RunBill(cluster: cluster, spareNodes: settings.spareNodes)
    var memory = step.memory
    memory.margin = settings.memoryMargin
    let range = uncertainty.range(of: step.times)
    let seconds = Interval<Second>(
      low: Seconds(step.seconds * range.low), typical: Seconds(step.seconds),
      high: Seconds(step.seconds * range.high))
    // Ranks that share layers or stages work on the same samples.
    let sharing = strategy.tensorParallel * strategy.pipelineParallel
    let local = Double(strategy.microBatch * strategy.accumulation) / Double(sharing)
    var breakdown = StepBreakdown()
    breakdown.compute = Seconds(step.times.compute)
    breakdown.exposedCommunication = Seconds(
      step.times[.communication] + step.times[.tensorCommunication] + step.times[.stageMessages])
    breakdown.pipelineBubble = Seconds(step.times[.bubble])
    breakdown.optimizer = Seconds(step.times[.optimizer])
    breakdown.inputStall = Seconds(step.times[.input])
    breakdown.launch = Seconds(step.times[.launch])
    let energy = EnergyEstimate(bill: bill, wall: run.wall)
    let peak = profile.accelerator.peak[strategy.precision.matrixFormat]?.value.value
    func utilisation(_ flops: Double) -> Double {
      guard let peak, step.seconds > 0 else { return 0 }
      return flops / step.seconds / peak
    }
    var estimate = Estimate(
      scenario: scenario, hardware: profile.id, acceleratorName: profile.accelerator.name,
      accelerators: cluster.accelerators, model: workload.model.id,
      parameters: workload.model.parameters,
      trainableParameters: step.trainableParameters,
      forwardFlopsPerSample: Flops(workload.model.forwardFlopsPerSample),
      globalBatch: strategy.globalBatch, samplesSeen: workload.samplesSeen.value,
      strategy: strategy, workload: workload.with(calibration: calibration), step: seconds,
      breakdown: breakdown, phases: Self.phases(step),
      samplesPerSecondPerAccelerator: Range90(
        low: local / seconds.high.value, typical: local / seconds.typical.value,
        high: local / seconds.low.value),
      steps: run.steps, wall: run.wall, acceleratorHours: run.wall.map(bill.acceleratorHours),
      billedAcceleratorHours: bill.billed(run.wall.typical),
      nodeHours: run.wall.typical.value / 3600 * Double(cluster.nodes + settings.spareNodes),
      cost: bill.cost(run.wall.low).flatMap { low in
        guard let typical = bill.cost(run.wall.typical), let high = bill.cost(run.wall.high)
        else { return nil }
        return Interval(low: low, typical: typical, high: high)
      },
      energy: energy.energy, carbon: energy.carbon,
      modelFlopsUtilization: utilisation(step.modelFlops),
      hardwareFlopsUtilization: utilisation(step.hardwareFlops), maxMicroBatch: nil,
      memory: memory, overheads: [], run: run.estimate(bill),
      assumptions: Assumptions(
        workload: workload, cluster: cluster, strategy: strategy, uncertainty: uncertainty
      ).all(),
      flags: Flags(
        step: step, strategy: strategy, calibration: calibration, workload: workload,
        cluster: cluster
      ).all())
    estimate.terms = StepTerms(step.times)
    return estimate
  }

  /// Phases of one name added up, in the order of the JSON contract; they sum to the step.
  private static func phases(_ step: PricedStep) -> [(name: String, time: Seconds)] {
    StepProgram.PhaseName.allCases.compactMap { name in
      let parts = step.phases.filter { $0.name == name }
      guard !parts.isEmpty else { return nil }
      return (name.rawValue, Seconds(parts.reduce(0) { $0 + $1.times.total }))
    }
  }
}
