import Measurement
import Quantities
import Reporting

/// What a bench found, as tables and sentences.
enum BenchTables {
  /// One row per kernel that was timed by itself.
  static func kernels(_ result: BenchResult) -> Table {
    let lines = result.table.columns
    let keys = [
      "kernel", "library", "shape", "samples", "median", "spread", "rate", "rejected", "corrected",
    ]
    let titles = lines.first ?? keys
    let columns = zip(keys, titles).enumerated().map { index, pair in
      Table.Column(pair.0, pair.1, index >= 3 ? .right : .left)
    }
    return Table(columns: columns, rows: lines.dropFirst().map { $0.map { .words($0) } })
  }

  /// One row per fitted law; nil where no chain was timed.
  static func laws(_ result: BenchResult) -> Table? {
    guard let fit = result.fit.kernels else { return nil }
    return Table(
      columns: [
        .init("law", "law of the core's"), .init("learned", "learned", .right),
        .init("fit_error", "error", .right), .init("held_out", "held out", .right),
        .init("held_out_error", "error", .right),
        .init("range", "measured / predicted, 90 %", .right),
        .init("resampled", "law resampled, 90 %", .right),
      ],
      rows: fit.families.map { family in
        [
          .words(family.name), .integer(family.learned),
          .number(family.fitError, percent(family.fitError)), .integer(family.heldOut),
          family.heldOutError.map { .number($0, percent($0)) } ?? .unknown,
          .words(
            Format.fixed(family.low, digits: 2) + " to " + Format.fixed(family.high, digits: 2)),
          .words(
            Format.fixed(family.resampledLow, digits: 2) + " to "
              + Format.fixed(family.resampledHigh, digits: 2)),
        ]
      })
  }

  /// Errors of the fit on what it has not seen, and what was measured.
  static func summary(_ result: BenchResult) -> [String] {
    let fit = result.fit.products
    var lines = [
      "fit of \(result.fit.backend): error \(percent(fit.fitError)) on fitted sizes, "
        + "\(percent(fit.heldOutError)) on \(fit.heldOutCount) held-out ones "
        + "(90th percentile \(percent(fit.heldOutError90)))"
    ]
    if let kernels = result.fit.kernels {
      lines.append(
        "\(kernels.families.count) laws of the core's kernels; \(kernels.chains) whole chains that "
          + "no fit has seen took \(Format.fixed(kernels.chainMiddle, digits: 3)) of their "
          + "predicted time (90 %: \(Format.fixed(kernels.chainLow, digits: 2)) to "
          + "\(Format.fixed(kernels.chainHigh, digits: 2)))")
    }
    lines.append(
      "peak \(FlopsPerSecond(result.fit.peak)), copy "
        + "\(BytesPerSecond(result.fit.memory.copyBandwidth)), \(result.samples.count) samples in "
        + "\(result.elapsed)")
    return lines
  }

  private static func percent(_ share: Double) -> String {
    Format.fixed(share * 100, digits: 1) + " %"
  }
}
