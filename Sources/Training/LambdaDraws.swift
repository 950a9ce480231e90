import TrainingData
public import Workloads

/// Which samples of a step are attacked, and how much the attack counts for each.
///
/// In every micro-batch the attacked samples come first, as many as the program has: all but
/// `round(p0 b)`. Their lambda is drawn from the values above 0, {0.1, 0.2, 0.3, 0.4, 1} unless said
/// otherwise, with equal odds; the others have 0 (Wang et al., arXiv 2010.11828). Methods that know
/// no lambda attack all samples fully.
///
/// A function of the seed and the step's number.
public struct LambdaDraws: Sendable {
  /// No other draw of this project uses it.
  private static let stream: UInt32 = 0x4C41_4D42

  /// Chooses all lambdas.
  public let seed: UInt64
  /// Values that attacked samples draw from, all above 0.
  public let values: [Float]

  /// Draws of a seed; values of 0 are left out, as clean samples are counted and not drawn.
  ///
  /// - Precondition: at least one value is above 0.
  public init(seed: UInt64, values: [Float] = MethodStrengths().lambdas) {
    self.seed = seed
    self.values = values.filter { $0 > 0 }
    precondition(!self.values.isEmpty, "lambdas \(values)")
  }

  /// lambda of every sample of the local batch; empty where nothing is attacked.
  public func lambdas(of options: ProgramOptions, step: Int) -> [Float] {
    let calibration = options.calibration
    guard calibration.method.attacks, calibration.attackSteps > 0 else { return [] }
    let attacked = Self.attacked(of: options.microBatch, calibration)
    var generator = CounterGenerator(
      seed: seed, stream: Self.stream, index: UInt64(bitPattern: Int64(step)))
    return (0..<options.accumulation).flatMap { _ in
      (0..<options.microBatch).map { sample -> Float in
        guard sample < attacked else { return 0 }
        return calibration.method.knowsLambda ? generator.pick(values) : 1
      }
    }
  }

  /// Attacked samples of a micro-batch, counted as the program counts them.
  public static func attacked(of samples: Int, _ calibration: CalibrationSettings) -> Int {
    guard calibration.method.knowsLambda else { return samples }
    let share = 1 - calibration.cleanShare
    return samples - Int(((1 - share) * Double(samples)).rounded())
  }
}

extension CalibrationMethod {
  /// Whether lambda weighs the losses; the other methods train on attacked images alone.
  public var knowsLambda: Bool {
    switch self {
    case .oat, .lsaITC, .lsaITCSequential: true
    case .none, .lossReweight, .layerProbe, .atLR, .anchored, .teacher: false
    }
  }

  /// Whether the most vulnerable layers are regularised.
  public var regularisesLayers: Bool {
    switch self {
    case .atLR, .lsaITC, .lsaITCSequential: true
    case .none, .lossReweight, .layerProbe, .oat, .anchored, .teacher: false
    }
  }
}
