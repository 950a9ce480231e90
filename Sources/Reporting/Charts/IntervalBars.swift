/// Bars from 0 to a typical value with the 90 % range over them, in groups.
struct IntervalBars: ChartBody {
  /// Bars under one heading.
  struct Group: Sendable {
    /// The heading; empty for none.
    var title: String
    var bars: [Bar]
  }

  /// One bar.
  struct Bar: Sendable {
    var name: String
    var low: Double
    var typical: Double
    var high: Double
    /// The three values for people.
    var text: String
  }

  let groups: [Group]
  /// A vertical line to compare with, for example the baseline at 1.
  let reference: (value: Double, name: String)?
  /// Column prefix in the CSV, for example `ratio`, and the unit as suffix.
  let key: (prefix: String, suffix: String)

  var data: Table {
    Table(
      columns: [
        .init("group", "group"), .init("name", "name"),
        .init("\(key.prefix)_low\(key.suffix)", "low", .right),
        .init("\(key.prefix)_typical\(key.suffix)", "typical", .right),
        .init("\(key.prefix)_high\(key.suffix)", "high", .right),
      ],
      rows: groups.flatMap { group in
        group.bars.map {
          [
            .words(group.title), .words($0.name), .number($0.low, $0.text),
            .number($0.typical, $0.text), .number($0.high, $0.text),
          ]
        }
      })
  }

  func draw(width: Double) -> SVG {
    var svg = SVG(width: width)
    let bars = groups.flatMap(\.bars)
    let end = max(bars.map(\.high).max() ?? 1, (reference?.value ?? 0) * 1.1) * 1.02
    func x(_ value: Double) -> Double { end > 0 ? (width - 1) * value / end : 0 }
    var y = reference == nil ? 0.0 : 22
    let top = y
    for group in groups {
      if !group.title.isEmpty {
        svg.text(
          SVG.fitted(group.title, width: width), x: 0, y: y + 14, class: "lb strong")
        y += 22
      }
      for (offset, bar) in group.bars.enumerated() {
        let valueWidth = SVG.textWidth(bar.text)
        svg.text(SVG.fitted(bar.name, width: width), x: 0, y: y + 12)
        if SVG.textWidth(bar.name) + valueWidth + 10 > width { y += 16 }
        svg.text(bar.text, x: width, y: y + 12, class: "tk", anchor: .end)
        y += 18
        svg.rect(
          x: 0, y: y, width: x(bar.typical), height: 12,
          class: "bar " + StackedBars.color(offset), tip: "\(bar.name): \(bar.text)")
        Whisker.draw(on: &svg, from: x(bar.low), to: x(bar.high), y: y + 6)
        y += 20
      }
      y += 8
    }
    if let reference {
      let line = x(reference.value)
      svg.line(x1: line, y1: top - 4, x2: line, y2: y - 8, class: "limit")
      // The name stands on the side of the line that has room.
      let isLeft = line + SVG.textWidth(reference.name) < width
      svg.text(
        reference.name, x: isLeft ? line : min(line, width), y: 12, class: "tk",
        anchor: isLeft ? .start : .end)
    }
    svg.height = max(1, y)
    return svg
  }
}
