public import Clusters
import CostModel
import Quantities
public import Strategies
import Workloads

/// What the model says about a run before it begins.
public struct Prediction: Sendable, Hashable, Codable {
  /// The run's id.
  public var run: String
  /// Seconds of a step.
  public var seconds: Double
  /// The lower end of its 90 % interval.
  public var low: Double
  /// The upper end.
  public var high: Double
  /// Live bytes at the fullest instant.
  public var peakBytes: Double
  /// Seconds by family of kernel.
  public var families: [String: Double]

  /// The prediction for a run on this machine's profile.
  public init(_ run: ValidationRun, profile: HardwareProfile, stack: SoftwareStack) {
    self.run = run.id
    let workload = run.workload
    let strategy = run.strategy(stack)
    let cluster = Cluster(profile: profile, accelerators: 1)
    let estimator = Estimator(scenario: run.id, workload: workload, cluster: cluster)
    let estimate = estimator.estimate(strategy, complete: false)
    seconds = estimate.step.typical.value
    low = estimate.step.low.value
    high = estimate.step.high.value
    peakBytes =
      estimator.pricer.memory(strategy, calibration: workload.calibration)
      .allocated.value
    families = [:]
    if let laws = profile.efficiency.kernels {
      let program = ProgramFactory(
        model: run.model, frozen: run.frozen, patchDropout: run.patchDropout
      ).program(run.options(stack))
      families = KernelBudget(program, laws: laws).seconds
    }
  }
}
