/// Accuracy of one trained model at one value of lambda.
public struct SweepPoint: Sendable, Hashable, Codable {
  /// The value of lambda that the model was told.
  public var lambda: Float
  /// Share of images whose class is found.
  public var clean: Double
  /// The same after an attack on every image.
  public var attacked: Double
  /// Images that were looked at.
  public var images: Int

  /// A point.
  public init(lambda: Float, clean: Double, attacked: Double, images: Int) {
    self.lambda = lambda
    self.clean = clean
    self.attacked = attacked
    self.images = images
  }

  /// Half the width of the 95 % interval of a share of independent images, `1.96 sqrt(p (1 - p) / n)`.
  public func margin(of share: Double) -> Double {
    1.96 * (share * (1 - share) / Double(max(1, images))).squareRoot()
  }
}
