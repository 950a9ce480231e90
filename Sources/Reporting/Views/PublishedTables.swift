import PublishedCases
import Quantities

/// A scorecard as tables.
struct PublishedTables {
  let card: Scorecard

  /// All tables with their titles, in the order of reading.
  var all: [(title: String, table: Table)] {
    [
      ("Cases", figures), ("Time by series", series(card.times)),
      ("Peak memory by series and basis", series(card.memory, isMemory: true)),
      ("Memory of the contrastive loss", series(card.lossMemory, isMemory: true)),
      ("Facts about fitting", confusion), ("Not run", unsupported),
    ]
  }

  /// One row per measured figure of every case.
  var figures: Table {
    Table(
      columns: [
        .init("line", "line", .right), .init("id", "case"), .init("group", "group"),
        .init("grade", "grade"), .init("kind", "measured"), .init("bound", "bound"),
        .init("value", "value", .right), .init("low", "low", .right),
        .init("typical", "typical", .right), .init("high", "high", .right),
        .init("error", "error", .right), .init("agrees", "agrees"), .init("note", "note"),
      ],
      rows: card.predictions.flatMap(rows))
  }

  private func rows(_ prediction: CasePrediction) -> [[Table.Cell]] {
    let published = prediction.published
    return published.measured.map { measurement in
      let figure = prediction.figures.first { $0.measurement == measurement }
      var kind = measurement.kind.rawValue
      if let basis = measurement.basis { kind += " (\(basis.rawValue))" }
      let predicted: [Table.Cell] =
        figure.map {
          [$0.predicted.low, $0.predicted.typical, $0.predicted.high].map(Self.number)
        } ?? [.unknown, .unknown, .unknown]
      let agrees: Table.Cell =
        figure.map { Table.Cell(text: $0.agrees ? "yes" : "no", value: .bool($0.agrees)) }
        ?? .unknown
      return [
        .integer(published.line), .words(published.id), .words(published.group),
        .words(
          published.isScored ? published.grade.rawValue : published.grade.rawValue + ", not scored"),
        .words(kind), .words(measurement.bound.rawValue), Self.number(measurement.value),
      ] + predicted + [
        figure?.stepError.map(Self.share) ?? .empty, agrees,
        .words(prediction.problem ?? prediction.notes.joined(separator: "; ")),
      ]
    }
  }

  func series(_ series: [Scorecard.Series], isMemory: Bool = false) -> Table {
    Table(
      columns: [
        .init("series", "series"), .init("basis", "basis"), .init("cases", "figures", .right),
        .init("groups", "runs", .right), .init("mean", "mean error", .right),
        .init("median", "median", .right), .init("max", "max", .right),
        .init("bias", "bias", .right), .init("within_10", "in 10 %", .right),
        .init("within_20", "in 20 %", .right), .init("within_30", "in 30 %", .right),
        .init("coverage", "in interval", .right), .init("width", "high/low", .right),
        .init("bounds", "bounds kept"), .init("missed", "missed", .right),
      ],
      rows: series.map { row in
        [
          .words(row.name), .words(row.basis), .integer(row.errors.count + row.missed),
          .integer(row.groups.count), Self.optional(row.mean), Self.optional(row.median),
          Self.optional(row.worst), row.bias.map(Self.share) ?? .empty,
          Self.optional(row.share(within: 0.1)), Self.optional(row.share(within: 0.2)),
          Self.optional(row.share(within: 0.3)), Self.optional(row.coverage),
          Self.median(row.widths),
          .words(row.bounds > 0 ? "\(row.boundsKept) of \(row.bounds)" : ""),
          .integer(row.missed),
        ]
      }
    ).dropping(isMemory ? [] : ["basis"])
  }

  var confusion: Table {
    let facts = card.confusion
    return Table(
      columns: [
        .init("fact", "published"), .init("fits", "predicted to fit", .right),
        .init("does_not_fit", "predicted not to fit", .right),
      ],
      rows: [
        [.words("fits"), .integer(facts.fitsRight), .integer(facts.fitsWrong)],
        [.words("does not fit"), .integer(facts.doesNotFitWrong), .integer(facts.doesNotFitRight)],
      ])
  }

  private var unsupported: Table {
    Table(
      columns: [.init("line", "line", .right), .init("id", "case"), .init("reason", "reason")],
      rows: card.unsupported.map {
        [.integer($0.published.line), .words($0.published.id), .words($0.problem ?? "")]
      })
  }

  /// The figures that sum it up.
  var summary: [String] {
    let all = card.predictions.count
    let run = all - card.unsupported.count
    let times = card.times
    let errors = times.flatMap(\.errors)
    let inside = times.reduce(0) { $0 + $1.inside }
    let facts = card.confusion
    let batches = card.maxMicroBatch
    func percent(_ value: Double?) -> String { value.map { Figures.percent($0) } ?? "unknown" }
    var lines = [
      "\(run) of \(all) cases run (\(percent(all > 0 ? Double(run) / Double(all) : nil)))",
      "time: \(errors.count) scored figures in \(times.count) series, errors of seconds per step, median over series \(percent(card.medianOverSeries)), mean over series \(percent(card.meanOverSeries))",
    ]
    if !errors.isEmpty {
      lines.append(
        "\(inside) of \(errors.count) times lie in their 90 % interval (\(percent(Double(inside) / Double(errors.count))))"
      )
    }
    lines.append(
      "fitting: \(facts.fitsRight) of \(facts.fitsRight + facts.fitsWrong) that ran are predicted to fit, \(facts.doesNotFitRight) of \(facts.doesNotFitRight + facts.doesNotFitWrong) that did not are predicted not to; \(facts.missed) not run"
    )
    lines.append("largest micro-batch: \(batches.kept) of \(batches.all) bounds kept")
    return lines
  }

  private static func number(_ value: Double) -> Table.Cell {
    .number(value, Figures.rounded(value))
  }
  private static func share(_ value: Double) -> Table.Cell {
    .number(value, (value > 0 ? "+" : "") + Figures.percent(value))
  }
  private static func optional(_ value: Double?) -> Table.Cell {
    value.map { .number($0, Figures.percent($0)) } ?? .empty
  }
  private static func median(_ values: [Double]) -> Table.Cell {
    guard !values.isEmpty else { return .empty }
    let value = values.sorted()[values.count / 2]
    return .number(value, Figures.ratio(value))
  }
}
