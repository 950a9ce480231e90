import Clusters
import Quantities
import Strategies
import Workloads

/// Seconds of the parameter update and what belongs to it.
enum UpdateTime {
  /// `elements (passes 4 B + gradient + 16-bit weight) / (share bandwidth)`, elements divided by
  /// the ranks from ZeRO-1 on.
  ///
  /// Dynamic loss scaling reads and writes every gradient once more.
  static func seconds(
    trained: Double, strategy: Strategy, optimizer: Optimizer, profile: HardwareProfile
  ) -> TermTimes {
    let gradient = Double(strategy.software.gradientBytes(strategy.precision))
    let owned = trained / (strategy.zeroStage >= 1 ? Double(strategy.dataParallel) : 1)
    let state = Double(strategy.software.momentBytes(strategy.precision))
    // The update of fp32 weights writes the 16-bit ones that kernels read.
    let isMaster = strategy.software.keepsMaster(strategy.precision)
    var bytes = owned * (Double(optimizer.statePasses) * state + gradient + (isMaster ? 2 : 0))
    let held = trained / (strategy.zeroStage >= 2 ? Double(strategy.dataParallel) : 1)
    if strategy.precision == .ampFP16 { bytes += 2 * gradient * held }
    if let laws = KernelLawTime(profile, strategy),
      let update = laws.seconds(family: optimizer.rawValue, bytes: bytes)
    {
      // The core looks at the norm of all gradients before it updates.
      let norm = laws.seconds(family: "gradient norm", bytes: owned * gradient) ?? 0
      return TermTimes(.optimizer, update + norm)
    }
    let rate =
      profile.efficiency.memoryBound.optimizer.value
      * profile.accelerator.memoryBandwidth.value.value
    return TermTimes(
      .optimizer, max(bytes / rate, profile.efficiency.kernelLaunch.value.value))
  }
}
