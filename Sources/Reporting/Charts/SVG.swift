/// A drawing that grows element by element; same calls, same bytes.
struct SVG: Sendable {
  /// Width of the view box; texts have their size in the same units, so it is never squeezed.
  let width: Double
  /// Height of the view box, set when the layout is known.
  var height: Double
  private var body = ""
  /// Texts, drawn last: no line crosses a label.
  private var labels = ""

  /// Size of labels.
  static let fontSize = 12.0

  init(width: Double, height: Double = 0) {
    self.width = width
    self.height = height
  }

  /// Which end of a text stands at its x.
  enum Anchor: String { case start, middle, end }

  mutating func rect(
    x: Double, y: Double, width: Double, height: Double, class name: String, tip: String = ""
  ) {
    let shape =
      "<rect class=\"\(name)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" "
      + "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\""
    add(shape, "rect", tip)
  }

  mutating func line(
    x1: Double, y1: Double, x2: Double, y2: Double, class name: String
  ) {
    body +=
      "<line class=\"\(name)\" x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" "
      + "x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\"/>\n"
  }

  mutating func circle(
    x: Double, y: Double, radius: Double, class name: String, tip: String = ""
  ) {
    let shape =
      "<circle class=\"\(name)\" cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" "
      + "r=\"\(Self.number(radius))\""
    add(shape, "circle", tip)
  }

  mutating func polyline(_ points: [(x: Double, y: Double)], class name: String) {
    let list = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
    body += "<polyline class=\"\(name)\" points=\"\(list)\"/>\n"
  }

  mutating func text(
    _ text: String, x: Double, y: Double, class name: String = "lb", anchor: Anchor = .start
  ) {
    let end = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
    labels +=
      "<text class=\"\(name)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\"\(end)>"
      + HTML.escaped(text) + "</text>\n"
  }

  private mutating func add(_ shape: String, _ element: String, _ tip: String) {
    body +=
      tip.isEmpty
      ? shape + "/>\n" : shape + "><title>\(HTML.escaped(tip))</title></\(element)>\n"
  }

  /// The element with its title and description for screen readers.
  ///
  /// - Parameters:
  ///   - id: unique within the page.
  ///   - title: its name.
  ///   - description: what it shows.
  ///   - styleSheet: for a file of its own; empty within a page that has the rules.
  /// - Returns: one `svg` element.
  func element(id: String, title: String, description: String, styleSheet: String = "") -> String {
    let size = "\(Self.number(width)) \(Self.number(height))"
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size)\" "
      + "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" role=\"img\" "
      + "aria-labelledby=\"\(id)-title \(id)-desc\">\n"
      + "<title id=\"\(id)-title\">\(HTML.escaped(title))</title>\n"
      + "<desc id=\"\(id)-desc\">\(HTML.escaped(description))</desc>\n"
      + (styleSheet.isEmpty ? "" : "<style>\(styleSheet)</style>\n")
      + body + labels + "</svg>\n"
  }

  /// At most two decimals, without a zero at the end.
  static func number(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  /// About how wide a text is: 0.56 of the size per column, on the wide side for sans-serif faces.
  static func textWidth(_ text: String, size: Double = fontSize) -> Double {
    Double(text.displayWidth) * 0.56 * size
  }

  /// The text, cut with `…` where it would be wider than `width`.
  static func fitted(_ text: String, width: Double, size: Double = fontSize) -> String {
    guard textWidth(text, size: size) > width else { return text }
    var cut = text
    while !cut.isEmpty, textWidth(cut + "…", size: size) > width { cut.removeLast() }
    return cut + "…"
  }
}

/// Characters that HTML and XML give a meaning.
enum HTML {
  /// Text for elements and quoted attributes, on one line, without control characters.
  static func escaped(_ text: String) -> String {
    var output = ""
    for character in text.singleLine {
      switch character {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      default: output.append(character)
      }
    }
    return output
  }
}
