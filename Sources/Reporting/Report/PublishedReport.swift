public import PublishedCases
import Quantities

/// Predictions against publications as a page with its charts: same cases, same bytes.
public struct PublishedReport: Sendable {
  private let card: Scorecard
  private let leftOut: RefitView?
  private let pairs: [PairScore]

  /// A report of scored cases.
  ///
  /// - Parameters:
  ///   - card: The predictions.
  ///   - leftOut: The fit behind them, for goals and errors on what was left out; nil: without.
  ///   - pairs: Published ratios of adversarial to plain training, predicted; may be empty.
  public init(_ card: Scorecard, leftOut: RefitView?, pairs: [PairScore]) {
    self.card = card
    self.leftOut = leftOut
    self.pairs = pairs
  }

  /// Writes `report.html`, `report.md`, `cases.csv`, and a CSV and an SVG of every chart.
  ///
  /// - Throws: `WriteError`.
  public func write(to folder: String) throws(WriteError) -> [String] {
    let document = document
    let files =
      [
        Report.File(name: "report.html", contents: document.html),
        Report.File(name: "report.md", contents: document.markdown),
        Report.File(name: "cases.csv", contents: PublishedTables(card: card).figures.csv),
      ]
      + document.charts.map { Report.File(name: $0.id + ".csv", contents: $0.body.data.csv) }
      + document.charts.map { Report.File(name: $0.id + ".svg", contents: $0.file) }
    return try AtomicWriter.write(files, to: folder, removing: [])
  }

  private var document: Document {
    let tables = PublishedTables(card: card)
    var document = Document(title: "Predicted against published training steps")
    document.blocks = [
      .paragraph(
        "Published training steps run as scenarios. Grade C is in the list and in no score; of times the "
          + "first of a case counts. An error is prediction over value, minus 1; of times, whatever unit "
          + "was printed, it is the error of the seconds of a step, which is what constants are fitted in."
      ),
      .list(tables.summary + (leftOut?.summary ?? [])), .section("Time"),
      .chart(chart("all", "All scored times", card.predictions)),
      .table(tables.series(card.times)),
    ]
    for series in card.times.map(\.name) {
      let own = card.predictions.filter { $0.published.series == series }
      let chart = chart(series, "Steps of \(series)", own)
      if !chart.body.data.rows.isEmpty { document.blocks.append(.chart(chart)) }
    }
    if let leftOut { document.blocks += fitted(leftOut) }
    document.blocks += [
      .section("Memory"),
      .note(
        "Readings are compared with what they hold: allocated, reserved and device are never mixed."
      ),
      .chart(memoryChart), .table(tables.series(card.memory, isMemory: true)),
    ]
    if let leftOut { document.blocks.append(.note(leftOut.memoryNote)) }
    document.blocks += [
      .subsection("The contrastive loss alone"),
      .table(tables.series(card.lossMemory, isMemory: true)), .section("What fits"),
      .table(tables.confusion),
    ]
    document.blocks += attacks
    document.blocks += [
      .section("All cases"),
      .note(
        "Sources stand beside the cases in scenarios/published/; this page's list is cases.csv."),
      .section("Provenance"),
      .list(["again: foretrain validate published --report DIR"]),
    ]
    return document
  }

  private func fitted(_ leftOut: RefitView) -> [Document.Block] {
    var blocks: [Document.Block] = [.section("The fit, and what it has not seen")]
    for (title, table) in leftOut.tables {
      blocks.append(.subsection(title))
      blocks.append(.table(table))
    }
    blocks += [.list(leftOut.summary), .note(Self.meaning)]
    return blocks
  }

  /// How to read the tables of the fit.
  private static let meaning = """
    Run left out: constants without any row of that run, and, for intervals, ends from the other runs. \
    Series left out: both without the whole series, as for a new publication. The binomial test takes \
    steps for independent; steps of one series are not quite, so a small p speaks against 90 % less \
    loudly than it says. One MFU: every step at one share of the peak, the median of other runs. \
    Figures of other tools are quoted, not measured by this program.
    """

  private var attacks: [Document.Block] {
    guard !pairs.isEmpty else { return [] }
    return [
      .section("Adversarial training over plain training"),
      .paragraph(PairScore.meaning), .table(PairTable(scores: pairs).table),
      .note(PairScore.unsupported),
    ]
  }

  private func chart(
    _ id: String, _ title: String, _ predictions: [CasePrediction]
  ) -> Chart {
    let points = predictions.filter(\.published.isScored).compactMap(Self.step)
    return Chart(
      id: id, title: title,
      summary:
        "\(points.count) steps, predicted against measured, in seconds; on the line both agree",
      body: AgreementPlot(unit: "s", points: points))
  }

  /// The step of a case in seconds.
  private static func step(_ prediction: CasePrediction) -> AgreementChart.Point? {
    guard let measured = prediction.measuredStep, let step = prediction.step else { return nil }
    return AgreementChart.Point(
      name: prediction.published.id, predicted: step.typical, low: step.low, high: step.high,
      measured: measured)
  }

  private var memoryChart: Chart {
    let points = card.predictions.filter(\.published.isScored).flatMap { prediction in
      prediction.figures.filter { $0.measurement.kind == .peakMemory && $0.error != nil }.map {
        AgreementChart.Point(
          name: prediction.published.id, predicted: $0.predicted.typical, low: $0.predicted.low,
          high: $0.predicted.high, measured: $0.measurement.value)
      }
    }
    return Chart(
      id: "memory", title: "Peak memory, each by its own reading",
      summary: "\(points.count) peaks, predicted against measured, in GiB",
      body: AgreementPlot(unit: "GiB", points: points))
  }
}
