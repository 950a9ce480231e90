import Quantities

/// Memory at the peak, part upon part, against the capacity and the margin below it.
struct Waterfall: ChartBody {
  let parts: [(name: String, bytes: Double)]
  let peak: Double
  let peakLow: Double
  let peakHigh: Double
  let capacity: Double
  /// Share of the capacity that must stay free.
  let margin: Double
  /// `fits`, `tight`, `does_not_fit`: the colour of the peak.
  let verdict: String
  /// The verdict as a sentence.
  let conclusion: String

  var data: Table {
    var rows = parts.map { row($0.name, $0.bytes) }
    rows += [
      row("peak", peak), row("peak_low", peakLow), row("peak_high", peakHigh),
      row("capacity", capacity), row("margin", capacity * (1 - margin)),
    ]
    return Table(
      columns: [.init("part", "part"), .init("bytes", "bytes", .right)], rows: rows)
  }

  private func row(_ name: String, _ bytes: Double) -> [Table.Cell] {
    [.words(name), .number(bytes, gibibytes(bytes))]
  }

  private func gibibytes(_ bytes: Double) -> String { Figures.gibibytes(Bytes(bytes)) }

  func draw(width: Double) -> SVG {
    var svg = SVG(width: width)
    let left = width < 500 ? 112.0 : 150
    let right = width - 70
    let top = 38.0
    let rowHeight = 22.0
    let end = max(capacity, peakHigh, peak) * 1.02
    let plot = right - left
    func x(_ bytes: Double) -> Double { end > 0 ? left + plot * bytes / end : left }
    let bottom = top + rowHeight * Double(parts.count + 1)

    let capacityX = x(capacity)
    let marginX = x(capacity * (1 - margin))
    let limit = "capacity \(gibibytes(capacity))"
    // A capacity far below the peak lies too far left for a name that ends there.
    svg.text(
      limit, x: max(capacityX, SVG.textWidth(limit)), y: 12, class: "lb strong", anchor: .end)
    svg.text(
      "\(Figures.percent(margin, digits: 0)) margin", x: max(marginX, 80), y: 28, class: "tk",
      anchor: .end)
    svg.line(x1: capacityX, y1: 16, x2: capacityX, y2: bottom + 2, class: "limit")
    svg.line(x1: marginX, y1: 32, x2: marginX, y2: bottom + 2, class: "margin")

    var y = top
    var live = 0.0
    for (offset, part) in parts.enumerated() {
      let start = x(live)
      let length = x(live + part.bytes) - start
      svg.text(part.name, x: left - 8, y: y + 15, anchor: .end)
      svg.rect(
        x: start, y: y + 3, width: length, height: rowHeight - 6,
        class: "segment " + StackedBars.color(offset),
        tip: "\(part.name): \(gibibytes(part.bytes))")
      svg.text(gibibytes(part.bytes), x: width, y: y + 15, class: "tk", anchor: .end)
      live += part.bytes
      y += rowHeight
      svg.line(x1: x(live), y1: y - 3, x2: x(live), y2: y + 3, class: "join")
    }
    svg.text("peak", x: left - 8, y: y + 15, class: "lb strong", anchor: .end)
    svg.rect(
      x: left, y: y + 3, width: x(peak) - left, height: rowHeight - 6, class: "total " + verdict,
      tip: "peak: \(gibibytes(peak))")
    Whisker.draw(on: &svg, from: x(peakLow), to: x(peakHigh), y: y + rowHeight / 2)
    svg.text(gibibytes(peak), x: width, y: y + 15, class: "lb strong", anchor: .end)
    y = bottom + 20
    svg.text(conclusion, x: width, y: y, class: "lb strong", anchor: .end)
    svg.height = y + 6
    return svg
  }
}

/// The line of an interval with its two ends.
enum Whisker {
  static func draw(on svg: inout SVG, from low: Double, to high: Double, y: Double) {
    svg.line(x1: low, y1: y, x2: high, y2: y, class: "whisker")
    svg.line(x1: low, y1: y - 4, x2: low, y2: y + 4, class: "whisker")
    svg.line(x1: high, y1: y - 4, x2: high, y2: y + 4, class: "whisker")
  }
}
