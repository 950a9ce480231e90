/// Dynamic loss scaling, as training in fp16 needs it.
///
/// The loss is multiplied by `scale`, so that small gradients stay above fp16's smallest number; the
/// gradients are divided by it before the update. A step whose gradients are not finite is skipped
/// and halves the scale; after `growthInterval` good steps in a row the scale doubles. Here fp16 is
/// emulated: numbers are kept in fp32 and rounded with `roundToFloat16`, so the numerics are those of
/// fp16 while time and memory are not.
///
/// Source: Micikevicius et al., arXiv 1710.03740, section 3.2; constants of torch.amp.GradScaler.
public struct LossScaler: Sendable, Hashable, Codable {
  /// What the loss is multiplied by.
  public private(set) var scale: Float
  /// Good steps since the scale last changed.
  public private(set) var goodSteps: Int
  /// Growth of the scale.
  public let growthFactor: Float
  /// What is left of the scale after a bad step.
  public let backoffFactor: Float
  /// Good steps before the scale grows.
  public let growthInterval: Int

  /// A scaler.
  ///
  /// - Precondition: a scale above 0, growth above 1, backoff between 0 and 1, an interval of 1.
  public init(
    scale: Float = 65_536, growthFactor: Float = 2, backoffFactor: Float = 0.5,
    growthInterval: Int = 2000
  ) {
    precondition(
      scale > 0 && growthFactor > 1 && backoffFactor > 0 && backoffFactor < 1
        && growthInterval >= 1,
      "a scale of \(scale), times \(growthFactor) every \(growthInterval), times \(backoffFactor)")
    self.scale = scale
    goodSteps = 0
    self.growthFactor = growthFactor
    self.backoffFactor = backoffFactor
    self.growthInterval = growthInterval
  }

  /// Takes note of a step, and changes the scale of the next.
  ///
  /// - Parameter isFinite: whether all gradients were finite, as `unscale` reports.
  /// - Returns: whether the parameters are to be updated.
  public mutating func finishStep(isFinite: Bool) -> Bool {
    guard isFinite else {
      scale *= backoffFactor
      goodSteps = 0
      return false
    }
    goodSteps += 1
    if goodSteps == growthInterval {
      let grown = scale * growthFactor
      if grown.isFinite { scale = grown }
      goodSteps = 0
    }
    return true
  }
}
