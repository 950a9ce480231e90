/// Points in two measures that should both be small, with the front of those that nothing beats.
struct Scatter: ChartBody {
  /// One axis.
  struct Axis: Sendable {
    /// Name and unit for people.
    var title: String
    /// Column name in the CSV.
    var key: String
  }

  /// A point with a name.
  struct Mark: Sendable {
    var name: String
    var x: Double
    var y: Double
    /// Whether it lies on the front.
    var onFront: Bool
  }

  let horizontal: Axis
  let vertical: Axis
  /// Unnamed points, thinned.
  let cloud: [(x: Double, y: Double)]
  let marks: [Mark]
  /// What no other point beats in both measures, from the left; named or not.
  let front: [(x: Double, y: Double)]

  /// A scatter; of the cloud, one point per cell of a 120 x 120 grid is kept, and the front.
  init(
    horizontal: Axis, vertical: Axis, cloud: [(x: Double, y: Double)], marks: [Mark]
  ) {
    self.horizontal = horizontal
    self.vertical = vertical
    self.marks = marks
    front = Self.front(cloud + marks.filter(\.onFront).map { ($0.x, $0.y) })
    self.cloud = Self.thinned(cloud)
  }

  /// The points that no other one beats, by one pass from the left.
  private static func front(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    var front: [(x: Double, y: Double)] = []
    for point in points.sorted(by: { ($0.x, $0.y) < ($1.x, $1.y) })
    where point.y < front.last?.y ?? .infinity {
      front.append(point)
    }
    return front
  }

  /// A search computes tens of thousands of plans, a chart of 700 px shows no more than its cells.
  private static func thinned(_ cloud: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    let finite = cloud.filter { $0.x.isFinite && $0.y.isFinite }
    guard let left = finite.map(\.x).min(), let right = finite.map(\.x).max(),
      let bottom = finite.map(\.y).min(), let top = finite.map(\.y).max()
    else { return [] }
    func cell(_ value: Double, _ low: Double, _ high: Double) -> Int {
      high > low ? Int((value - low) / (high - low) * 119) : 0
    }
    var seen: Set<Int> = []
    return finite.filter {
      seen.insert(cell($0.x, left, right) * 120 + cell($0.y, bottom, top)).inserted
    }
    .sorted { ($0.x, $0.y) < ($1.x, $1.y) }
  }

  var data: Table {
    Table(
      columns: [
        .init("name", "name"), .init(horizontal.key, horizontal.title, .right),
        .init(vertical.key, vertical.title, .right), .init("pareto", "pareto"),
      ],
      rows: marks.map { row($0.name, $0.x, $0.y, $0.onFront) }
        + front.map { row("", $0.x, $0.y, true) } + cloud.map { row("", $0.x, $0.y, false) })
  }

  private func row(_ name: String, _ x: Double, _ y: Double, _ onFront: Bool) -> [Table.Cell] {
    [.words(name), .number(x, ""), .number(y, ""), Table.Cell(text: "", value: .bool(onFront))]
  }

  func draw(width: Double) -> SVG {
    var svg = SVG(width: width)
    let plot = Plot(
      right: width - 12, top: 26, bottom: width < 500 ? 250 : 330,
      x: Plot.range((cloud + front).map(\.x) + marks.map(\.x)),
      y: Plot.range((cloud + front).map(\.y) + marks.map(\.y)))
    svg.text(vertical.title, x: 0, y: 12, class: "tk")
    plot.drawAxes(on: &svg, about: width < 500 ? 4 : 7)
    svg.text(
      horizontal.title, x: plot.right, y: plot.bottom + 34, class: "tk", anchor: .end)
    for point in cloud {
      svg.circle(x: plot.x(point.x), y: plot.y(point.y), radius: 2, class: "cloud")
    }
    if front.count > 1 {
      svg.polyline(front.map { (plot.x($0.x), plot.y($0.y)) }, class: "front")
    }
    var labels: [(x: Double, y: Double, width: Double)] = []
    for mark in marks {
      let x = plot.x(mark.x)
      let y = plot.y(mark.y)
      svg.circle(
        x: x, y: y, radius: 5, class: mark.onFront ? "mark onfront" : "mark", tip: mark.name)
      drawLabel(of: mark, at: (x, y), on: &svg, avoiding: &labels)
    }
    svg.height = plot.bottom + 42
    return svg
  }

  /// Writes a name beside its point, unless it would cover one that is there.
  private func drawLabel(
    of mark: Mark, at point: (x: Double, y: Double), on svg: inout SVG,
    avoiding labels: inout [(x: Double, y: Double, width: Double)]
  ) {
    let name = SVG.fitted(mark.name, width: svg.width * 0.5)
    let width = SVG.textWidth(name)
    let isLeft = point.x + 9 + width <= svg.width
    let x = isLeft ? point.x + 9 : point.x - 9 - width
    for y in [point.y - 6, point.y + 14] {
      let isFree = labels.allSatisfy {
        x + width < $0.x || $0.x + $0.width < x || ($0.y - y).magnitude > 12
      }
      guard isFree else { continue }
      svg.text(
        name, x: isLeft ? x : point.x - 9, y: y, class: mark.onFront ? "lb strong" : "lb",
        anchor: isLeft ? .start : .end)
      labels.append((x, y, width))
      return
    }
  }
}

/// A rectangle with two linear axes.
struct Plot {
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>
  private let up: [(value: Double, text: String)]

  /// A plot whose left edge leaves room for the widest label.
  init(
    right: Double, top: Double, bottom: Double, x: ClosedRange<Double>, y: ClosedRange<Double>
  ) {
    self.right = right
    self.top = top
    self.bottom = bottom
    self.x = x
    self.y = y
    up = Ticks.labelled(y, about: 5)
    left = max(30, (up.map { SVG.textWidth($0.text) }.max() ?? 0) + 10)
  }

  /// The range of the values with a margin; never empty.
  static func range(_ values: [Double]) -> ClosedRange<Double> {
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    // Where all is 0 nothing says how large values may be.
    guard high > 0 || low < high else { return 0...1 }
    let margin = high > low ? (high - low) * 0.08 : high.magnitude * 0.1
    return max(0, low - margin)...(high + margin)
  }

  func x(_ value: Double) -> Double {
    left + (right - left) * (value - x.lowerBound) / (x.upperBound - x.lowerBound)
  }

  func y(_ value: Double) -> Double {
    bottom - (bottom - top) * (value - y.lowerBound) / (y.upperBound - y.lowerBound)
  }

  func drawAxes(on svg: inout SVG, about count: Int) {
    for tick in up {
      let height = y(tick.value)
      svg.line(x1: left, y1: height, x2: right, y2: height, class: "grid")
      svg.text(tick.text, x: left - 6, y: height + 4, class: "tk", anchor: .end)
    }
    var free = 0.0
    for tick in Ticks.labelled(x, about: count) {
      let place = x(tick.value)
      svg.line(x1: place, y1: bottom, x2: place, y2: bottom + 4, class: "axis")
      // A label that would touch its neighbour or the edge is left out; its tick stays.
      let half = SVG.textWidth(tick.text) / 2
      guard place - half >= free, place + half <= svg.width else { continue }
      svg.text(tick.text, x: place, y: bottom + 17, class: "tk", anchor: .middle)
      free = place + half + 6
    }
    svg.line(x1: left, y1: bottom, x2: right, y2: bottom, class: "axis")
  }
}
