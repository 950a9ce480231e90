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
  /// 2024: FlashAttention 3, cuDNN on Hopper; elsewhere as the second.
  case third = 3

  /// The curve of this generation on a device, where `curve` is the second one's.
  ///
  /// The third reaches 646 TFLOP/s forward at heads of 128 on an H100 where the second reaches 370
  /// (figures of Dao-AILab/flash-attention), and 1.5 to 1.75 times its rate backward (arXiv
  /// 2407.08608): 1.65 of both together.
  public func curve(
    _ curve: Efficiency.AttentionCurve, on architecture: Architecture
  ) -> Efficiency.AttentionCurve {
    var changed = curve
    switch self {
    case .second: break
    case .third:
      if architecture == .hopper { changed.plateau = FlopsPerSecond(1.65 * curve.plateau.value) }
    case .first:
      let isNarrow = curve.headWidth < 96
      changed.plateau = FlopsPerSecond(curve.plateau.value * (isNarrow ? 108.0 / 177 : 83.0 / 204))
      changed.half = curve.half * (isNarrow ? 90.0 / 165 : 40.0 / 182)
    }
    return changed
  }
}
