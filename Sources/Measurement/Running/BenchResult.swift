public import Quantities
import Workloads

/// Everything a bench found.
///
/// A function of session and samples: stored samples give it again.
public struct BenchResult: Sendable, Hashable {
  /// What the samples share.
  public let session: BenchSession
  /// Every sample, rejected ones included.
  public let samples: [BenchSample]
  /// One row per item.
  public let table: BenchTable
  /// The fitted constants.
  public let fit: BenchFit
  /// Time from start to end.
  public let elapsed: Seconds
  /// Whether it was cut short.
  public let interrupted: Bool
  /// Share of the processors that other programs took meanwhile; nil where nobody says.
  public let others: Double?

  /// How disturbed the machine was; 1 is a machine that did nothing else.
  ///
  /// The 75 % quantile of the reference kernels' times over their 5 % quantile, the larger one of
  /// both classes.
  public let disturbance: Double

  /// Judges and fits samples.
  ///
  /// - Throws: `BenchError.tooFewSamples` or `.fit`.
  public init(
    session: BenchSession, samples: [BenchSample], judge: DriftJudge = DriftJudge(),
    elapsed: Seconds, interrupted: Bool, others: Double? = nil
  ) throws(BenchError) {
    self.session = session
    self.samples = samples
    self.elapsed = elapsed
    self.interrupted = interrupted
    self.others = others
    table = BenchTable(judge.judge(samples))
    fit = try BenchFit(table, samples: samples, session: session)
    disturbance = DriftJudge.disturbance(of: samples)
  }

  /// What a reader should know before trusting the constants; one sentence each.
  public var warnings: [String] {
    var warnings: [String] = []
    if interrupted { warnings.append("The bench was cut short: intervals are wide.") }
    if disturbance > 1.25 {
      warnings.append(
        "The machine was busy: a quarter of the reference timings took "
          + Format.fixed(disturbance, digits: 2)
          + " times their normal time or more. Measure again when it is idle.")
    }
    if let others, others > 0.05 {
      warnings.append(
        "Other programs took " + Format.fixed(100 * others, digits: 0)
          + " % of the processors while this machine was measured. Measure again when it is idle.")
    }
    if fit.products.heldOutError > 0.1 {
      warnings.append(
        "Products that the fit has not seen are off by "
          + Format.fixed(100 * fit.products.heldOutError, digits: 0) + " % (median).")
    }
    return warnings
  }
}

/// The table that a bench prints.
public struct BenchTable: Sendable, Hashable {
  /// One item's line.
  public struct Row: Sendable, Hashable {
    /// What was timed.
    public let item: BenchItem
    /// Seconds per call of the samples that count.
    public let seconds: SampleStatistics
    /// Samples that count after correction for a slow machine.
    public let corrected: Int
    /// Samples that do not count.
    public let rejected: Int

    /// FLOP/s of a product at the median; nil for other kernels.
    public var flopRate: FlopsPerSecond? {
      item.kernel.flops > 0 ? Flops(item.kernel.flops).per(Seconds(seconds.median)) : nil
    }
    /// Bytes per second at the median; nil for products and empty calls.
    public var byteRate: BytesPerSecond? {
      item.kernel.flops == 0 && item.kernel.bytes > 0
        ? Bytes(item.kernel.bytes).per(Seconds(seconds.median)) : nil
    }
    /// The rate as text, in GFLOP/s or GB/s.
    public var rate: String {
      if let flopRate { return Format.fixed(flopRate.value / 1e9, digits: 1) + " GFLOP/s" }
      if let byteRate { return Format.fixed(byteRate.value / 1e9, digits: 1) + " GB/s" }
      return "-"
    }
    /// From the 5 % to the 95 % quantile, as text.
    public var spread: String {
      Seconds(seconds.low).description + " .. " + Seconds(seconds.high).description
    }
  }

  /// The rows: empty call, products by library and role, memory-bound kernels.
  public let rows: [Row]

  /// A table of judged samples; items of which no sample counts are left out.
  public init(_ verdicts: [DriftJudge.Verdict]) {
    let rows = verdicts.compactMap { verdict -> Row? in
      guard let statistics = SampleStatistics(verdict.seconds) else { return nil }
      return Row(
        item: verdict.item, seconds: statistics, corrected: verdict.corrected,
        rejected: verdict.rejected)
    }
    self.rows = rows.sorted { Self.key($0) < Self.key($1) }
  }

  /// Kernels that were timed by themselves, not in chains.
  public var isolated: [Row] {
    rows.filter { if case .inChain = $0.item.kernel { false } else { true } }
  }

  /// Those that fits look at.
  var fitted: [Row] { isolated.filter { $0.item.role != .survey } }

  /// The isolated rows as text columns: kernel, library, shape, n, median, spread, rate, rejected.
  public var columns: [[String]] {
    [["kernel", "library", "shape", "n", "median", "p5 .. p95", "rate", "rejected", "corrected"]]
      + isolated.map { row in
        [
          row.item.kernel.name, row.item.backend.isEmpty ? "own" : row.item.backend,
          row.item.kernel.shape, "\(row.seconds.count)", Seconds(row.seconds.median).description,
          row.spread, row.rate, "\(row.rejected)", "\(row.corrected)",
        ]
      }
  }

  private static func key(_ row: Row) -> (String, String, Double, String) {
    let group =
      switch row.item.kernel {
      case .referenceBlock, .emptyCall: "0"
      case .product: "1" + row.item.role.rawValue + row.item.backend
      case .memoryBound(let kernel, _, _): "2" + kernel.kind.rawValue
      case .attention, .contrastiveLoss: "3"
      case .warm, .spread: "4"
      case .pass: "5"
      case .inChain: "6"
      }
    return (
      group, row.item.kernel.name, max(row.item.kernel.flops, row.item.kernel.bytes),
      row.item.kernel.shape
    )
  }
}
