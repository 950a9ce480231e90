/// Numbers of a calibration method that decide what it does and cost nothing.
public struct MethodStrengths: Sendable, Hashable, Codable {
  /// Largest perturbation: of pixels in [0, 1], or of what else is attacked in its own units.
  public var attackRadius: Float
  /// Length of one attack step, in the same units.
  public var attackStepSize: Float
  /// Values of lambda; samples with 0 are counted by the clean share, not drawn.
  public var lambdas: [Float]
  /// eta: deviations above the mean from which a layer counts as vulnerable.
  public var threshold: Float
  /// kappa: what share of the contrastive loss the regulariser should have.
  public var targetShare: Float
  /// k: how fast gamma follows.
  public var gain: Float

  /// The defaults of `Documentation/lsa-itc.md`.
  public init() {
    attackRadius = 4 / 255
    attackStepSize = 2 / 255
    lambdas = [0, 0.1, 0.2, 0.3, 0.4, 1]
    threshold = 1
    targetShare = 0.1
    gain = 0.01
  }
}
