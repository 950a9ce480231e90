import Clusters
import Quantities
import Strategies
import Workloads

/// From one step to the whole run: steps, wall time, failures, checkpoints, campaign.
struct RunTime {
  /// Optimizer steps, skipped ones included.
  let steps: Double
  /// Wall time, 90 %.
  let wall: Interval<Second>
  private let goodput: Goodput
  private let cluster: Cluster
  private let sweepSeconds: Double
  private let settings: Estimator.RunSettings

  /// A run of `workload` whose steps take `step`, or `plain` on the share without the method.
  init(
    step: PricedStep, plain: PricedStep?, calibration: CalibrationSettings, strategy: Strategy,
    workload: Workload, cluster: Cluster, uncertainty: Uncertainty,
    settings: Estimator.RunSettings
  ) {
    self.cluster = cluster
    self.settings = settings
    let batch = Double(strategy.globalBatch)
    // A step skipped by loss scaling is run again in effect: its samples are seen for nothing.
    steps =
      (workload.samplesSeen.value / batch).rounded(.up)
      * (1 + strategy.precision.skippedStepShare)
    goodput = Goodput(
      trained: Double(step.trainableParameters), strategy: strategy,
      moments: workload.optimizer.fullMoments, cluster: cluster, evaluation: settings.evaluation,
      chosen: settings.checkpointInterval?.value)
    let share = plain == nil ? 1 : calibration.phaseShare
    let mixed =
      share * step.seconds + (1 - share) * (plain?.seconds ?? 0)
    let range = uncertainty.range(of: step.times)
    let seconds = steps * mixed / goodput.share
    wall = Interval(
      low: Seconds(seconds * range.low), typical: Seconds(seconds),
      high: Seconds(seconds * range.high))
    sweepSeconds = Self.sweep(calibration, step: step, workload: workload, cluster: cluster)
  }

  /// Clean and attacked evaluation at G values of lambda, once: `G n (2 + 2 K) F` FLOP at the rate
  /// that the training step reaches.
  private static func sweep(
    _ calibration: CalibrationSettings, step: PricedStep, workload: Workload, cluster: Cluster
  ) -> Double {
    switch calibration.method {
    case .oat, .lsaITC, .lsaITCSequential: break
    default: return 0
    }
    guard calibration.attackSteps > 0, step.times.compute > 0 else { return 0 }
    let rate = step.hardwareFlops / step.times.compute
    let evaluations = Double(calibration.sweepPoints * calibration.sweepPairs)
    let perPair =
      Double(2 + 2 * calibration.sweepAttackSteps) * workload.model.forwardFlopsPerSample
    return evaluations * perPair / rate / Double(cluster.accelerators)
  }

  /// The figures around the run.
  func estimate(_ bill: RunBill) -> RunEstimate {
    var run = RunEstimate()
    run.goodput = goodput.share
    run.failures = goodput.failuresPerSecond * wall.typical.value
    run.checkpointInterval = Seconds(goodput.interval)
    run.checkpointBytes = Bytes(goodput.checkpointBytes)
    run.spareNodes = settings.spareNodes
    run.sweep = Seconds(sweepSeconds)
    let hours = bill.billed(wall.typical)
    func add(_ name: String, _ hours: AcceleratorHours) {
      run.campaign.append(.init(name: name, hours: hours))
    }
    add("run", hours)
    if settings.repeats > 1 { add("repeats", hours * Double(settings.repeats - 1)) }
    if settings.trials > 0 {
      add("trials", hours * (Double(settings.trials) * settings.trialShare))
    }
    if settings.failedRuns > 0 { add("failed runs", hours * settings.failedRuns) }
    if sweepSeconds > 0 { add("lambda sweep", bill.billed(Seconds(sweepSeconds))) }
    return run
  }
}
