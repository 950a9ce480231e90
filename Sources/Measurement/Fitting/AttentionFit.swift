import Clusters
import CostModel
import LinearProgramming
import Quantities
import Workloads

/// The rate of fused attention, `plateau n / (n + half)` at n keys, by head width.
///
/// What any software would reach on this machine; the core's own attention has laws of its own.
public struct AttentionFit: Sendable, Hashable, Codable {
  /// One head width.
  public struct Curve: Sendable, Hashable, Codable {
    /// Width of a head.
    public var headWidth: Int
    /// FLOP per second at many keys.
    public var plateau: Double
    /// Keys at which half of it is reached.
    public var half: Double
  }

  /// By growing head width.
  public var widths: [Curve]
  /// Fewest keys that were measured.
  public var fewestKeys: Int
  /// Most keys.
  public var mostKeys: Int

  /// Fits `t = F / plateau + F half / (plateau n)`, which is linear in `1 / plateau` and
  /// `half / plateau`; nil where none was timed.
  ///
  /// - Throws: `BenchError.fit` where the solver finds no answer.
  init?(_ table: BenchTable) throws(BenchError) {
    var calls: [Int: [(flops: Double, keys: Double, seconds: Double)]] = [:]
    for row in table.rows {
      guard case .inChain(let work) = row.item.kernel, work.family.hasPrefix("attention"),
        let shape = Self.shape(of: work)
      else { continue }
      let flops = AttentionTiles.flops(shape, hardwareFlops: work.flops)
      calls[shape.headWidth, default: []].append(
        (flops, Double(shape.keys), row.seconds.median))
    }
    var widths: [Curve] = []
    for width in calls.keys.sorted() {
      guard let own = calls[width] else { continue }
      var question = LeastAbsoluteDeviation(
        "attention", [.init("plateau"), .init("half")])
      // Two calls cannot tell how the rate grows with the keys.
      let growth = own.count >= KernelFit.fewest ? 1.0 : 0
      question.observations = own.map {
        .init([$0.flops, growth * $0.flops / $0.keys], target: $0.seconds)
      }
      let fit: Fit
      do { fit = try question.fit(using: GLPKSolver()) } catch { throw .fit("attention: \(error)") }
      guard fit.coefficients[0] > 0 else { continue }
      widths.append(
        Curve(
          headWidth: width, plateau: 1 / fit.coefficients[0],
          half: fit.coefficients[1] / fit.coefficients[0]))
    }
    guard !widths.isEmpty else { return nil }
    self.widths = widths
    let keys = calls.values.flatMap { $0.map(\.keys) }
    fewestKeys = Int(keys.min() ?? 1)
    mostKeys = Int(keys.max() ?? 1)
  }

  /// The sizes that the counts of one worker's part stand for.
  private static func shape(of work: KernelWork) -> AttentionShape? {
    guard let heads = work.counts[.product], let score = work.counts[.score],
      let flop = work.counts[.flop], let left = work.counts[.left],
      let right = work.counts[.right], heads > 0, score > 0
    else { return nil }
    let width = flop / (4 * score)
    return AttentionShape(
      samples: 1, heads: Int(heads), queries: Int((left / (heads * width)).rounded()),
      keys: Int((right / (heads * width)).rounded()), headWidth: Int(width.rounded()),
      causal: work.family.hasSuffix("causal"))
  }

  /// As a profile holds them.
  var curves: [Efficiency.AttentionCurve] {
    widths.map {
      Efficiency.AttentionCurve(
        headWidth: $0.headWidth, plateau: FlopsPerSecond($0.plateau), half: $0.half)
    }
  }

  /// Key counts that were measured.
  var keys: ClosedRange<Int> { fewestKeys...max(fewestKeys, mostKeys) }
}
