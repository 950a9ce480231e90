import Clusters
import Quantities
import Strategies
import Workloads

/// What a strategy fixes beside the program: everything the walks need to know about it.
struct StepSetting: Sendable {
  /// Data-parallel ranks.
  var ranks: Int
  var zeroStage: Int
  /// Bytes of one gradient element, and of one weight as kernels read it.
  var gradientBytes: Double
  var computeBytes: Double
  var collectives: CollectiveTime
  var overlapsReduction: Bool
  var bucketElements: Double
  /// Seconds in which the host issues one kernel; 0 where graphs or a compiler hide it.
  var hostIssue: Double
  /// Whether the host waits for every kernel before it issues the next.
  var blocksOnLaunch: Bool
  /// Bytes moved per element when a gradient is added to one that is there.
  var gradientAdditionBytes: Double
  /// Bytes per second of element-wise passes, and the floor of one kernel.
  var elementwiseRate: Double
  var kernelLaunch: Double
  /// The laws of this project's own core, where they are known.
  var laws: KernelLawTime?
  /// Whether gradients stay allocated from step to step.
  var gradientsPersist: Bool

  /// A setting.
  init(strategy: Strategy, cluster: Cluster) {
    let software = strategy.software
    let style = software.style(precision: strategy.precision, attention: .unfused)
    ranks = strategy.dataParallel
    zeroStage = strategy.zeroStage
    gradientBytes = Double(software.gradientBytes(strategy.precision))
    computeBytes = Double(style.compute.bytes)
    collectives = CollectiveTime(
      cluster: cluster, group: .data(strategy, on: cluster))
    overlapsReduction = software.overlapsReduction
    bucketElements = Double(software.bucketElements)
    let efficiency = cluster.profile.efficiency
    hostIssue =
      software.isEager ? software.hostFactor.value * efficiency.eagerOperator.value.value : 0
    blocksOnLaunch = software.blocksOnLaunch
    // Read both and write one; what a product does in its epilogue hides behind its arithmetic.
    gradientAdditionBytes = software.accumulatesInProduct ? 0 : 3 * Double(style.gradients.bytes)
    elementwiseRate =
      efficiency.memoryBound.elementwise.value
      * cluster.profile.accelerator.memoryBandwidth.value.value
    kernelLaunch = efficiency.kernelLaunch.value.value
    laws = KernelLawTime(cluster.profile, strategy)
    gradientsPersist = software.gradientsPersist
  }
}
