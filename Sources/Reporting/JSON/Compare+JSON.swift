import CostModel
import Quantities

extension Comparison {
  /// The `compare` object of the JSON contract.
  ///
  /// `best` names profiles; where a profile stands twice (another axis was varied), the label of the
  /// estimate. `best_positions` are positions in `estimates`.
  public func json(provenance: Provenance) -> JSONValue {
    let distinct = Set(estimates.map(\.hardware)).count == estimates.count
    let best = Measure.allCases.map { ($0.rawValue, self.best($0)) }
    return [
      "schema_version": .string(Schema.version),
      "estimates": .array(estimates.map { $0.json(provenance: provenance) }),
      "labels": .array(labels.map { .string($0) }),
      "best": .object(
        best.map { name, position in
          .init(name, .optional(position.map { distinct ? estimates[$0].hardware : labels[$0] }))
        }),
      "best_positions": .object(best.map { .init($0.0, .optional($0.1)) }),
      "settled": .object(Measure.allCases.map { .init($0.rawValue, .bool(isSettled($0))) }),
      "break_even": .array(
        breakEven.map {
          [
            "hardware": .string($0.hardware), "against": .string($0.against),
            "price_usd_per_accelerator_hour": .optional($0.price?.value),
            "price_ratio": .number($0.ratio),
          ]
        }),
      "failed": .array(
        failed.map {
          [
            "hardware": .string($0.hardware), "accelerators": .integer($0.accelerators),
            "reason": .string($0.reason),
          ]
        }),
      "provenance": provenance.json,
    ]
  }
}
