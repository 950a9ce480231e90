import PublishedCases
import Quantities

/// Published ratios of training with an attack, predicted and by counting passes.
struct PairTable {
  let scores: [PairScore]

  var table: Table {
    Table(
      columns: [
        .init("id", "pair"), .init("method", "what over what"),
        .init("published", "published", .right), .init("predicted", "predicted", .right),
        .init("error", "error", .right), .init("passes", "by passes", .right),
        .init("pass_error", "error", .right), .init("agrees", "agrees"),
        .init("source", "source"),
      ],
      rows: scores.map { score in
        let pair = score.pair
        return [
          .words(pair.id), .words(pair.method),
          .words(Self.range(pair.low == pair.high ? [pair.low] : [pair.low, pair.high])),
          .words(Self.range(score.predicted)), Self.share(score.error),
          .words(Self.range(score.passes)), Self.share(score.passError),
          Table.Cell(text: score.agrees ? "yes" : "no", value: .bool(score.agrees)),
          .words(pair.source),
        ]
      })
  }

  private static func range(_ values: [Double]) -> String {
    values.map { Format.fixed($0, digits: 2) }.joined(separator: " to ")
  }

  private static func share(_ value: Double?) -> Table.Cell {
    value.map { .number($0, ($0 > 0 ? "+" : "") + Figures.percent($0)) } ?? .empty
  }
}
