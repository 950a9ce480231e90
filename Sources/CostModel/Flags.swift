import Clusters
import Quantities
import Strategies
import Workloads

/// What a reader of an estimate must not miss.
struct Flags {
  let step: PricedStep
  let strategy: Strategy
  let calibration: CalibrationSettings
  let workload: Workload
  let cluster: Cluster

  /// All flags that apply, in a fixed order.
  func all() -> [String] {
    var flags: [String] = []
    let profile = cluster.profile
    if step.times[.input] > 0 { flags.append("input_bound: the input pipeline sets the pace") }
    if !step.unmeasured.isEmpty {
      flags.append(
        "out_of_range: kernels beyond what was measured here: "
          + step.unmeasured.sorted().joined(separator: ", "))
    }
    if step.times[.launch] > 0.05 * step.seconds {
      flags.append("launch_bound: the host issues kernels too slowly for this size")
    }
    if profile.datasheetOnly {
      flags.append("datasheet_only: no measurement of this accelerator stands behind the speeds")
    }
    if let keys = step.fewestAttentionKeys,
      !profile.efficiency.attentionMeasured.contains(keys)
    {
      let range = profile.efficiency.attentionMeasured
      flags.append(
        "out_of_range: fused attention at \(keys) tokens, measured from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    if strategy.zeroStage == 3, cluster.nodes > 1 {
      flags.append("out_of_range: ZeRO-3 across nodes rests on few published runs")
    }
    let hasAttack = calibration.attackSteps > 0 && calibration.method.attacks
    if hasAttack, !isMeasuredMachine {
      flags.append("not_validated_on_gpu: no published attack run supports the attack's time")
    }
    if profile.site.price == nil { flags.append("price_unknown: give --price for a cost") }
    let host = step.memory.hostNeeded
    if host > step.memory.hostCapacity {
      flags.append("host_memory: needs \(host) per node, has \(step.memory.hostCapacity)")
    }
    return flags
  }

  private var isMeasuredMachine: Bool {
    cluster.profile.efficiency.gemm.origin == .measured
  }
}

extension CalibrationMethod {
  /// Whether the method attacks images.
  var attacks: Bool {
    switch self {
    case .none, .lossReweight, .teacher: false
    case .layerProbe, .atLR, .oat, .lsaITC, .lsaITCSequential, .anchored: true
    }
  }
}
