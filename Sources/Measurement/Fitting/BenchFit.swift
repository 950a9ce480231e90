import Quantities

/// The constants that a bench's table gives, and how well they predict what they never saw.
public struct BenchFit: Sendable, Hashable, Codable {
  /// The library of the products.
  public var backend: String
  /// Matrix products.
  public var products: ProductFit
  /// Memory-bound kernels.
  public var memory: MemoryFit
  /// Seconds of a call that does nothing.
  public var callSeconds: Double
  /// The best rate that any product of the fitted library reached, FLOP/s.
  public var peak: Double
  /// The laws of the core's kernels; nil where no chain was timed.
  public var kernels: KernelFit?
  /// Fused attention by head width; nil where none was timed.
  public var attention: AttentionFit?
  /// Seconds of the reference kernels on the undisturbed machine, by class.
  public var references: [String: Double] = [:]
  /// Rates of every library on the comparison sizes.
  public var comparison: [LibraryRate]

  /// One library's rate on one product.
  public struct LibraryRate: Sendable, Hashable, Codable {
    /// The library.
    public var backend: String
    /// The size, for people.
    public var shape: String
    /// FLOP per second at the median.
    public var flopsPerSecond: Double
  }

  /// Fits all constants.
  ///
  /// - Throws: `BenchError.tooFewSamples` where the table lacks what a fit needs.
  public init(
    _ table: BenchTable, samples: [BenchSample], session: BenchSession
  ) throws(BenchError) {
    let backend = session.backend
    self.backend = backend
    kernels = try KernelFit(table, samples: samples, workers: session.threads)
    attention = try AttentionFit(table)
    for (reference, seconds) in DriftJudge().baselines(samples) {
      references[reference.rawValue] = seconds
    }
    products = try ProductFit(table, backend: backend)
    memory = try MemoryFit(table)
    guard let empty = table.rows.first(where: { $0.item.kernel == .emptyCall }) else {
      throw .tooFewSamples("the empty call was never timed")
    }
    callSeconds = empty.seconds.median
    peak =
      table.isolated.filter { $0.item.backend == backend }
      .compactMap { $0.flopRate?.value }.max() ?? 0
    comparison = table.rows.compactMap { row in
      guard row.item.role == .comparison, let rate = row.flopRate else { return nil }
      return LibraryRate(
        backend: row.item.backend, shape: row.item.kernel.shape, flopsPerSecond: rate.value)
    }
  }
}
