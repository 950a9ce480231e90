public import PublishedCases
import Quantities

/// Predictions against publications as a page with its charts: same cases, same bytes.
public struct PublishedReport: Sendable {
  private let card: Scorecard
  private let refit: Refit?
  private let pairs: [PairScore]

  /// A report of scored cases.
  ///
  /// - Parameters:
  ///   - card: The predictions.
  ///   - refit: The fit behind them, for errors on what was left out; nil: without.
  ///   - pairs: Published ratios of adversarial to plain training, predicted; may be empty.
  public init(_ card: Scorecard, refit: Refit?, pairs: [PairScore]) {
    self.card = card
    self.refit = refit
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
          + "first of a case counts; an error is prediction over value, minus 1."),
      .list(tables.summary), .section("Time"),
      .chart(chart("all", "All scored times", card.predictions)),
      .table(tables.series(card.times)),
    ]
    for series in card.times.map(\.name) {
      let own = card.predictions.filter { $0.published.series == series }
      let chart = chart(series, "Steps of \(series)", own)
      if !chart.body.data.rows.isEmpty { document.blocks.append(.chart(chart)) }
    }
    if let refit { document.blocks += fitted(refit) }
    document.blocks += [
      .section("Memory"),
      .note(
        "Readings are compared with what they hold: allocated, reserved and device are never mixed."
      ),
      .chart(memoryChart), .table(tables.series(card.memory, isMemory: true)),
    ]
    if let refit {
      let found = refit.memory.leftOut
      document.blocks.append(
        .note(
          "\(found.inside) of \(found.all) peaks lie in the interval that is made without their series; no factor of the memory model is fitted to them, but what software keeps was looked up with them in view."
        ))
    }
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

  private func fitted(_ refit: Refit) -> [Document.Block] {
    var blocks: [Document.Block] = [.section("The fit, and what it has not seen")]
    for (title, table) in RefitView(refit).tables {
      blocks.append(.subsection(title))
      blocks.append(.table(table))
    }
    blocks.append(.note(Self.others))
    return blocks
  }

  /// What other tools reach.
  private static let others = """
    One MFU: every step at one share of the peak, the median of other runs. Calculon on its own \
    validation set: 3.65 % mean, 8.9 % max. On the cases here, by an earlier study (mean error): \
    Calculon 7.1 % Megatron, 3.1 % Korthikanti, 31.7 % BigScience, 21.2 % MPT on A100, 48.7 % OpenCLIP; \
    llm-analysis at efficiency 0.5: 7.9, 10.6, 19.6, 19.4, 68.4 %.
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
      body: PublishedPlot(unit: "s", points: points))
  }

  /// The step of a case in seconds.
  private static func step(_ prediction: CasePrediction) -> PublishedPlot.Point? {
    guard let measured = prediction.measuredStep, let step = prediction.step else { return nil }
    return PublishedPlot.Point(
      name: prediction.published.id, measured: measured, predicted: step.typical, low: step.low,
      high: step.high)
  }

  private var memoryChart: Chart {
    let points = card.predictions.filter(\.published.isScored).flatMap { prediction in
      prediction.figures.filter { $0.measurement.kind == .peakMemory && $0.error != nil }.map {
        PublishedPlot.Point(
          name: prediction.published.id, measured: $0.measurement.value,
          predicted: $0.predicted.typical, low: $0.predicted.low, high: $0.predicted.high)
      }
    }
    return Chart(
      id: "memory", title: "Peak memory, each by its own reading",
      summary: "\(points.count) peaks, predicted against measured, in GiB",
      body: PublishedPlot(unit: "GiB", points: points))
  }
}
