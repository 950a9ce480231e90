private import Glibc
import Quantities

/// Predicted against measured, log-log, with the line on which both are equal and every interval.
public struct AgreementChart: Sendable {
  /// One run.
  public struct Point: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// What was predicted.
    public var predicted: Double
    /// The lower end of its interval.
    public var low: Double
    /// The upper end.
    public var high: Double
    /// What was measured.
    public var measured: Double

    /// A run.
    public init(name: String, predicted: Double, low: Double, high: Double, measured: Double) {
      self.name = name
      self.predicted = predicted
      self.low = low
      self.high = high
      self.measured = measured
    }
  }

  private let chart: Chart

  /// A chart of runs, all values above 0, in one unit.
  public init(title: String, summary: String, unit: String, points: [Point]) {
    chart = Chart(
      id: "agreement", title: title, summary: summary,
      body: AgreementPlot(unit: unit, points: points))
  }

  /// The chart as an SVG file.
  public var svg: String { chart.file }

  /// Writes `NAME.svg` and `NAME.csv` into a folder.
  ///
  /// - Returns: the paths.
  /// - Throws: `WriteError`.
  public func write(to folder: String, name: String) throws -> [String] {
    let files = ["\(folder)/\(name).svg": svg, "\(folder)/\(name).csv": chart.body.data.csv]
    for path in files.keys.sorted() {
      if let text = files[path] { try AtomicWriter.write(text, to: path) }
    }
    return files.keys.sorted()
  }
}

/// The drawing of an `AgreementChart`.
struct AgreementPlot: ChartBody {
  let unit: String
  let points: [AgreementChart.Point]

  var data: Table {
    Table(
      columns: [
        .init("case", "case"), .init("measured_\(unit)", "measured", .right),
        .init("predicted_\(unit)", "predicted", .right), .init("low_\(unit)", "low", .right),
        .init("high_\(unit)", "high", .right),
      ],
      rows: points.map {
        [
          .words($0.name), .number($0.measured, ""), .number($0.predicted, ""),
          .number($0.low, ""), .number($0.high, ""),
        ]
      })
  }

  func draw(width: Double) -> SVG {
    var svg = SVG(width: width)
    let values = points.flatMap { [$0.low, $0.high, $0.measured, $0.predicted] }.filter { $0 > 0 }
    let axis = LogAxis(values)
    let (left, top) = (58.0, 26.0)
    let side = min(width - left - 12, width < 500 ? 250 : 420)
    let (right, bottom) = (left + side, top + side)
    func x(_ value: Double) -> Double { left + side * axis.place(value) }
    func y(_ value: Double) -> Double { bottom - side * axis.place(value) }
    svg.text("predicted, \(unit)", x: 0, y: 12, class: "tk")
    for tick in axis.ticks {
      let text = Format.significant(tick, digits: 2)
      svg.line(x1: left, y1: y(tick), x2: right, y2: y(tick), class: "grid")
      svg.line(x1: x(tick), y1: top, x2: x(tick), y2: bottom, class: "grid")
      svg.text(text, x: left - 6, y: y(tick) + 4, class: "tk", anchor: .end)
      svg.text(text, x: x(tick), y: bottom + 17, class: "tk", anchor: .middle)
    }
    svg.line(x1: left, y1: bottom, x2: right, y2: bottom, class: "axis")
    svg.text("measured, \(unit)", x: right, y: bottom + 34, class: "tk", anchor: .end)
    svg.polyline([(left, bottom), (right, top)], class: "front")
    for point in points where point.measured > 0 && point.low > 0 {
      svg.line(
        x1: x(point.measured), y1: y(point.low), x2: x(point.measured), y2: y(point.high),
        class: "axis")
    }
    for point in points where point.measured > 0 && point.predicted > 0 {
      let isInside = point.low <= point.measured && point.measured <= point.high
      svg.circle(
        x: x(point.measured), y: y(point.predicted), radius: 3.5,
        class: isInside ? "mark onfront" : "mark", tip: point.name)
    }
    svg.height = bottom + 42
    return svg
  }
}

/// A logarithmic axis over given values, with ticks at 1, 2 and 5 times powers of ten; at powers alone
/// where there are more than three.
struct LogAxis {
  private let low: Double
  private let high: Double

  /// An axis with a margin around values above 0.
  init(_ values: [Double]) {
    let least = values.min() ?? 0.1
    // At least a factor of two, so that there is a tick.
    let most = max(values.max() ?? 1, least * 1.5)
    (low, high) = (least / 1.15, most * 1.15)
  }

  /// From 0 at the lower end to 1 at the upper one.
  func place(_ value: Double) -> Double {
    (log(value) - log(low)) / (log(high) - log(low))
  }

  var ticks: [Double] {
    var ticks: [Double] = []
    var decade = 1.0
    while decade > low { decade /= 10 }
    // About four to eight of them, whatever the range.
    let steps =
      high / low > 1000 ? [1.0] : high / low > 10 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7]
    while decade < high {
      ticks += steps.map { $0 * decade }.filter { $0 > low && $0 < high }
      decade *= 10
    }
    return ticks
  }
}
