import Quantities
import Reporting
import Validation

/// What `foretrain validate runs` says.
struct RunsAnswer: Answer {
  let entries: [ValidationEntry]
  let summary: ValidationSummary
  /// What a reader should know about the machine.
  let notes: [String]

  init(entries: [ValidationEntry], notes: [String]) {
    self.entries = entries
    self.notes = notes
    summary = ValidationSummary(entries)
  }

  func text(style: Style) -> String {
    table.text(style: style) + "\n\n" + overheads.text(style: style)
  }
  var markdown: String { table.markdown + "\n" + overheads.markdown }
  var csv: String { table.csv }

  func json(provenance: Provenance) -> String {
    JSONValue.object([
      .init("schema_version", .string(Schema.version)),
      .init("runs", .array(entries.map(\.json))), .init("summary", summary.json),
      .init("notes", .array(notes.map { .string($0) })), .init("provenance", provenance.json),
    ]).text
  }

  // MARK: Tables

  private var table: Table {
    Table(
      columns: [
        .init("run", "run"), .init("predicted_s", "predicted", .right),
        .init("interval", "90 % interval", .right), .init("measured_s", "measured", .right),
        .init("time_error", "error", .right), .init("in_interval", "in interval"),
        .init("counted_peak_bytes", "memory", .right), .init("memory_error", "error", .right),
        .init("steps", "steps", .right),
      ],
      rows: entries.map { entry in
        let prediction = entry.prediction
        return [
          .words(entry.id), .number(prediction.seconds, "\(Seconds(prediction.seconds))"),
          .words("\(Seconds(prediction.low)) to \(Seconds(prediction.high))"),
          .number(entry.seconds, "\(Seconds(entry.seconds))"),
          .number(entry.timeError, Self.percent(entry.timeError)),
          .words(entry.isCovered ? "yes" : "no"),
          .number(Double(entry.peakBytes), "\(Bytes(Double(entry.peakBytes)))"),
          .number(entry.memoryError, Self.percent(entry.memoryError, digits: 2)),
          .words(
            entry.isCorrected ? "\(entry.steps), corrected" : "\(entry.accepted) of \(entry.steps)"),
        ]
      })
  }

  private var overheads: Table {
    Table(
      columns: [
        .init("run", "method over its baseline"),
        .init("predicted_ratio", "predicted", .right),
        .init("measured_ratio", "measured", .right),
        .init("measured_ratio_half_interval", "+-", .right), .init("ratio_error", "error", .right),
        .init("excess_error", "error of the excess", .right),
      ],
      rows: summary.overheads.map { overhead in
        [
          .words(overhead.id),
          .number(overhead.predicted, Format.fixed(overhead.predicted, digits: 3)),
          .number(overhead.measured, Format.fixed(overhead.measured, digits: 3)),
          overhead.halfInterval.map {
            .number($0, Format.fixed(100 * $0, digits: 1) + " %")
          } ?? .empty,
          .number(overhead.error, Self.percent(overhead.error)),
          overhead.excessError.map { .number($0, Self.percent($0)) } ?? .empty,
        ]
      })
  }

  static func percent(_ share: Double, digits: Int = 1) -> String {
    (share >= 0 ? "+" : "") + Format.fixed(100 * share, digits: digits) + " %"
  }

  // MARK: Words

  /// The summary, and the worst run explained.
  var words: [String] {
    func share(_ value: Double, digits: Int = 1) -> String {
      Format.fixed(100 * value, digits: digits) + " %"
    }
    var lines = [
      "\(summary.count) runs: step time off by \(share(summary.timeMedian)) (median), "
        + "\(share(summary.time90)) (90 % quantile); memory by at most "
        + share(summary.memoryMax, digits: 2),
      "\(share(summary.coverage)) of the times lie in their 90 % intervals (binomial test: p = "
        + Format.fixed(summary.coverageProbability, digits: 2) + "), which are at most a factor "
        + Format.fixed(summary.intervalFactor, digits: 2) + " wide",
    ]
    if !summary.overheads.isEmpty {
      lines.append(
        "methods over their baselines: ratio off by \(share(summary.overheadMedian)), excess by "
          + share(summary.excessMedian) + " (medians)"
          + (summary.excessMax.map { ", by at most \(share($0))" } ?? ""))
    }
    if let worst { lines.append(worst) }
    return lines + notes
  }

  /// The run with the largest error, and the kernels that it comes from.
  private var worst: String? {
    guard let entry = entries.max(by: { abs($0.timeError) < abs($1.timeError) }) else { return nil }
    let (predicted, measured) = (entry.prediction.families, entry.families)
    let gaps = Set(predicted.keys).union(measured.keys).subtracting(["host", "whole step"])
      .map { ($0, (predicted[$0] ?? 0) - (measured[$0] ?? 0)) }
      .sorted { (abs($0.1), $0.0) > (abs($1.1), $1.0) }
      .prefix(3).map { name, gap in
        "\(name) \(gap >= 0 ? "+" : "-")\(Seconds(abs(gap)))"
      }
    return "worst: \(entry.id), \(Self.percent(entry.timeError)); predicted minus measured kernel "
      + "time: " + gaps.joined(separator: ", ")
  }

  /// Predicted against measured step times.
  var chart: AgreementChart {
    AgreementChart(
      title: "Step time of \(entries.count) small real runs",
      summary: words.first ?? "", unit: "s",
      points: entries.map {
        AgreementChart.Point(
          name: $0.id, predicted: $0.prediction.seconds, low: $0.prediction.low,
          high: $0.prediction.high, measured: $0.seconds)
      })
  }
}
