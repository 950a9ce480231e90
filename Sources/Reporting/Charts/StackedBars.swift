/// Bars of one length, each divided in its own way: the step by part and by phase.
struct StackedBars: ChartBody {
  /// One bar.
  struct Bar: Sendable {
    /// For example `by phase`.
    var title: String
    /// Segments from the left; none is negative.
    var segments: [Segment]
  }

  /// A piece of a bar.
  struct Segment: Sendable {
    var name: String
    var value: Double
    /// The value for people, with its unit and share.
    var text: String
  }

  let bars: [Bar]
  /// Column name of the values in the CSV, with the unit.
  let valueKey: String

  var data: Table {
    Table(
      columns: [.init("bar", "bar"), .init("part", "part"), .init(valueKey, "value", .right)],
      rows: bars.flatMap { bar in
        bar.segments.map { [.words(bar.title), .words($0.name), .number($0.value, $0.text)] }
      })
  }

  func draw(width: Double) -> SVG {
    var svg = SVG(width: width)
    var y = 0.0
    for bar in bars {
      svg.text(bar.title, x: 0, y: y + 12, class: "lb strong")
      y += 20
      let total = bar.segments.reduce(0) { $0 + $1.value }
      var x = 0.0
      for (offset, segment) in bar.segments.enumerated() where total > 0 {
        let length = width * segment.value / total
        svg.rect(
          x: x, y: y, width: length, height: 26, class: "segment " + Self.color(offset),
          tip: "\(segment.name): \(segment.text)")
        x += length
      }
      y += 36
      let legend = Legend(
        entries: bar.segments.enumerated().map {
          ("\($0.element.name) \($0.element.text)", Self.color($0.offset))
        })
      y = legend.draw(on: &svg, x: 0, y: y) + 12
    }
    svg.height = max(1, y - 8)
    return svg
  }

  /// Colours repeat after eight.
  static func color(_ position: Int) -> String { "c\(position % 8 + 1)" }
}
