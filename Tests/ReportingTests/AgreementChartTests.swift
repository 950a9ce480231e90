import Foundation
import Reporting
import Testing

@Suite("Predicted against measured")
struct AgreementChartTests {
  /// Labels of the ticks of both axes.
  private func labels(from low: Double, to high: Double) -> [String] {
    let points = [low, high].map {
      AgreementChart.Point(name: "run", predicted: $0, low: $0, high: $0, measured: $0)
    }
    let svg = AgreementChart(title: "t", summary: "s", unit: "GiB", points: points).svg
    return svg.split(separator: ">").compactMap { part in
      let text = part.prefix { $0 != "<" }
      return Double(text.replacing(",", with: "")) == nil ? nil : String(text)
    }
  }

  @Test(
    "at least three ticks an axis over a factor of four or more, never more than nine",
    arguments: [(23.0, 92.0), (1, 4), (0.06, 0.7), (9, 100), (0.01, 90), (1e-3, 1e4)])
  func ticks(low: Double, high: Double) {
    let labels = labels(from: low, to: high)
    #expect(labels.count.isMultiple(of: 2))
    #expect((3...9).contains(labels.count / 2), "\(low) to \(high): \(labels)")
  }
}
