import CostModel
import Quantities

/// The way from ideal kernels to the step: each bar starts where the last one ended.
struct StepWaterfall: ChartBody {
  let bars: [WaterfallBar]
  let total: Double
  let totalLow: Double
  let totalHigh: Double

  var data: Table {
    func row(_ name: String, _ seconds: Double, _ low: Double, _ high: Double) -> [Table.Cell] {
      [
        .words(name), .number(seconds, time(seconds)), .number(low, time(low)),
        .number(high, time(high)),
      ]
    }
    return Table(
      columns: [
        .init("bar", "bar"), .init("seconds", "seconds", .right), .init("low_s", "low", .right),
        .init("high_s", "high", .right),
      ],
      rows: bars.map { row($0.id, $0.seconds, $0.low, $0.high) }
        + [row("step", total, totalLow, totalHigh)])
  }

  private func time(_ seconds: Double) -> String { Seconds(seconds).formatted() }

  func draw(width: Double) -> SVG {
    var svg = SVG(width: width)
    let left = width < 500 ? 112.0 : 170
    let right = width - 70
    let rowHeight = 22.0
    let shown = bars.filter { $0.seconds != 0 }
    var reach = [0.0, total, totalHigh]
    var sum = 0.0
    for bar in shown {
      reach += [sum + bar.seconds, sum + bar.high]
      sum += bar.seconds
    }
    let end = (reach.max() ?? 0) * 1.02
    let plot = right - left
    func x(_ seconds: Double) -> Double { end > 0 ? left + plot * max(0, seconds) / end : left }
    var y = 6.0
    var start = 0.0
    for (offset, bar) in shown.enumerated() {
      let stop = start + bar.seconds
      svg.text(
        SVG.fitted(bar.id.spaced, width: left - 12), x: left - 8, y: y + 15, anchor: .end)
      svg.rect(
        x: min(x(start), x(stop)), y: y + 3, width: abs(x(stop) - x(start)),
        height: rowHeight - 6, class: "segment " + StackedBars.color(offset),
        tip: "\(bar.title): \(time(bar.seconds)), \(time(bar.low)) to \(time(bar.high))")
      if bar.high > bar.low {
        Whisker.draw(
          on: &svg, from: x(start + bar.low), to: x(start + bar.high), y: y + rowHeight / 2)
      }
      svg.text(time(bar.seconds), x: width, y: y + 15, class: "tk", anchor: .end)
      y += rowHeight
      svg.line(x1: x(stop), y1: y - 3, x2: x(stop), y2: y + 3, class: "join")
      start = stop
    }
    svg.text("step", x: left - 8, y: y + 15, class: "lb strong", anchor: .end)
    svg.rect(
      x: left, y: y + 3, width: x(total) - left, height: rowHeight - 6, class: "total fits",
      tip: "step: \(time(total))")
    Whisker.draw(on: &svg, from: x(totalLow), to: x(totalHigh), y: y + rowHeight / 2)
    svg.text(time(total), x: width, y: y + 15, class: "lb strong", anchor: .end)
    svg.height = y + rowHeight + 6
    return svg
  }
}
