public import Clusters
import Workloads

/// A rule that a strategy must keep, as a value with a name and a sentence.
public enum LegalityRule: String, Sendable, Hashable, CaseIterable {
  /// Micro-batch, accumulation and ranks multiply to the global batch.
  case batchDivides = "batch-divides"
  /// Ranks multiply to the accelerators of the cluster.
  case fillsCluster = "fills-cluster"
  /// The software implements tensor and pipeline parallelism.
  case parallelismSupported = "parallelism-supported"
  /// Heads, hidden units and tokens divide among the ranks that share a layer.
  case tensorDivides = "tensor-divides"
  /// Every stage has blocks, every chunk of an interleaved schedule as many.
  case pipelineDivides = "pipeline-divides"
  /// A pipeline cuts one chain of blocks.
  case pipelineChain = "pipeline-chain"
  /// What is trained of a tower can be told rank by rank.
  case partlyTrained = "partly-trained"
  /// The device has matrix units for the precision.
  case precisionSupported = "precision-supported"
  /// The software and the device have the attention kernel.
  case attentionSupported = "attention-supported"
  /// The software implements the ZeRO stage.
  case zeroSupported = "zero-supported"
  /// Selective recomputation needs stored scores to drop.
  case selectiveDropsSomething = "selective-drops-something"
  /// Accumulation of a loss that couples samples needs cached features; matching losses have none.
  case accumulationKeepsBatch = "accumulation-keeps-batch"
  /// Batches are positive.
  case microBatchPositive = "micro-batch-positive"

  /// One sentence for people.
  public var sentence: String {
    switch self {
    case .batchDivides:
      "micro-batch x accumulation x data-parallel ranks must equal the global batch"
    case .fillsCluster: "the parallel degrees must multiply to the number of accelerators"
    case .parallelismSupported:
      "the software must implement tensor, sequence and pipeline parallelism where they are used"
    case .tensorDivides:
      "heads, hidden units and, with sequence parallelism, tokens must divide among tensor-parallel ranks"
    case .pipelineDivides:
      "every pipeline stage needs a block; interleaved chunks need equal ones and as many micro-batches as stages divide"
    case .pipelineChain:
      "a pipeline cuts one chain of blocks; a loss that joins two towers, bridges and attacks need all of them at once"
    case .partlyTrained:
      "adapters of layers that ranks share are not modelled, nor pipelines whose first stages are frozen"
    case .precisionSupported: "the accelerator needs matrix units for the precision"
    case .attentionSupported: "software and accelerator must have the attention kernel"
    case .zeroSupported: "the software must implement the ZeRO stage"
    case .selectiveDropsSomething:
      "selective recomputation drops stored attention scores; fused attention stores none"
    case .accumulationKeepsBatch:
      "accumulation would shrink the contrastive batch: the matching loss cannot cache features"
    case .microBatchPositive: "the micro-batch must be at least 1"
    }
  }
}

/// A strategy that was turned down, with the rule and the numbers.
public struct Rejection: Sendable, Hashable {
  /// The strategy.
  public var strategy: Strategy
  /// The rule's name, or `memory`.
  public var rule: String
  /// The numbers, for example `needs 91.3 GiB, has 79.2`.
  public var detail: String

  /// A rejection.
  public init(strategy: Strategy, rule: String, detail: String) {
    self.strategy = strategy
    self.rule = rule
    self.detail = detail
  }
}

extension Strategy {
  /// All rules that the strategy breaks on this workload and cluster, with numbers.
  public func violations(
    workload: Workload, cluster: Cluster
  ) -> [(rule: LegalityRule, detail: String)] {
    var broken: [(rule: LegalityRule, detail: String)] = []
    broken += parallelViolations(workload: workload)
    if microBatch < 1 || accumulation < 1 {
      broken.append(
        (.microBatchPositive, "micro-batch \(microBatch), accumulation \(accumulation)"))
    }
    if globalBatch != workload.globalBatch {
      broken.append(
        (
          .batchDivides,
          "\(microBatch) x \(accumulation) x \(dataParallel) = \(globalBatch), global batch is \(workload.globalBatch)"
        ))
    }
    if accelerators != cluster.accelerators {
      broken.append(
        (.fillsCluster, "strategy uses \(accelerators) of \(cluster.accelerators) accelerators"))
    }
    if cluster.profile.accelerator.peak[precision.matrixFormat] == nil {
      broken.append(
        (
          .precisionSupported,
          "\(cluster.profile.accelerator.name) has no \(precision.matrixFormat.rawValue) units"
        ))
    }
    let kernels = Set(attention.values).union([defaultAttention])
    for kernel in kernels.sorted(by: { $0.rawValue < $1.rawValue }) {
      if !software.attention.contains(kernel) {
        broken.append((.attentionSupported, "\(software.id) has no \(kernel.rawValue) attention"))
      } else if kernel == .flash, cluster.profile.efficiency.attention.isEmpty {
        broken.append(
          (.attentionSupported, "\(cluster.profile.id) has no fused attention kernel"))
      }
    }
    if !software.zeroStages.contains(zeroStage) {
      broken.append((.zeroSupported, "\(software.id) has no ZeRO stage \(zeroStage)"))
    }
    for (tower, plan) in recomputation.sorted(by: { $0.key < $1.key })
    where plan == .selective && (attention[tower] ?? defaultAttention) == .flash {
      broken.append((.selectiveDropsSomething, "tower \(tower) uses flash attention"))
    }
    if accumulation > 1, case .blip2Stage1 = workload.model.family {
      broken.append((.accumulationKeepsBatch, "accumulation \(accumulation)"))
    }
    return broken
  }
}
