import Quantities
import Reporting
import Training

extension TradeOffCurve {
  /// For people: a row for every value of lambda, with the 95 % margin that the images leave.
  var table: Table {
    Table(
      columns: [
        .init("lambda", "lambda", .right), .init("clean_accuracy", "clean", .right),
        .init("attacked_accuracy", "attacked", .right), .init("images", "images", .right),
      ],
      rows: points.map { point in
        [
          .number(Double(point.lambda), "\(point.lambda)"),
          .number(point.clean, Self.text(point.clean, point)),
          .number(point.attacked, Self.text(point.attacked, point)), .integer(point.images),
        ]
      })
  }

  private static func text(_ share: Double, _ point: SweepPoint) -> String {
    Format.fixed(100 * share, digits: 1) + " % +- "
      + Format.fixed(100 * point.margin(of: share), digits: 1)
  }

  /// The key `sweep` of `foretrain train --sweep --format json`.
  var json: JSONValue {
    .array(
      points.map {
        [
          "lambda": .number(Double("\($0.lambda)") ?? Double($0.lambda)),
          "clean_accuracy": .number($0.clean), "attacked_accuracy": .number($0.attacked),
          "images": .integer($0.images),
        ]
      })
  }
}
