public import Workloads

/// One training run of a clean-against-robust study, and how its model is asked afterwards.
///
/// A model that was conditioned on lambda is told several values after one training; one that was
/// not has one point. Runs with a fixed lambda have the two-term loss of the others,
/// `(1 - lambda) l(x) + lambda l(x')`, the same value for every sample, and attack all of them
/// (Wang et al., arXiv 2010.11828, section 4: the models that OAT is compared with).
public struct TradeOffRun: Sendable, Hashable {
  /// For people and files: `none`, `oat`, `lsa-itc`, `lambda 0.4`.
  public let name: String
  /// The method and its knobs.
  public let calibration: CalibrationSettings
  /// Values of lambda that attacked samples draw from in training.
  public let trained: [Float]
  /// Values of lambda that the trained model is told, or that its one point stands for.
  public let told: [Float]

  /// A method with its own knobs: all of `lambdas` where it is conditioned, else a single point.
  ///
  /// Without attack steps a method is plain training: nothing is conditioned.
  public init(method settings: CalibrationSettings, lambdas: [Float]) {
    name = settings.method.rawValue
    var settings = settings
    let isAttacked = settings.method.attacks && settings.attackSteps > 0
    if settings.method.attacks, !isAttacked { settings.conditioning = .none }
    calibration = settings
    trained = lambdas.filter { $0 > 0 }
    told = settings.conditioning == .none ? [isAttacked ? 1 : 0] : lambdas
  }

  /// Training with one lambda for all samples; attack and tower as in `settings`.
  ///
  /// - Precondition: `lambda` is above 0 and at most 1.
  public init(fixed lambda: Float, like settings: CalibrationSettings) {
    precondition(lambda > 0 && lambda <= 1, "lambda \(lambda)")
    var calibration = CalibrationSettings(method: .oat)
    calibration.attackSteps = settings.attackSteps
    calibration.attackSite = settings.attackSite
    calibration.attackImageSize = settings.attackImageSize
    // As long under attack as the model that it stands beside.
    calibration.phaseShare = settings.phaseShare
    calibration.conditioning = .none
    calibration.cleanShare = 0
    self.calibration = calibration
    name = "lambda \(lambda)"
    trained = [lambda]
    told = [lambda]
  }
}
