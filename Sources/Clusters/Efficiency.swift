public import Quantities

/// How much of its peak a device reaches, by kind of kernel.
///
/// Constants as data.
public struct Efficiency: Sendable, Hashable {
  /// Rate of fused attention: `plateau n / (n + half)` FLOP/s at n tokens, by head width.
  public struct AttentionCurve: Sendable, Hashable {
    /// Head width for which the constants hold.
    public var headWidth: Int
    /// The rate at many tokens.
    public var plateau: FlopsPerSecond
    /// The token count at which half of the plateau is reached.
    public var half: Double
    /// One curve.
    public init(headWidth: Int, plateau: FlopsPerSecond, half: Double) {
      self.headWidth = headWidth
      self.plateau = plateau
      self.half = half
    }
  }

  /// Shares of memory bandwidth that memory-bound kernels reach.
  public struct MemoryBound: Sendable, Hashable {
    /// Element-wise kernels and copies.
    public var elementwise: Sourced<Double>
    /// LayerNorm and RMSNorm.
    public var normalization: Sourced<Double>
    /// Softmax over rows.
    public var softmax: Sourced<Double>
    /// The fused optimizer update.
    public var optimizer: Sourced<Double>
    /// Shares of bandwidth.
    public init(
      elementwise: Sourced<Double>, normalization: Sourced<Double>, softmax: Sourced<Double>,
      optimizer: Sourced<Double>
    ) {
      self.elementwise = elementwise
      self.normalization = normalization
      self.softmax = softmax
      self.optimizer = optimizer
    }
  }

  /// Seconds of published training steps over this model's, for the device's architecture.
  public var fitted = TermFactors.one
  /// The matrix-product curve.
  public var gemm: Sourced<GEMMCurve>
  /// Range of the true matrix-product time around the curve's.
  public var gemmRange: Range90
  /// Fused attention by head width; empty where no such kernel exists.
  public var attention: [AttentionCurve]
  /// Who says so, for the attention curves.
  public var attentionOrigin: Sourced<Bool>
  /// Token counts for which the attention curves were measured.
  public var attentionMeasured: ClosedRange<Int>
  /// Memory-bound kernels.
  public var memoryBound: MemoryBound
  /// Least time of one kernel on the device, back to back.
  public var kernelLaunch: Sourced<Seconds>
  /// Time the host needs to issue one eager operator.
  public var eagerOperator: Sourced<Seconds>
  /// Laws of this project's own core, kernel by kernel; nil where nobody has measured it here.
  public var kernels: KernelLaws?

  /// Efficiencies from their parts.
  public init(
    gemm: Sourced<GEMMCurve>, gemmRange: Range90, attention: [AttentionCurve],
    attentionOrigin: Sourced<Bool>, attentionMeasured: ClosedRange<Int>,
    memoryBound: MemoryBound, kernelLaunch: Sourced<Seconds>, eagerOperator: Sourced<Seconds>
  ) {
    self.gemm = gemm
    self.gemmRange = gemmRange
    self.attention = attention
    self.attentionOrigin = attentionOrigin
    self.attentionMeasured = attentionMeasured
    self.memoryBound = memoryBound
    self.kernelLaunch = kernelLaunch
    self.eagerOperator = eagerOperator
  }
}
