import Quantities

/// Series of points in two measures, each with its range, joined where they belong to one model.
struct Curves: ChartBody {
  let horizontal: Scatter.Axis
  let vertical: Scatter.Axis
  let series: [TradeOffSeries]

  var data: Table {
    Table(
      columns: [
        .init("series", "series"), .init("point", "point"),
        .init(horizontal.key, horizontal.title, .right),
        .init(horizontal.key + "_low", "low", .right),
        .init(horizontal.key + "_high", "high", .right),
        .init(vertical.key, vertical.title, .right),
        .init(vertical.key + "_low", "low", .right), .init(vertical.key + "_high", "high", .right),
      ],
      rows: series.flatMap { series in
        series.points.map { point in
          [.words(series.name), .words(point.label)]
            + [
              point.x, point.xRange.lowerBound, point.xRange.upperBound, point.y,
              point.yRange.lowerBound, point.yRange.upperBound,
            ].map { .number($0, Format.significant($0)) }
        }
      })
  }

  func draw(width: Double) -> SVG {
    var svg = SVG(width: width)
    let points = series.flatMap(\.points)
    let plot = Plot(
      right: width - 12, top: 26, bottom: width < 500 ? 270 : 380,
      x: Plot.range(points.flatMap { [$0.xRange.lowerBound, $0.xRange.upperBound] }),
      y: Plot.range(points.flatMap { [$0.yRange.lowerBound, $0.yRange.upperBound] }))
    svg.text(vertical.title, x: 0, y: 12, class: "tk")
    plot.drawAxes(on: &svg, about: width < 500 ? 4 : 7)
    svg.text(horizontal.title, x: plot.right, y: plot.bottom + 34, class: "tk", anchor: .end)
    var labels: [(x: Double, y: Double, width: Double)] = []
    for (number, series) in series.enumerated() {
      draw(series, number, plot, on: &svg, avoiding: &labels)
    }
    let legend = Legend(
      entries: series.enumerated().map { ($0.element.name, StackedBars.color($0.offset)) })
    svg.height = legend.draw(on: &svg, x: 0, y: plot.bottom + 46) + 4
    return svg
  }

  private func draw(
    _ series: TradeOffSeries, _ number: Int, _ plot: Plot, on svg: inout SVG,
    avoiding labels: inout [(x: Double, y: Double, width: Double)]
  ) {
    let color = StackedBars.color(number)
    if series.isJoined, series.points.count > 1 {
      svg.polyline(
        series.points.map { (plot.x($0.x), plot.y($0.y)) }, class: "curve line-\(color)")
    }
    for point in series.points {
      let (x, y) = (plot.x(point.x), plot.y(point.y))
      svg.line(
        x1: plot.x(point.xRange.lowerBound), y1: y, x2: plot.x(point.xRange.upperBound), y2: y,
        class: "spread")
      svg.line(
        x1: x, y1: plot.y(point.yRange.lowerBound), x2: x, y2: plot.y(point.yRange.upperBound),
        class: "spread")
      svg.circle(
        x: x, y: y, radius: series.isJoined ? 4 : 6, class: "dot \(color)",
        tip: "\(series.name), \(point.label)")
    }
    guard series.isJoined, let first = series.points.first, let last = series.points.last,
      series.points.count > 1
    else { return }
    // The ends of a curve are named where there is room.
    for (point, up) in [(first, -9.0), (last, 16.0)] {
      let (x, y, width) = (
        plot.x(point.x) + 7, plot.y(point.y) + up, SVG.textWidth(point.label)
      )
      let isFree = labels.allSatisfy {
        x + width < $0.x || $0.x + $0.width < x || ($0.y - y).magnitude > 13
      }
      guard isFree else { continue }
      svg.text(point.label, x: x, y: y, class: "lb")
      labels.append((x, y, width))
    }
  }
}
