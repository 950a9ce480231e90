/// Factors on the seconds that the cost model counts, by kind of kernel; 1 where nothing was fitted.
public struct TermFactors: Sendable, Hashable {
  /// Matrix products.
  public var products: Double
  /// Fused attention.
  public var attention: Double
  /// Kernels that move bytes.
  public var memoryBound: Double
  /// Kernels on stored scores whose rows are not a multiple of 8.
  public var misalignedScores: Double

  /// Factors, 1 unless said otherwise.
  public init(
    products: Double = 1, attention: Double = 1, memoryBound: Double = 1,
    misalignedScores: Double = 1
  ) {
    self.products = products
    self.attention = attention
    self.memoryBound = memoryBound
    self.misalignedScores = misalignedScores
  }

  /// No change.
  public static let one = TermFactors()

  /// Both, one after the other.
  public static func * (left: Self, right: Self) -> Self {
    Self(
      products: left.products * right.products, attention: left.attention * right.attention,
      memoryBound: left.memoryBound * right.memoryBound,
      misalignedScores: left.misalignedScores * right.misalignedScores)
  }
}
