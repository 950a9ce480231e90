import Clusters
import CostModel
import Quantities
import Strategies
import Workloads

/// What was priced, repeated on every output: model, card and its memory, batch, precision,
/// calibration.
struct Subject: Sendable {
  let estimate: Estimate

  private var strategy: Strategy { estimate.strategy }

  /// The model and where it runs.
  ///
  /// `EVA02-E-14-plus on 144 x NVIDIA A100 (79.15 GiB each), profile a100-80gb-sxm-dgx`
  var hardware: String {
    "\(estimate.model) on \(Figures.count(estimate.accelerators)) x \(estimate.acceleratorName) "
      + "(\(Figures.gibibytes(estimate.memory.capacity)) each), profile \(estimate.hardware)"
  }

  /// How the global batch is made up, and how much is trained.
  ///
  /// `global batch 144,000 = micro-batch 1,000 x accumulation 1 x 144 ranks, 9.00e9* samples seen`
  var batch: String {
    "global batch \(Figures.count(estimate.globalBatch)) = micro-batch "
      + "\(Figures.count(strategy.microBatch)) x accumulation \(strategy.accumulation) x "
      + "\(Figures.count(strategy.dataParallel)) ranks, \(Figures.large(estimate.samplesSeen))"
      + "\(Marks(estimate).samples) samples seen"
  }

  /// The rest of the strategy.
  ///
  /// `amp-bf16, ZeRO-1, recomputation full, attention image flash, text unfused, lamb, eva-clip-2023`
  var execution: String {
    var parts = [strategy.precision.rawValue, "ZeRO-\(strategy.zeroStage)"]
    parts.append("recomputation " + recomputation)
    parts.append("attention " + attention)
    parts.append(estimate.workload.optimizer.rawValue)
    if estimate.workload.isContrastive {
      parts.append("\(strategy.contrastiveGather.rawValue) contrastive loss")
    }
    if strategy.tensorParallel > 1 { parts.append("tensor-parallel \(strategy.tensorParallel)") }
    if strategy.pipelineParallel > 1 {
      parts.append("pipeline-parallel \(strategy.pipelineParallel)")
    }
    if strategy.virtualPipeline > 1 { parts.append("\(strategy.virtualPipeline) chunks per stage") }
    if strategy.sequenceParallel { parts.append("sequence-parallel") }
    return (parts + ["software \(strategy.software.id)"]).joined(separator: ", ")
  }

  var recomputation: String {
    Self.byTower(strategy.recomputation(for: estimate.workload), \.summary)
  }

  var attention: String {
    Self.byTower(strategy.attention(for: estimate.workload), \.rawValue)
  }

  /// `lsa-itc: K = 2 at pixels, clean share 0.167, ...` or `none (plain training)`.
  var calibration: String { Self.calibration(estimate.workload.calibration) }

  /// The strategy in a few words, for tables of plans.
  var plan: String {
    var parts = [
      "micro-batch \(Figures.count(strategy.microBatch))"
        + (strategy.accumulation > 1 ? " x \(strategy.accumulation)" : ""),
      "ZeRO-\(strategy.zeroStage)",
    ]
    if recomputation != "none" { parts.append("recompute " + recomputation) }
    parts.append(attention)
    return parts.joined(separator: ", ")
  }

  /// Everything, as lines.
  var lines: [String] { [hardware, batch, execution, "calibration " + calibration] }

  static func calibration(_ settings: CalibrationSettings) -> String {
    let method = settings.method
    guard method != .none else { return "none (plain training)" }
    var parts: [String] = []
    switch method {
    case .atLR, .oat, .lsaITC, .lsaITCSequential, .anchored, .layerProbe:
      parts.append("K = \(settings.attackSteps) at \(settings.attackSite)")
    case .none, .lossReweight, .teacher: break
    }
    switch method {
    case .oat, .lsaITC, .lsaITCSequential:
      parts.append("clean share \(Format.fixed(settings.cleanShare, digits: 3))")
      parts.append("conditioning \(settings.conditioning.rawValue)")
    default: break
    }
    if settings.phaseShare != 1 {
      parts.append("phase share \(Format.significant(settings.phaseShare, digits: 3))")
    }
    return method.rawValue + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
  }

  static func byTower<Value: Hashable>(
    _ towers: [(tower: String, value: Value)], _ text: (Value) -> String
  ) -> String {
    guard let first = towers.first else { return "none" }
    if towers.allSatisfy({ $0.value == first.value }) { return text(first.value) }
    return towers.map { "\($0.tower) \(text($0.value))" }.joined(separator: " / ")
  }
}
