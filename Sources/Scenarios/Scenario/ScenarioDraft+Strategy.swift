import Clusters
import Planning
import Quantities
import Strategies
import Workloads

extension ScenarioDraft {
  /// `strategy:`: what `estimate` prices.
  func strategy(
    _ section: Section, _ workload: Workload?, _ batch: inout BatchInput, _ reader: Reader
  ) -> Strategy? {
    let zero = section.setting(StrategySettings.zeroStage, default: 0, log)
    let software = self.software(section, zero: zero)
    readBatch(section, &batch)
    let virtual = section.setting(StrategySettings.virtualPipeline, log)?.value ?? 1
    let sequence = section.setting(StrategySettings.sequenceParallel, log)?.value ?? false
    let precision = section.setting(StrategySettings.precision, default: defaultPrecision, log)
    let recomputation = section.setting(
      StrategySettings.recomputation, default: .all(.none), log)
    let attention = section.setting(
      StrategySettings.attention, default: .all(defaultAttention(software)), log)
    let gather = section.setting(StrategySettings.gather, log)?.value ?? .local
    checkTowers(section, "recomputation", recomputation)
    checkTowers(section, "attention", attention)
    // The flags' own errors come first: a batch that rests on a wrong number says nothing new.
    let split = batch.split(log)
    guard let split, let software, let towers = model?.namedTowers else { return nil }
    var plans: [String: RecomputationPlan] = [:]
    for tower in towers {
      if let plan = recomputation.value(tower), plan != .none { plans[tower] = plan }
    }
    var kernels: [String: AttentionKernel] = [:]
    var fallback = AttentionKernel.unfused
    switch attention {
    case .all(let kernel): fallback = kernel
    case .some(let values): kernels = values
    }
    var strategy = Strategy(
      microBatch: split.micro, accumulation: split.accumulation, dataParallel: split.ranks,
      zeroStage: zero, recomputation: plans, precision: precision, attention: kernels,
      defaultAttention: fallback, contrastiveGather: gather, software: software)
    strategy.tensorParallel = batch.tensorParallel
    strategy.pipelineParallel = batch.pipelineParallel
    strategy.virtualPipeline = virtual
    strategy.sequenceParallel = sequence
    return strategy
  }

  private func readBatch(_ section: Section, _ batch: inout BatchInput) {
    batch.micro = BatchInput.Entry(section, StrategySettings.microBatch, log)
    batch.accumulation = BatchInput.Entry(section, StrategySettings.accumulation, log)
    batch.dataParallel = BatchInput.Entry(section, StrategySettings.dataParallel, log)
    batch.tensorParallel = section.setting(StrategySettings.tensorParallel, log)?.value ?? 1
    batch.pipelineParallel = section.setting(StrategySettings.pipelineParallel, log)?.value ?? 1
    batch.cuttingFlag = [StrategySettings.tensorParallel, StrategySettings.pipelineParallel]
      .first { section.node($0.key)?.location.line == FlagOverlay.line }
      .map { (section, $0.key) }
  }

  private func software(_ section: Section, zero: Int) -> SoftwareStack? {
    let id = section.setting(
      StrategySettings.software, default: defaultSoftware(zero: zero), log)
    guard !id.isEmpty else { return nil }
    return find(id, on: library.stacks, noun: "software stack", section, "software")
  }

  /// The stack that such a run would most likely use.
  private func defaultSoftware(zero: Int) -> String {
    let formats = cluster?.profile.accelerator.peak
    if let formats, formats[.fp16] == nil, formats[.bf16] == nil { return "foretrain-core" }
    if zero > 0 { return "deepspeed-2024" }
    switch model?.family {
    case .blip2Stage1, .blip2Stage2: return "lavis-2023"
    default: return "open-clip-2023"
    }
  }

  /// Mixed precision in the best 16-bit format of the accelerator.
  private var defaultPrecision: Precision {
    let formats = cluster?.profile.accelerator.peak
    if formats?[.bf16] != nil { return .ampBF16 }
    if formats?[.fp16] != nil { return .ampFP16 }
    return .fp32
  }

  private func defaultAttention(_ software: SoftwareStack?) -> AttentionKernel {
    let hasCurve = cluster.map { !$0.profile.efficiency.attention.isEmpty } ?? false
    return hasCurve && software?.attention.contains(.flash) == true ? .flash : .unfused
  }

  private func checkTowers<Value>(_ section: Section, _ key: String, _ values: ByTower<Value>) {
    guard case .some(let map) = values, let names = model?.namedTowers else { return }
    for tower in map.keys.sorted() where !names.contains(tower) {
      section.error(
        key, "the model has no tower '\(tower)'", help: Nearest.help(for: tower, among: names))
    }
  }
}
