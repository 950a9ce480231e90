import Workloads

/// The fullest instant of a step: a walk over what is live, never a sum of category maxima.
///
/// Forwards add what they keep, backwards release it and add weight gradients; while one
/// application runs, its own temporaries are live on top. Within a run of identical blocks only
/// the first and the last application can be the fullest, so both are looked at.
struct MemoryWalk: Sendable {
  /// Bytes at the peak.
  private(set) var activations = 0.0
  private(set) var loss = 0.0
  private(set) var gradients = 0.0
  /// Most bytes of features, logits and their gradients at any instant.
  private(set) var mostLoss = 0.0
  /// The phase and the item at the peak.
  private(set) var phase = 0
  private(set) var item = 0
  /// Sum of the three at the peak, with what the allocator loses on activations.
  private(set) var peak = -1.0

  private var liveActivations = 0.0
  private var liveLoss = 0.0
  private var liveGradients: Double
  private let allocatorLoss: Double

  /// Walks `items` with gradients as `state` says.
  ///
  /// - Parameters:
  ///   - items: The step.
  ///   - prices: What the items point into.
  ///   - state: What stays from step to step.
  ///   - inFlight: Micro-batches whose activations are live at most, the walked one included.
  ///   - stage: Bytes that a pipeline stage keeps beside what its items keep.
  ///   - allocatorLoss: Share of activations that the allocator loses, and so the fullest instant holds.
  init(
    _ items: [StepItem], prices: [SegmentPrice], state: StateBytes, inFlight: Double = 1,
    stage: Double = 0, allocatorLoss: Double = 0
  ) {
    self.allocatorLoss = allocatorLoss
    let grows = state.growingGradientBytes
    liveGradients = state.setAside + (grows > 0 ? 0 : state.gradients)
    liveActivations = stage
    if inFlight > 1 {
      // Other micro-batches that are between their forward and their backward on this stage.
      for item in items {
        guard case .forward = item.kind else { continue }
        add(item, (inFlight - 1) * prices[item.price].kept(item.keep) * Double(item.count))
      }
    }
    look(at: 0, phase: items.first?.phase ?? 0, activations: 0, loss: 0)
    for (index, item) in items.enumerated() {
      switch item.kind {
      case .forward:
        let price = prices[item.price]
        let kept = price.kept(item.keep)
        let before = kept * Double(item.count - 1)
        let transient: Double
        switch item.keep {
        case .all: transient = price.forwardPeak
        case .selective: transient = price.selectiveForwardPeak
        case .input, .nothing: transient = price.inferencePeak
        }
        add(item, before)
        look(at: index, phase: item.phase, transient: transient, of: item)
        add(item, kept)
      case .backward:
        let price = prices[item.price]
        let kept = price.kept(item.keep)
        let transient =
          item.keep == .input ? price.recomputePeak : price.backwardPeak
        let grown = item.newGradients * grows
        add(item, -kept)
        // The gradient of the running block exists while it runs.
        liveGradients += grown
        look(at: index, phase: item.phase, transient: transient, of: item)
        if item.count > 1 {
          add(item, -kept * Double(item.count - 1))
          liveGradients += grown * Double(item.count - 1)
          look(at: index, phase: item.phase, transient: transient, of: item)
        }
      case .hold:
        add(item, item.bytes)
        look(at: index, phase: item.phase, activations: 0, loss: 0)
      case .drop: add(item, -item.bytes)
      case .update: look(at: index, phase: item.phase, activations: state.update, loss: 0)
      case .collective, .pass: break
      }
    }
  }

  private mutating func add(_ item: StepItem, _ bytes: Double) {
    if item.isLoss { liveLoss += bytes } else { liveActivations += bytes }
  }

  private mutating func look(
    at index: Int, phase: Int, transient: Double, of item: StepItem
  ) {
    look(
      at: index, phase: phase, activations: item.isLoss ? 0 : transient,
      loss: item.isLoss ? transient : 0)
  }

  private mutating func look(at index: Int, phase: Int, activations more: Double, loss: Double) {
    mostLoss = max(mostLoss, liveLoss + loss)
    let total =
      (1 + allocatorLoss) * (liveActivations + more) + liveLoss + loss + liveGradients
    guard total > peak else { return }
    peak = total
    activations = liveActivations + more
    self.loss = liveLoss + loss
    gradients = liveGradients
    self.phase = phase
    item = index
  }

  /// Live dynamic bytes after the last item: 0 for a balanced program.
  var remaining: Double { liveActivations + liveLoss }
}
