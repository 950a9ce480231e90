import Foundation
import Quantities

/// Predictions against what was measured, both on logarithmic axes, with the line on which they agree.
struct PublishedPlot: ChartBody {
  /// One figure.
  struct Point: Sendable {
    var name: String
    var measured: Double
    var predicted: Double
    var low: Double
    var high: Double
  }

  /// The figures' unit.
  let unit: String
  let points: [Point]

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
    let values = points.flatMap { [$0.measured, $0.predicted, $0.low, $0.high] }.filter { $0 > 0 }
    let least = log10(values.min() ?? 1) - 0.08
    let most = log10(values.max() ?? 10) + 0.08
    let span = max(most - least, 0.3)
    let (left, top) = (58.0, 26.0)
    let side = min(width - left - 12, width < 500 ? 250 : 420)
    let (right, bottom) = (left + side, top + side)
    func x(_ value: Double) -> Double { left + side * (log10(value) - least) / span }
    func y(_ value: Double) -> Double { bottom - side * (log10(value) - least) / span }
    svg.text("predicted, \(unit)", x: 0, y: 12, class: "tk")
    for tick in Self.ticks(least...(least + span)) {
      svg.line(x1: left, y1: y(tick), x2: right, y2: y(tick), class: "grid")
      svg.line(x1: x(tick), y1: top, x2: x(tick), y2: bottom, class: "grid")
      let text = Format.significant(tick)
      svg.text(text, x: left - 6, y: y(tick) + 4, class: "tk", anchor: .end)
      svg.text(text, x: x(tick), y: bottom + 17, class: "tk", anchor: .middle)
    }
    svg.line(x1: left, y1: bottom, x2: right, y2: bottom, class: "axis")
    svg.text("measured, \(unit)", x: right, y: bottom + 34, class: "tk", anchor: .end)
    svg.polyline([(left, bottom), (right, top)], class: "front")
    for point in points where point.measured > 0 && point.predicted > 0 {
      if point.low > 0, point.high > point.low {
        svg.line(
          x1: x(point.measured), y1: y(point.low), x2: x(point.measured), y2: y(point.high),
          class: "axis")
      }
      svg.circle(
        x: x(point.measured), y: y(point.predicted), radius: 3.5, class: "mark onfront",
        tip: point.name)
    }
    svg.height = bottom + 42
    return svg
  }

  /// 1, 2, 5 times powers of ten where they are few, powers of ten alone where they are many.
  private static func ticks(_ range: ClosedRange<Double>) -> [Double] {
    let first = Int(range.lowerBound.rounded(.down))
    let last = Int(range.upperBound.rounded(.up))
    let steps = range.upperBound - range.lowerBound > 3 ? [1.0] : [1.0, 2, 5]
    return (first...last).flatMap { power in steps.map { $0 * pow(10, Double(power)) } }
      .filter { range.contains(log10($0)) }
  }
}
