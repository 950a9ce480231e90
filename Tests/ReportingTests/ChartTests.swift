import CostModel
import Foundation
import Planning
import Quantities
import Reporting
import Testing
import Workloads

@Suite("Charts")
struct ChartTests {
  /// Every drawing of a report: the files, and both drawings of each within the page.
  private func drawings(_ report: Report) -> [(name: String, text: String)] {
    let files = report.files
    var all = files.filter { $0.name.hasSuffix(".svg") }.map { ($0.name, $0.contents) }
    let page = files.first { $0.name == "report.html" }?.contents ?? ""
    for part in page.components(separatedBy: "<svg ").dropFirst() {
      let end = part.range(of: "</svg>")?.upperBound ?? part.endIndex
      all.append(("page drawing \(all.count)", "<svg " + part[..<end]))
    }
    return all
  }

  private static let reports: [Report] = [
    Samples.report(),
    Samples.extremeReport(memoryScale: 40, capacity: 2e9, slower: 3000),
    Samples.extremeReport(memoryScale: 0.001, capacity: 600e9, slower: 1e-6),
  ]

  @Test("Nothing lies outside the view box, whatever the numbers", arguments: 0..<3)
  func inside(_ index: Int) throws {
    let drawings = drawings(Self.reports[index])
    #expect(drawings.count == 18)
    for drawing in drawings {
      let shapes = try #require(SVGReader.shapes(drawing.text), "\(drawing.name) is not XML")
      let box = (shapes[0].attributes["viewBox"] ?? "").split(separator: " ").compactMap {
        Double($0)
      }
      try #require(box.count == 4)
      for shape in shapes {
        for (x, y) in corners(of: shape) {
          #expect(x >= -0.01 && x <= box[2] + 0.01, "\(drawing.name): \(shape)")
          #expect(y >= -0.01 && y <= box[3] + 0.01, "\(drawing.name): \(shape)")
        }
      }
    }
  }

  /// Corner points; a text's width is taken as 0.5 of its size per character.
  private func corners(of shape: SVGReader.Shape) -> [(Double, Double)] {
    let (x, y) = (shape.number("x"), shape.number("y"))
    switch shape.element {
    case "rect":
      #expect(shape.number("width") >= 0 && shape.number("height") >= 0)
      return [(x, y), (x + shape.number("width"), y + shape.number("height"))]
    case "line":
      return [
        (shape.number("x1"), shape.number("y1")), (shape.number("x2"), shape.number("y2")),
      ]
    case "circle": return [(shape.number("cx"), shape.number("cy"))]
    case "polyline":
      return (shape.attributes["points"] ?? "").split(separator: " ").map {
        let pair = $0.split(separator: ",").compactMap { Double($0) }
        return pair.count == 2 ? (pair[0], pair[1]) : (.nan, .nan)
      }
    case "text":
      let width = Double(shape.text.count) * 6
      switch shape.attributes["text-anchor"] {
      case "end": return [(x - width, y), (x, y)]
      case "middle": return [(x - width / 2, y), (x + width / 2, y)]
      default: return [(x, y), (x + width, y)]
      }
    default: return []
    }
  }

