import Quantities
import Workloads

/// Memory bandwidth, and the share of it that each kind of kernel reaches.
public struct MemoryFit: Sendable, Hashable, Codable {
  /// One kind's share with its range over kernels and sizes.
  public struct Share: Sendable, Hashable, Codable {
    /// The share that minimises the absolute relative errors.
    public var typical: Double
    /// The 5 % quantile over kernels and sizes.
    public var low: Double
    /// The 95 % quantile over kernels and sizes.
    public var high: Double
  }

  /// The best rate that any of these kernels reached: operands read plus operands written, per second.
  ///
  /// Not the copy's rate: a copy also fetches the lines that it overwrites, which nobody counts, so
  /// that kernels which update in place beat it.
  public var bandwidth: Double
  /// The rate of the largest copy, counted the same way.
  public var copyBandwidth: Double
  /// Element-wise kernels.
  public var elementwise: Share
  /// LayerNorm.
  public var normalization: Share
  /// Softmax.
  public var softmax: Share
  /// AdamW.
  public var optimizer: Share

  /// Derives the shares from a table.
  ///
  /// - Throws: `BenchError.tooFewSamples` where a kind was never timed.
  public init(_ table: BenchTable) throws(BenchError) {
    let copies = table.fitted.filter { row in
      if case .memoryBound(.copy, _, _) = row.item.kernel { true } else { false }
    }
    let largest = copies.max { $0.item.kernel.bytes < $1.item.kernel.bytes }
    guard let copy = largest?.byteRate?.value else {
      throw .tooFewSamples("no copy was timed")
    }
    let best = table.fitted.reduce(copy) { best, row in
      guard case .memoryBound = row.item.kernel else { return best }
      return max(best, row.byteRate?.value ?? 0)
    }
    bandwidth = best
    copyBandwidth = copy
    elementwise = try Self.share(.elementwise, table, best)
    normalization = try Self.share(.normalization, table, best)
    softmax = try Self.share(.softmax, table, best)
    optimizer = try Self.share(.optimizer, table, best)
  }

  /// Minimises `sum |(bytes / (share bandwidth)) / t - 1|`: with one unknown, a weighted median of
  /// the measured shares, each weighted by `bytes / t`.
  private static func share(
    _ kind: MemoryBoundKind, _ table: BenchTable, _ bandwidth: Double
  ) throws(BenchError) -> Share {
    let shares = table.fitted.compactMap { row -> Double? in
      guard case .memoryBound(let kernel, _, _) = row.item.kernel, kernel.kind == kind,
        let rate = row.byteRate
      else { return nil }
      return rate.value / bandwidth
    }.sorted()
    guard !shares.isEmpty else { throw .tooFewSamples("no kernel of kind \(kind) was timed") }
    let half = shares.reduce(0, +) / 2
    var sum = 0.0
    let typical = shares.first { share in
      sum += share
      return sum >= half
    }
    // The weights favour fast kernels, so that the typical share may lie above the 95 % quantile.
    let value = typical ?? shares[shares.count - 1]
    return Share(
      typical: value, low: min(value, SampleStatistics.quantile(0.05, ofSorted: shares)),
      high: max(value, SampleStatistics.quantile(0.95, ofSorted: shares)))
  }
}
