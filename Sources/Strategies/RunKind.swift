public import Clusters
import Workloads

/// Kinds of runs whose predictions miss alike.
public enum RunKind: String, Sendable, Hashable, CaseIterable {
  /// The input pipeline, not the device, sets the pace.
  case inputBound = "input-bound"
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

  /// The kind of a run.
  ///
  /// - Parameters:
  ///   - strategy: How ranks share the work.
  ///   - workload: What is trained.
  ///   - cluster: Where.
  ///   - isInputBound: Whether the model says that input sets the pace.
  public init(
    _ strategy: Strategy, workload: Workload, cluster: Cluster, isInputBound: Bool
  ) {
    guard !isInputBound else {
      self = .inputBound
      return
    }
    switch workload.model.family {
    case .blip2Stage1, .blip2Stage2, .visionLanguage: self = .bridge
    default:
      if strategy.tensorParallel > 1 || strategy.pipelineParallel > 1 {
        self = .modelParallel
      } else if strategy.zeroStage >= 2 {
        self = .sharded
      } else if cluster.accelerators == 1 {
        self = .oneDevice
      } else {
        let isOne = cluster.nodes == 1
        self =
          workload.isContrastive
          ? (isOne ? .contrastiveOneNode : .contrastiveManyNodes) : (isOne ? .oneNode : .manyNodes)
      }
    }
  }
}