  @Test("The segments of each bar fill it and have the proportions of the data")
  func segments() throws {
    let files = Samples.report().files
    let text = try #require(files.first { $0.name == "step-time.svg" }?.contents)
    let shapes = try #require(SVGReader.shapes(text))
    let rows = Dictionary(
      grouping: shapes.filter { $0.classes.contains("segment") }, by: { $0.number("y") })
    #expect(rows.count == 2)
    for row in rows.values {
      let sorted = row.sorted { $0.number("x") < $1.number("x") }
      var x = 0.0
      for segment in sorted {
        #expect((segment.number("x") - x).magnitude < 0.02)
        x = segment.number("x") + segment.number("width")
      }
      #expect((x - 720).magnitude < 0.02)
    }
    let attack = try #require(
      rows.values.joined().first { abs($0.number("width") - 0.42 * 720) < 0.02 })
    #expect(attack.classes.contains("c3"))
  }

  @Test("The waterfall ends at the peak, and capacity and margin stand where they belong")
  func waterfall() throws {
    let text = try #require(
      Samples.report().files.first { $0.name == "memory.svg" }?.contents)
    let shapes = try #require(SVGReader.shapes(text))
    let segments = shapes.filter { $0.classes.contains("segment") }
    let total = try #require(shapes.first { $0.classes.contains("total") })
    let end = try #require(segments.last)
    #expect(
      (end.number("x") + end.number("width") - total.number("x") - total.number("width"))
        .magnitude < 0.05)
    let sum = segments.reduce(0) { $0 + $1.number("width") }
    #expect((sum - total.number("width")).magnitude < 0.1)
    let capacity = try #require(shapes.first { $0.classes == ["limit"] })
    let margin = try #require(shapes.first { $0.classes == ["margin"] })
    let start = total.number("x")
    let ratio = (margin.number("x1") - start) / (capacity.number("x1") - start)
    #expect((ratio - 0.92).magnitude < 1e-3)
    #expect(total.classes.contains("fits"))
  }

  @Test("Every drawing names and describes itself under ids that are unique in the page")
  func accessible() throws {
    let page = try #require(
      Samples.report().files.first { $0.name == "report.html" }?.contents)
    let ids = page.matches(of: /\bid="([^"]+)"/).map { String($0.1) }
    #expect(Set(ids).count == ids.count)
    for drawing in drawings(Samples.report()) {
      let shapes = try #require(SVGReader.shapes(drawing.text))
      #expect(shapes[0].attributes["role"] == "img")
      let labels = (shapes[0].attributes["aria-labelledby"] ?? "").split(separator: " ")
      let described = shapes.filter { labels.contains(Substring($0.attributes["id"] ?? "")) }
      #expect(described.map(\.element) == ["title", "desc"])
      #expect(described.allSatisfy { !$0.text.isEmpty })
    }
  }

  @Test("Where no model withstands the attack, the axis still says per cent")
  func zeros() {
    let drawing = TradeOffDrawing(
      title: "Nothing", summary: "",
      series: [
        TradeOffSeries(
          name: "one", isJoined: false,
          points: [.init(label: "lambda 1.0", x: 1.5, xRange: 1.5...1.5, y: 0, yRange: 0...0)])
      ])
    #expect(!drawing.svg.contains("0.0000"))
    #expect(drawing.svg.contains(">1.0<"))
  }

  @Test("A scatter of many plans stays small and keeps the front")
  func thinned() throws {
    var result = Samples.plan()
    result.points = (0..<50_000).map { index in
      // Slower plans may need less memory: a front with more than one point.
      let slower = Double(index % 977)
      let noise = Double((index &* 7919) % 30_011)
      let memory: Double = 6e10 - 2e7 * slower + 1e6 * noise
      return (step: Seconds(4 + slower / 200), peak: Bytes(memory))
    }
    let report = Report(
      scenario: Samples.scenario(), estimate: Samples.estimate(), plan: result, baselines: [],
      comparison: [], provenance: Samples.provenance)
    let csv = try #require(report.files.first { $0.name == "plans.csv" }?.contents)
    let rows = CSVReader.rows(csv)
    #expect(rows.count < 14_800)
    #expect(rows.filter { $0[3] == "true" && !$0[0].isEmpty }.count == 3)
    // The front is that of all plans, not of those that thinning left.
    let front = rows.filter { $0[3] == "true" && $0[0].isEmpty }
      .map { (x: Double($0[1]) ?? .nan, y: Double($0[2]) ?? .nan) }
    #expect(front.count > 1)
    for point in result.points {
      let (x, y) = (point.step.value, point.peak.value / 1_073_741_824)
      #expect(front.contains { $0.x <= x && $0.y <= y })
    }
    for point in front {
      #expect(!front.contains { $0.x <= point.x && $0.y <= point.y && $0 != point })
    }
  }
}

extension Samples {
  /// A report whose figures lie far from what charts are laid out for.
  static func extremeReport(memoryScale: Double, capacity: Double, slower: Double) -> Report {
    func extreme(_ method: CalibrationMethod, _ hardware: String) -> Estimate {
      var estimate = estimate(
        method, hardware: hardware, slower: slower, memoryScale: memoryScale)
      estimate.memory.capacity = Bytes(capacity)
      return estimate
    }
    let name = String(repeating: "a-very-long-profile-name-", count: 4)
    return Report(
      scenario: scenario(.lsaITC, title: String(repeating: "long title ", count: 30)),
      estimate: extreme(.lsaITC, name), plan: plan(), baselines: [extreme(.none, name)],
      comparison: [estimate(), estimate(hardware: name, slower: slower), estimate(slower: 1.1)],
      provenance: provenance)
  }
}
