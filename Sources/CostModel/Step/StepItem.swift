import Workloads

/// One step of a program with its price looked up: what the walks over time and memory read.
struct StepItem: Sendable {
  /// What happens.
  enum Kind: Sendable {
    case forward
    case backward
    case hold(isInput: Bool)
    case drop
    case collective(Collective.Kind)
    case pass(kernels: Int, family: String)
    case update
  }

  var kind: Kind
  /// Position of the phase.
  var phase: Int
  /// Position in the price book; forward and backward only.
  var price = 0
  /// Applications.
  var count = 1
  var keep = Keep.nothing
  var blocks: BlockRange?
  /// Position of the tower; forward and backward only.
  var tower = 0
  /// Whether what is kept belongs to the loss.
  var isLoss = false
  /// Whether weights are cast here for the first time in the step.
  var castsWeights = false
  /// Elements of weight gradients that appear here for the first time, per application.
  var newGradients = 0.0
  /// Elements of weight gradients that are complete after this, per application.
  var finishedGradients = 0.0
  /// Elements of weight gradients that are written, per application.
  var writtenGradients = 0.0
  /// Bytes of a buffer, of a collective's result, or moved by a pass.
  var bytes = 0.0
  /// Whether this forward only fills a feature cache that a second forward repeats.
  var isCachedFirst = false
}
