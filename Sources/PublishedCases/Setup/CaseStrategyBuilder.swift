import Clusters
import Quantities
import Strategies
import Workloads

/// A case's strategy, with what the stack or the device cannot do replaced by what is nearest.
struct CaseStrategyBuilder {
  let published: PublishedCase
  var cluster: Cluster
  var stack: SoftwareStack
  /// The kernel of attention that the software is known to run; nil where it is not.
  let usual: AttentionKernel?
  let model: ModelSpec
  var notes: CaseNotes

  mutating func strategy() -> Strategy {
    let given = published.strategy
    let precision = precision(given.precision)
    let attention = attention(usual(of: given))
    if !stack.zeroStages.contains(given.zeroStage) {
      notes.add("\(stack.id) has no ZeRO stage \(given.zeroStage): priced all the same")
      stack.zeroStages = (stack.zeroStages + [given.zeroStage]).sorted()
    }
    share(given)
    var strategy = Strategy(
      microBatch: given.microBatch, accumulation: given.accumulation,
      dataParallel: given.dataParallel, zeroStage: given.zeroStage,
      recomputation: recomputation(given.recomputation, attention: attention),
      precision: precision, attention: [:], defaultAttention: attention,
      contrastiveGather: gather(given), software: stack)
    strategy.tensorParallel = given.tensorParallel
    strategy.pipelineParallel = given.pipelineParallel
    strategy.virtualPipeline = given.virtualPipeline
    let layers = model.blockTowerNames.reduce(0) { $0 + model.blockGroups(of: $1).reduce(0, +) }
    let chunks = stack.models.pipelineChunks
    if given.pipelineParallel > 1, given.virtualPipeline == 1, chunks > 1,
      layers % (chunks * given.pipelineParallel) == 0,
      given.accumulation % given.pipelineParallel == 0
    {
      strategy.virtualPipeline = chunks
      notes.add("interleaved with \(chunks) chunks per stage: their number is not stated")
    }
    strategy.sequenceParallel = given.sequenceParallel
    return strategy
  }

  /// A stack without shared layers or stages that a case uses with them.
  private mutating func share(_ given: CaseStrategy) {
    if given.tensorParallel > 1, !stack.tensorParallel {
      stack.tensorParallel = true
      notes.add("\(stack.id) does not list tensor parallelism: priced all the same")
    }
    if given.pipelineParallel > 1, !stack.pipelineParallel {
      stack.pipelineParallel = true
      notes.add("\(stack.id) does not list pipeline parallelism: priced all the same")
    }
  }

  private mutating func precision(_ name: String) -> Precision {
    let peaks = cluster.profile.accelerator.peak
    var precision: Precision
    switch name.lowercased() {
    case "amp", "fp16", "amp-fp16", "mixed": precision = .ampFP16
    case "bf16", "amp-bf16": precision = .ampBF16
    default:
      if let known = Precision(rawValue: name.lowercased()) {
        precision = known
      } else {
        precision = peaks[.bf16] == nil ? .ampFP16 : .ampBF16
        notes.add("precision '\(name)' is not known: priced as \(precision.rawValue)")
      }
    }
    guard peaks[precision.matrixFormat] == nil else { return precision }
    let others: [Precision] =
      switch precision {
      case .ampBF16, .pureBF16: [.ampFP16, .fp32]
      case .ampFP16: [.ampBF16, .fp32]
      case .pureFP16: [.pureBF16, .fp32]
      case .tf32: [.fp32, .ampBF16]
      case .fp32: [.tf32, .ampBF16]
      }
    guard let other = others.first(where: { peaks[$0.matrixFormat] != nil }) else {
      return precision
    }
    notes.add(
      "\(cluster.profile.accelerator.name) has no \(precision.matrixFormat.rawValue) units: priced as \(other.rawValue)"
    )
    precision = other
    return precision
  }

  private mutating func attention(_ name: String) -> AttentionKernel {
    var kernel: AttentionKernel
    switch name.lowercased() {
    case "unfused", "eager", "math", "none": kernel = .unfused
    case "flash", "sdpa", "fused", "xformers", "flash2", "flash3", "flash-attention":
      kernel = .flash
    default:
      kernel = .flash
      notes.add("attention '\(name)' is not known: priced as flash")
    }
    if kernel == .flash, cluster.profile.efficiency.attention.isEmpty { assumeRate() }
    if kernel == .flash, cluster.profile.efficiency.attention.isEmpty {
      notes.add("\(cluster.profile.id) has no rate of fused attention: priced as unfused")
      kernel = .unfused
    }
    if !stack.attention.contains(kernel) {
      stack.attention.append(kernel)
      notes.add("\(stack.id) does not list \(kernel.rawValue) attention: priced all the same")
    }
    return kernel
  }

  /// A rate of fused attention for a device of which none is known.
  ///
  /// Where it ran, no score was stored, and memory follows from that alone. PyTorch's memory-efficient kernel runs from Maxwell on.
  private mutating func assumeRate() {
    let peaks = cluster.profile.accelerator.peak
    guard let peak = (peaks[.fp16] ?? peaks[.bf16])?.value.value else { return }
    cluster.profile.efficiency.attention = [
      Efficiency.AttentionCurve(
        headWidth: 64, plateau: FlopsPerSecond(Self.fusedShare * peak), half: 165)
    ]
    notes.add("\(cluster.profile.id) has no rate of fused attention: 0.3 of the peak is assumed")
  }

  /// Share of the peak that fused attention is assumed to reach: FlashAttention 1 on A100 reaches 0.35.
  static let fusedShare = 0.3

  private mutating func recomputation(
    _ name: String, attention: AttentionKernel
  ) -> [String: RecomputationPlan] {
    let plan: RecomputationPlan
    switch name.lowercased() {
    case "none": plan = .none
    case "full": plan = .full
    case "selective":
      if attention == .flash {
        notes.add("fused attention stores no scores: selective recomputation drops nothing")
        plan = .none
      } else {
        plan = .selective
      }
    default:
      notes.add("recomputation '\(name)' is not known: priced as none")
      plan = .none
    }
    guard plan != .none else { return [:] }
    return Dictionary(uniqueKeysWithValues: model.blockTowerNames.map { ($0, plan) })
  }

  private func isAssumed(_ key: String) -> Bool {
    published.assumed.contains { $0 == "strategy" || $0 == "strategy." + key }
  }

  /// The kernel of attention: the software's own, where the source does not state the case's.
  private mutating func usual(of given: CaseStrategy) -> String {
    guard isAssumed("attention"), let usual, usual.rawValue != given.attention.lowercased() else {
      return given.attention
    }
    notes.add(
      "attention '\(given.attention)' is assumed by the case: priced as \(usual.rawValue), which \(given.software) runs"
    )
    return usual.rawValue
  }

  /// The form of the contrastive loss: the software's own, where the source does not state the case's.
  private mutating func gather(_ given: CaseStrategy) -> ContrastiveGather {
    if given.contrastiveGather == nil || isAssumed("contrastive_gather"),
      let usual = stack.contrastiveGather
    {
      if let name = given.contrastiveGather, name.lowercased() != usual.rawValue {
        notes.add(
          "contrastive gather '\(name)' is assumed by the case: priced as \(usual.rawValue), as \(stack.id) has it"
        )
      }
      return usual
    }
    return gather(given.contrastiveGather)
  }

  private mutating func gather(_ name: String?) -> ContrastiveGather {
    guard let name else { return .local }
    if let known = ContrastiveGather(rawValue: name.lowercased()) { return known }
    notes.add("contrastive gather '\(name)' is not known: priced as local")
    return .local
  }
}
