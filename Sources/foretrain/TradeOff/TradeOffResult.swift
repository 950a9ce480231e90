import Quantities
import Reporting
import Training

/// A clean-against-robust study: means over seeds with their extremes, and what one model replaces.
struct TradeOffResult {
  var title: String
  var curves: [TradeOffCurve]

  private var summaries: [TradeOffSummary] { TradeOffSummary.of(curves) }

  /// The picture: a line for a model that is told lambda, single points for the others.
  var drawing: TradeOffDrawing {
    var names: [String] = []
    for summary in summaries where !names.contains(summary.name) { names.append(summary.name) }
    let series = names.map { name in
      let own = summaries.filter { $0.name == name }
      return TradeOffSeries(
        name: own.count > 1 ? "\(name), one model" : name, isJoined: own.count > 1,
        points: own.map {
          TradeOffSeries.Point(
            label: (own.count > 1 ? "told " : "lambda ") + "\($0.lambda)", x: 100 * $0.clean.mean,
            xRange: 100 * $0.clean.low...100 * $0.clean.high, y: 100 * $0.attacked.mean,
            yRange: 100 * $0.attacked.low...100 * $0.attacked.high)
        })
    }
    return TradeOffDrawing(
      title: title,
      summary: "Zero-shot accuracy on clean images against accuracy under attack; bars reach from "
        + "the lowest to the highest seed.", series: series)
  }

  private var table: Table {
    func spread(_ spread: TradeOffSummary.Spread) -> Table.Cell {
      func percent(_ share: Double) -> String { Format.fixed(100 * share, digits: 1) }
      return .number(
        spread.mean, "\(percent(spread.mean)) % (\(percent(spread.low)) .. \(percent(spread.high)))"
      )
    }
    return Table(
      columns: [
        .init("run", "run"), .init("lambda", "lambda", .right),
        .init("clean_accuracy", "clean", .right), .init("attacked_accuracy", "attacked", .right),
        .init("seeds", "seeds", .right),
      ],
      rows: summaries.map {
        [
          .words($0.name), .number(Double($0.lambda), "\($0.lambda)"), spread($0.clean),
          spread($0.attacked), .integer($0.seeds),
        ]
      })
  }
}

extension TradeOffResult: Answer {
  func text(style: Style) -> String { title + "\n" + table.text(style: style) }
  var markdown: String { table.markdown }
  var csv: String { table.csv }

  func json(provenance: Provenance) -> String {
    func spread(_ spread: TradeOffSummary.Spread) -> JSONValue {
      ["mean": .number(spread.mean), "low": .number(spread.low), "high": .number(spread.high)]
    }
    let value: JSONValue = [
      "schema_version": .string(Schema.version),
      "runs": .array(
        curves.map {
          ["run": .string($0.name), "seed": .string("\($0.seed)"), "points": $0.json]
        }),
      "summary": .array(
        summaries.map {
          [
            "run": .string($0.name), "lambda": .number(Double("\($0.lambda)") ?? 0),
            "clean_accuracy": spread($0.clean), "attacked_accuracy": spread($0.attacked),
            "seeds": .integer($0.seeds),
          ]
        }), "provenance": provenance.json,
    ]
    return value.text
  }
}
