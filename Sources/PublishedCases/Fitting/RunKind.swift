import Clusters
public import Planning
import Strategies
import Workloads

/// Kinds of runs whose predictions miss alike.
public enum RunKind: String, Sendable, Hashable, CaseIterable {
  /// Tensor or pipeline parallel.
  case modelParallel = "model-parallel"
  /// Gradients or parameters sharded.
  case sharded
  /// An image tower, a bridge and a language model or captions.
  case bridge
  /// One device.
  case oneDevice = "one-device"
  /// A contrastive loss over one node.
  case contrastiveOneNode = "contrastive-one-node"
  /// A contrastive loss across nodes.
  case contrastiveManyNodes = "contrastive-many-nodes"
  /// Data parallel within one node.
  case oneNode = "one-node"
  /// Data parallel across nodes.
  case manyNodes = "many-nodes"

  /// The kind of a scenario's run.
  public init(_ scenario: Scenario) {
    let strategy = scenario.strategy
    switch scenario.workload.model.family {
    case .blip2Stage1, .blip2Stage2, .visionLanguage: self = .bridge
    default:
      if strategy.tensorParallel > 1 || strategy.pipelineParallel > 1 {
        self = .modelParallel
      } else if strategy.zeroStage >= 2 {
        self = .sharded
      } else if scenario.cluster.accelerators == 1 {
        self = .oneDevice
      } else {
        let isOne = scenario.cluster.nodes == 1
        self =
          scenario.workload.isContrastive
          ? (isOne ? .contrastiveOneNode : .contrastiveManyNodes) : (isOne ? .oneNode : .manyNodes)
      }
    }
  }
}
