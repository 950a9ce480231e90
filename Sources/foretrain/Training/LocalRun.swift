import Clusters
import CostModel
import Measurement
import Planning
import Quantities
import Scenarios
import Strategies
import Training
import Workloads

/// A scenario as this machine runs it: one rank of this project's own core, in fp32.
struct LocalRun {
  let scenario: Scenario
  let strategy: Strategy
  let workload: Workload
  let cluster: Cluster
  /// What had to change for it, for people; empty for scenarios that are written for this machine.
  let changes: [String]
  private let pricer: StepPricer

  /// Ranks become micro-batches, so that the batch stays whole.
  init(_ loaded: LoadedScenario, machine: HardwareProfile) throws {
    scenario = loaded.scenario
    var local = scenario.strategy
    var changes: [String] = []
    if local.software.id != Self.core {
      changes.append("the software is \(Self.core), not \(local.software.id)")
      local.software = try loaded.loader.stack(Self.core)
    }
    if local.precision != .fp32 {
      changes.append("the precision is fp32, not \(local.precision.rawValue)")
      local.precision = .fp32
    }
    let ranks = local.accelerators
    if ranks > 1 {
      local.accumulation = scenario.strategy.globalBatch / max(1, local.microBatch)
      (local.dataParallel, local.tensorParallel, local.pipelineParallel) = (1, 1, 1)
      (local.virtualPipeline, local.sequenceParallel) = (1, false)
      changes.append(
        "one rank with \(local.accumulation) micro-batches of \(local.microBatch) stands for \(ranks)"
      )
    }
    local.zeroStage = 0
    local.contrastiveGather = .local
    strategy = local
    workload = scenario.workload
    cluster = Cluster(profile: machine, accelerators: 1)
    self.changes = changes
    pricer = StepPricer(workload: workload, cluster: cluster)
  }

  /// The stack that describes the compute core.
  static let core = "foretrain-core"

  /// Rules that the strategy breaks here; whether kernels of a kind were measured is none of them.
  var broken: [String] {
    strategy.violations(workload: workload, cluster: cluster)
      .filter { $0.rule != .attentionSupported || !$0.detail.contains("fused attention kernel") }
      .map { "\($0.rule.rawValue): \($0.rule.sentence): \($0.detail)" }
  }

  /// The scenario as it runs here.
  var asScenario: Scenario {
    var copy = scenario
    copy.strategy = strategy
    copy.workload = workload
    copy.cluster = cluster
    return copy
  }

  /// Options of the step programs.
  var options: ProgramOptions { strategy.programOptions(for: workload) }

  /// Steps that the scenario's samples make, at least one.
  var steps: Int {
    let steps = (workload.samplesSeen.value / Double(workload.globalBatch)).rounded(.up)
    return Int(min(max(1, steps), 1e15))
  }

  // MARK: Prediction

  /// What the memory model says that a step allocates: under a selection of layers, or, with nil,
  /// under as many as may be selected.
  func predictedPeak(method: CalibrationMethod? = nil, selection: [Int]?) -> Bytes {
    var settings = workload.calibration
    if let method { settings.method = method }
    settings.selectedLayers = selection
    return pricer.memory(strategy, calibration: settings).allocated
  }

  /// Seconds of a step; nil where nobody has measured this machine, or not all that the step needs.
  func predictedStep(isMeasured: Bool) -> Seconds? {
    guard isMeasured else { return nil }
    let seconds = pricer.quick(strategy, calibration: workload.calibration).step
    return seconds.value.isFinite ? seconds : nil
  }
}

extension MethodStrengths {
  /// The numbers that a scenario gives for its method, the defaults where it gives none.
  init(_ scenario: Scenario) {
    self.init()
    let method = scenario.workload.calibration.method
    func text(_ key: String) -> String? {
      // The sequential order reads the block of the other one where it has none of its own.
      let blocks = method == .lsaITCSequential ? [method, .lsaITC] : [method]
      return blocks.lazy.compactMap { block in
        scenario.assumptions.first { $0.key == "calibration.\(block.rawValue).\(key)" }?.value
      }.first
    }
    // Written as a number or as a fraction of whole ones.
    func number(_ key: String) -> Float? {
      guard let parts = text(key)?.split(separator: "/").map({ Double($0) }) else { return nil }
      guard parts.count <= 2, let first = parts.first ?? nil else { return nil }
      guard let divisor = parts.dropFirst().first else { return Float(first) }
      return divisor.map { Float(first / $0) }
    }
    attackRadius = number("attack_radius") ?? attackRadius
    attackStepSize = number("attack_step_size") ?? attackStepSize
    attackWarmUp = number("attack_warm_up") ?? attackWarmUp
    conditioningRate = number("conditioning_rate") ?? conditioningRate
    threshold = number("vulnerable_layers.threshold") ?? threshold
    targetShare = number("regulariser.target_share") ?? targetShare
    gain = number("regulariser.gain") ?? gain
    if let list = text("lambdas") {
      let values = list.split { !"0123456789.e-".contains($0) }.compactMap { Float($0) }
      if values.contains(where: { $0 > 0 }) { lambdas = values }
    }
  }
}
