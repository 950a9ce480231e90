import Quantities
public import Strategies

/// How often measured steps lie in their 90 % interval, by kind of run.
public struct Coverage: Sendable {
  /// What intervals and predictions had not seen.
  public enum Fold: String, Sendable, Hashable, CaseIterable {
    /// Nothing: the fit's own rows in the intervals that all rows gave.
    case nothing
    /// The run: prediction and interval from the other runs.
    case run
    /// The series: prediction and interval from the other series.
    case series
  }

  /// One kind of run.
  public struct Line: Sendable {
    /// The kind; nil for all rows.
    public var kind: RunKind?
    /// Rows.
    public var count: Int
    /// Those inside.
    public var inside: Int
    /// High over low, the median of the rows.
    public var medianWidth: Double

    /// Share inside.
    public var share: Double { Double(inside) / Double(max(1, count)) }
    /// The exact two-sided test of the share against 90 %.
    public var test: BinomialTest { BinomialTest(inside, of: count, share: Coverage.nominal) }
  }

  /// What an interval promises.
  public static let nominal = 0.9

  /// What was left out.
  public let fold: Fold
  /// All rows first, then the kinds that have one.
  public let lines: [Line]

  /// All rows.
  public var pooled: Line { lines[0] }

  /// Counts.
  ///
  /// - Parameters:
  ///   - fold: What was left out.
  ///   - rows: Measured steps.
  ///   - errors: Predicted over measured, minus 1, by row.
  ///   - interval: Ends around the prediction of a row, as factors.
  init(
    _ fold: Fold, rows: [FitRow], errors: [Double], interval: (FitRow) -> Range90
  ) {
    self.fold = fold
    var inside: [Bool] = []
    var widths: [Double] = []
    for (row, error) in zip(rows, errors) {
      let range = interval(row)
      let ratio = 1 / (1 + error)
      inside.append(range.low <= ratio && ratio <= range.high)
      widths.append(range.high / range.low)
    }
    func line(_ kind: RunKind?) -> Line? {
      let own = rows.indices.filter { kind == nil || rows[$0].kind == kind }
      guard let width = Statistics.median(own.map { widths[$0] }) else { return nil }
      return Line(
        kind: kind, count: own.count, inside: own.filter { inside[$0] }.count, medianWidth: width)
    }
    lines = [line(nil)].compactMap(\.self) + RunKind.allCases.compactMap(line)
  }
}
