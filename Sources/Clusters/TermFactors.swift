/// Factors on the seconds that the cost model counts, by kind of kernel; 1 where nothing was fitted.
public struct TermFactors: Sendable, Hashable {
  /// Matrix products.
  public var products: Double
  /// Fused attention with heads narrower than 96.
  public var narrowAttention: Double
  /// Fused attention with wider heads.
  public var wideAttention: Double
  /// Kernels that move bytes.
  public var memoryBound: Double
  /// Kernels on stored scores whose rows are not a multiple of 8.
  public var misalignedScores: Double

  /// Factors, 1 unless said otherwise.
  public init(
    products: Double = 1, narrowAttention: Double = 1, wideAttention: Double = 1,
    memoryBound: Double = 1, misalignedScores: Double = 1
  ) {
    self.products = products
    self.narrowAttention = narrowAttention
    self.wideAttention = wideAttention
    self.memoryBound = memoryBound
    self.misalignedScores = misalignedScores
  }

  /// No change.
  public static let one = TermFactors()

  /// Heads from this width on are wide.
  public static let wideHead = 96

  /// The factor of fused attention.
  public func attention(headWidth: Int) -> Double {
    headWidth < Self.wideHead ? narrowAttention : wideAttention
  }

  /// Both, one after the other.
  public static func * (left: Self, right: Self) -> Self {
    Self(
      products: left.products * right.products,
      narrowAttention: left.narrowAttention * right.narrowAttention,
      wideAttention: left.wideAttention * right.wideAttention,
      memoryBound: left.memoryBound * right.memoryBound,
      misalignedScores: left.misalignedScores * right.misalignedScores)
  }
}
