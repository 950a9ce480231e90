import Reporting
import Validation

extension Prediction {
  /// What is stored before a run.
  var json: JSONValue {
    .object([
      .init("run", .string(run)), .init("step_seconds", .number(seconds)),
      .init("low_seconds", .number(low)), .init("high_seconds", .number(high)),
      .init("peak_bytes", .number(peakBytes)),
    ])
  }
}

extension ValidationEntry {
  /// One element of `runs`.
  var json: JSONValue {
    .object([
      .init("id", .string(id)), .init("title", .string(title)),
      .init("baseline", .optional(baseline)), .init("predicted_at", .string(predictedAt)),
      .init("prediction_hash", .string(hash)),
      .init("predicted_step_seconds", .number(prediction.seconds)),
      .init("interval_seconds", .array([.number(prediction.low), .number(prediction.high)])),
      .init("measured_step_seconds", .number(seconds)), .init("time_error", .number(timeError)),
      .init("in_interval", .bool(isCovered)), .init("steps", .integer(steps)),
      .init("undisturbed_steps", .integer(accepted)), .init("corrected", .bool(isCorrected)),
      .init("predicted_peak_bytes", .number(prediction.peakBytes)),
      .init("counted_peak_bytes", .integer(peakBytes)),
      .init("memory_error", .number(memoryError)), .init("kernels_match", .bool(kernelsMatch)),
    ])
  }
}

extension OverheadEntry {
  /// One element of `overheads`.
  var json: JSONValue {
    .object([
      .init("id", .string(id)), .init("baseline", .string(baseline)),
      .init("predicted_ratio", .number(predicted)), .init("measured_ratio", .number(measured)),
      .init("measured_ratio_half_interval", .optional(halfInterval)),
      .init("ratio_error", .number(error)), .init("excess_error", .optional(excessError)),
    ])
  }
}

extension ValidationSummary {
  /// `summary`.
  var json: JSONValue {
    .object([
      .init("n", .integer(count)), .init("time_median_abs_error", .number(timeMedian)),
      .init("time_p90_abs_error", .number(time90)),
      .init("overhead_median_abs_error", .number(overheadMedian)),
      .init("memory_max_abs_error", .number(memoryMax)),
      .init("interval_coverage", .number(coverage)),
      .init("interval_coverage_p_value", .number(coverageProbability)),
      .init("interval_factor_max", .number(intervalFactor)),
      .init("excess_median_abs_error", .number(excessMedian)),
      .init("excess_max_abs_error", .optional(excessMax)),
      .init("overheads", .array(overheads.map(\.json))),
    ])
  }
}
