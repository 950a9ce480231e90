import Quantities

/// A chart: what it shows in words, its data, and how it is drawn.
struct Chart: Sendable {
  /// Also the name of its CSV and SVG files.
  let id: String
  let title: String
  /// What a reader who cannot see it should know.
  let summary: String
  let body: any ChartBody

  /// Width for a column of text on a desk.
  static let wide = 720.0
  /// Width that a 360 px screen leaves within its margins.
  static let narrow = 320.0

  /// For a page that holds the chart's style sheet: two drawings, of which CSS shows one.
  var html: String {
    let drawings = [(Self.wide, "wide"), (Self.narrow, "narrow")].map { width, name in
      "<div class=\"\(name)\">\n"
        + body.draw(width: width).element(
          id: "\(id)-\(name)", title: title, description: summary) + "</div>\n"
    }
    return "<figure id=\"chart-\(id)\">\n<figcaption>\(HTML.escaped(title))</figcaption>\n"
      + drawings.joined() + "</figure>\n"
  }

  /// A file of its own, with light and dark colours.
  var file: String {
    body.draw(width: Self.wide).element(
      id: id, title: title, description: summary,
      styleSheet: StyleSheet.colors(of: "svg") + StyleSheet.charts)
  }
}

/// The form of a chart.
protocol ChartBody: Sendable {
  /// The data, as the chart's CSV.
  var data: Table { get }
  /// The drawing at a width.
  func draw(width: Double) -> SVG
}

/// Round numbers for an axis.
enum Ticks {
  /// Multiples of 1, 2 or 5 times a power of ten within `range`, about `count` of them.
  static func values(_ range: ClosedRange<Double>, about count: Int) -> [Double] {
    let span = range.upperBound - range.lowerBound
    guard span > 0, span.isFinite, count > 0 else { return [range.lowerBound] }
    let rough = span / Double(count)
    var magnitude = 1.0
    while magnitude * 10 <= rough { magnitude *= 10 }
    while magnitude > rough { magnitude /= 10 }
    let step = [1.0, 2, 5, 10].map { $0 * magnitude }.first { $0 >= rough } ?? magnitude
    let first = (range.lowerBound / step).rounded(.up)
    let last = (range.upperBound / step).rounded(.down)
    guard first <= last else { return [range.lowerBound] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// The same with their texts.
  static func labelled(
    _ range: ClosedRange<Double>, about count: Int
  ) -> [(value: Double, text: String)] {
    let all = values(range, about: count)
    let step = all.count > 1 ? all[1] - all[0] : all[0]
    return all.map { ($0, text($0, step: step)) }
  }

  /// A tick as text: as many decimals as the step between ticks needs.
  private static func text(_ value: Double, step: Double) -> String {
    var digits = 0
    var scale = 1.0
    while digits < 9, ((step * scale).rounded() - step * scale).magnitude > 1e-6 * step * scale {
      digits += 1
      scale *= 10
    }
    return Format.fixed(value, digits: digits)
  }
}

/// Coloured keys that flow over as many lines as they need.
struct Legend {
  let entries: [(text: String, colorClass: String)]

  /// Draws from `y` downwards; returns the y below.
  func draw(on svg: inout SVG, x left: Double, y top: Double) -> Double {
    let lineHeight = 18.0
    var x = left
    var y = top
    for entry in entries {
      let text = SVG.fitted(entry.text, width: svg.width - left - 20)
      let width = 16 + SVG.textWidth(text) + 14
      if x > left, x + width > svg.width {
        x = left
        y += lineHeight
      }
      svg.rect(x: x, y: y, width: 10, height: 10, class: "key " + entry.colorClass)
      svg.text(text, x: x + 15, y: y + 9.5)
      x += width
    }
    return y + lineHeight
  }
}
