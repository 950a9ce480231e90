/// Numbers of a calibration method that decide what it does and cost nothing.
public struct MethodStrengths: Sendable, Hashable, Codable {
  /// Largest perturbation: of pixels in [0, 1], or of what else is attacked in its own units.
  public var attackRadius: Float
  /// Length of one attack step, in the same units.
  public var attackStepSize: Float
  /// Share of the run over which radius and step grow linearly from 0 to their full length; 0: none.
  ///
  /// As in Debenedetti et al., arXiv 2209.07399: transformers that are attacked at full
  /// strength from their first step on may never leave chance.
  public var attackWarmUp: Float
  /// Values of lambda; samples with 0 are counted by the clean share, not drawn.
  public var lambdas: [Float]
  /// What the learning rate of the parameters that condition on lambda is multiplied by.
  public var conditioningRate: Float
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
    attackWarmUp = 0
    lambdas = [0, 0.1, 0.2, 0.3, 0.4, 1]
    conditioningRate = 1
    threshold = 1
    targetShare = 0.1
    gain = 0.01
  }

  /// What radius and step of `step`, counted from 0, are multiplied by: above 0, at most 1.
  ///
  /// - Parameters:
  ///   - step: The step.
  ///   - steps: Those of the whole run.
  /// - Returns: The factor.
  public func attackScale(ofStep step: Int, of steps: Int) -> Float {
    let growing = attackWarmUp * Float(steps)
    return Float(step + 1) < growing ? Float(step + 1) / growing : 1
  }
}
