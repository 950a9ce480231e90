import Clusters
import Quantities
public import Workloads

/// Seconds of fused attention, from published FlashAttention rates.
///
/// `rate(n) = plateau n / (n + half)` fits rows of 512 tokens and more; below, whole tiles of 128
/// queries by 64 keys are computed, so the FLOP are those of the padded lengths. Head widths are
/// padded to multiples of 32. Causal kernels skip all tiles above the diagonal.
struct FusedAttentionTime: Sendable {
  let curves: [Efficiency.AttentionCurve]
  /// Rate of the compute type over that of the type the curves were measured in.
  let formatFactor: Double
  let launch: Double

  /// Seconds of one call that executes `hardwareFlops` on `shape`.
  func seconds(_ shape: AttentionShape, hardwareFlops: Double) -> Double {
    guard let curve = curve(shape)?.element else { return .infinity }
    let keys = Double(shape.keys)
    let rate = formatFactor * curve.plateau.value * keys / (keys + curve.half)
    return launch + AttentionTiles.flops(shape, hardwareFlops: hardwareFlops) / rate
  }

  /// The curve of the nearest head width, and its position.
  func curve(
    _ shape: AttentionShape
  ) -> (offset: Int, element: Efficiency.AttentionCurve)? {
    curves.enumerated().min(by: {
      abs($0.element.headWidth - shape.headWidth) < abs($1.element.headWidth - shape.headWidth)
    })
  }
}

/// What fused attention computes, tile by tile.
public enum AttentionTiles {
  /// FLOP of whole tiles and padded heads; those above a causal diagonal are skipped.
  public static func flops(_ shape: AttentionShape, hardwareFlops: Double) -> Double {
    let width = (shape.headWidth + 31) / 32 * 32
    var executed = hardwareFlops * Double(width) / Double(shape.headWidth)
    if shape.queries < 512 || shape.keys < 512 {
      let padded = ((shape.queries + 127) / 128 * 128) * ((shape.keys + 63) / 64 * 64)
      executed *= Double(padded) / Double(shape.queries * shape.keys)
    }
    if shape.causal { executed *= min(1, 0.5 + 64 / Double(shape.keys)) }
    return executed
  }
}
