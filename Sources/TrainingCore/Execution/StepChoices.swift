/// What is left to chance in a step.
///
/// A function of the seed, the step and the sample alone, the same in every pass of a sample.
public struct StepChoices: Sendable, Hashable {
  /// Seed of the run.
  public var seed: UInt64
  /// The step's number.
  public var step: Int

  /// The choices of a step.
  public init(seed: UInt64, step: Int) {
    self.seed = seed
    self.step = step
  }

  /// The patches of a sample that patch dropout keeps, in order.
  ///
  /// - Parameters:
  ///   - count: How many are kept.
  ///   - patches: How many there are.
  ///   - sample: Position in the local batch.
  /// - Returns: Positions of patches, ascending.
  public func keptPatches(_ count: Int, of patches: Int, sample: Int) -> [Int] {
    var random = StepRandom(seed: seed, step: step, purpose: .patches, item: sample)
    return Array(0..<patches).shuffled(using: &random).prefix(count).sorted()
  }

  /// The factor of a sample in a residual branch: 0, or `1 / (1 - rate)`.
  ///
  /// - Parameters:
  ///   - rate: Share of samples that are dropped.
  ///   - layer: The block's position in its tower.
  ///   - branch: Label of the branch's kernel.
  ///   - sample: Position in the local batch.
  /// - Returns: What the branch is multiplied by.
  public func dropPath(rate: Float, layer: Int, branch: String, sample: Int) -> Float {
    var hash = 0
    for byte in branch.utf8 { hash = (hash &* 31 &+ Int(byte)) & 0xFFFF }
    var random = StepRandom(
      seed: seed, step: step, purpose: .dropPath, item: (sample * 4_096 + layer) * 65_536 + hash)
    return Float.random(in: 0..<1, using: &random) < rate ? 0 : 1 / (1 - rate)
  }
}
