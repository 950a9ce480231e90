public import TrainingCore

/// The update rule of a real run.
public enum UpdateRule: String, Sendable, Hashable, CaseIterable, Codable {
  /// Adam with decoupled weight decay.
  case adamw
  /// AdamW with a trust ratio per tensor.
  case lamb
}

/// Numbers that fewer bits could hold, in the memory and at the speed of fp32.
public enum NumericEmulation: String, Sendable, Hashable, CaseIterable, Codable {
  /// fp32 throughout.
  case none
  /// Weights are rounded to bfloat16 before each step, gradients after it; the update works on an
  /// fp32 copy of the weights. Activations stay fp32.
  case bf16
  /// The same with IEEE binary16, and a dynamic loss scale: a step whose scaled gradients fp16
  /// cannot hold is skipped. Gradients inside the step stay fp32.
  case fp16
}

/// What a run does beside its scenario: how long, how fast, from which seed.
public struct RunSettings: Sendable, Hashable, Codable {
  /// Optimizer steps of the whole run.
  public var steps: Int
  /// The update rule.
  public var rule: UpdateRule
  /// The highest learning rate.
  public var learningRate: Float
  /// Steps of linear growth to it; half a cosine down to 0 follows.
  public var warmupSteps: Int
  /// Decoupled weight decay, of matrices alone.
  public var weightDecay: Float
  /// Factor on the learning rate from a layer to the one before it.
  public var layerDecay: Float
  /// Largest gradient norm; nil: gradients are left as they are.
  public var clipNorm: Float?
  /// Decay of the first moment.
  public var beta1: Float
  /// Decay of the second moment.
  public var beta2: Float
  /// Added to the root of the second moment.
  public var epsilon: Float
  /// Seed of weights, data, lambdas and attacks.
  public var seed: UInt64
  /// Emulated number format.
  public var emulation: NumericEmulation

  /// CLIP's constants (Radford et al., arXiv 2103.00020, appendix F) at a batch of tens: a tenth of
  /// the steps is warm-up.
  ///
  /// - Precondition: at least one step.
  public init(steps: Int, rule: UpdateRule = .adamw, seed: UInt64 = 1) {
    precondition(steps >= 1, "\(steps) steps")
    self.steps = steps
    self.rule = rule
    self.seed = seed
    learningRate = 5e-4
    warmupSteps = min(steps / 10, 2_000)
    weightDecay = 0.2
    layerDecay = 1
    clipNorm = nil
    beta1 = 0.9
    beta2 = 0.98
    epsilon = 1e-6
    emulation = .none
  }

  /// The learning rate of every step.
  public var schedule: LearningRateSchedule {
    LearningRateSchedule(
      peak: learningRate, warmupSteps: min(warmupSteps, steps - 1),
      shape: .cosine(steps: steps, floor: 0))
  }
}
