public import Clusters
import Quantities

/// Generations of FlashAttention, by the rates that their authors publish.
///
/// Profiles hold the second one's. Source: figures of Dao-AILab/flash-attention for A100, forward and
/// backward: the first reaches 108 n / (n + 90) TFLOP/s at heads of 64 and 83 n / (n + 40) at 128,
/// the second 177 n / (n + 165) and 204 n / (n + 182).
public enum FusedAttentionGeneration: Int, Sendable, Hashable, CaseIterable {
  /// 2022: FlashAttention, its Triton form, xFormers.
  case first = 1
  /// 2023: FlashAttention 2, PyTorch 2.2.
  case second = 2

  /// The curve of this generation where `curve` is the second one's.
  public func curve(_ curve: Efficiency.AttentionCurve) -> Efficiency.AttentionCurve {
    guard self == .first else { return curve }
    var slower = curve
    let isNarrow = curve.headWidth < 96
    slower.plateau = FlopsPerSecond(curve.plateau.value * (isNarrow ? 108.0 / 177 : 83.0 / 204))
    slower.half = curve.half * (isNarrow ? 90.0 / 165 : 40.0 / 182)
    return slower
  }
}
