import CostModel
import PublishedCases
import Quantities

extension Scorecard {
  /// All cases with their figures, and the scores by series; `leftOut`: what a fit says besides.
  func json(provenance: Provenance, leftOut: [JSONValue.Member]) -> JSONValue {
    guard case .object(var members) = scores else { return scores }
    if !leftOut.isEmpty { members.append(.init("left_out", .object(leftOut))) }
    return .object(members + [.init("provenance", provenance.json)])
  }

  private var scores: JSONValue {
    let facts = confusion
    let batches = maxMicroBatch
    return [
      "schema_version": .string(Schema.version),
      "cases": .array(predictions.map(\.json)),
      "series": .array(times.map(\.json)),
      "memory": .array(memory.map(\.json)),
      "loss_memory": .array(lossMemory.map(\.json)),
      "fitting": [
        "fits_predicted_fits": .integer(facts.fitsRight),
        "fits_predicted_does_not_fit": .integer(facts.fitsWrong),
        "does_not_fit_predicted_does_not_fit": .integer(facts.doesNotFitRight),
        "does_not_fit_predicted_fits": .integer(facts.doesNotFitWrong),
        "not_run": .integer(facts.missed),
      ],
      "max_micro_batch": ["kept": .integer(batches.kept), "all": .integer(batches.all)],
      "cases_run": .integer(predictions.count - unsupported.count),
      "cases_all": .integer(predictions.count),
      "median_over_series": .optional(medianOverSeries),
      "mean_over_series": .optional(meanOverSeries),
    ]
  }
}

extension CasePrediction {
  /// One case: what was measured, what was predicted, what was matched with something near.
  var json: JSONValue {
    [
      "line": .integer(published.line), "id": .string(published.id),
      "group": .string(published.group), "series": .string(published.series),
      "grade": .string(published.grade.rawValue), "scored": .bool(published.isScored),
      "supported": .bool(problem == nil), "reason": .optional(problem),
      "stack": .string(stack), "device": .string(device),
      "known": known.map {
        [
          "software": .bool($0.software), "accelerator": .bool($0.accelerator),
          "machine": .bool($0.machine),
        ]
      } ?? .null,
      "notes": .array(notes.map { .string($0) }), "flags": .array(flags.map { .string($0) }),
      "step_s": step?.json ?? .null,
      "terms_s": terms.map { terms in
        .object(terms.parts.map { .init($0.term.rawValue, .number($0.time.value)) })
      } ?? .null,
      "figures": .array(published.measured.map { figureJSON($0) }),
    ]
  }

  private func figureJSON(_ measurement: CaseMeasurement) -> JSONValue {
    let figure = figures.first { $0.measurement == measurement }
    return [
      "kind": .string(measurement.kind.rawValue), "bound": .string(measurement.bound.rawValue),
      "basis": .optional(measurement.basis?.rawValue), "value": .number(measurement.value),
      "low": .optional(figure?.predicted.low), "typical": .optional(figure?.predicted.typical),
      "high": .optional(figure?.predicted.high), "relative_error": .optional(figure?.error),
      "step_error": .optional(measurement.kind.isTime ? figure?.stepError : nil),
      "agrees": figure.map { .bool($0.agrees) } ?? .null,
    ]
  }
}

extension Range90 {
  /// Low, typical, high.
  var json: JSONValue {
    ["low": .number(low), "typical": .number(typical), "high": .number(high)]
  }
}

extension Scorecard.Series {
  /// The series' errors.
  var json: JSONValue {
    [
      "series": .string(name), "basis": basis.isEmpty ? .null : .string(basis),
      "figures": .integer(errors.count + missed), "missed": .integer(missed),
      "runs": .integer(groups.count), "mean": .optional(mean), "median": .optional(median),
      "max": .optional(worst), "bias": .optional(bias),
      "within_10": .optional(share(within: 0.1)), "within_20": .optional(share(within: 0.2)),
      "within_30": .optional(share(within: 0.3)), "coverage": .optional(coverage),
      "bounds_kept": .integer(boundsKept), "bounds": .integer(bounds),
    ]
  }
}
