import CostModel
public import Planning
import Strategies

extension PlanResult {
  /// The `plan` object of the JSON contract.
  ///
  /// - Parameters:
  ///   - scenario: the question.
  ///   - provenance: what the answer was made from.
  ///   - isTimed: false leaves out the threads and seconds of the search, which differ between
  ///     machines, for files that are compared byte by byte.
  /// - Returns: one object.
  public func json(
    scenario: Scenario, provenance: Provenance, isTimed: Bool = true
  ) -> JSONValue {
    [
      "schema_version": .string(Schema.version), "scenario": .string(scenario.id),
      "objective": .string(scenario.objective.rawValue),
      "fixed": fixed.map { $0.json(provenance: provenance) } ?? .null,
      "plans": .array(
        plans.enumerated().map {
          $0.element.json(provenance: provenance, pareto: pareto.contains($0.offset))
        }),
      "rejected": .array(
        rejected.map {
          [
            "strategy": $0.rejection.strategy.json(for: scenario.workload),
            "rule": .string($0.rejection.rule), "detail": .string($0.rejection.detail),
            "count": .integer($0.count),
          ]
        }),
      "searched": .integer(searched), "pruned": .integer(pruned),
      "threads": isTimed ? .integer(threads) : .null,
      "seconds": isTimed ? .number(seconds) : .null,
      "shadow_prices": .array(
        shadowPrices.map {
          [
            "resource": .string($0.resource), "unit": .string($0.unit),
            "saves": ["step_seconds": .number($0.stepSeconds), "step_share": .number($0.share)],
          ]
        }),
      "reason": .optional(infeasible), "provenance": provenance.json,
    ]
  }
}
