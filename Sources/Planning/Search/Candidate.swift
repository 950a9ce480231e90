import Quantities
import Strategies
import Workloads

/// A strategy whose time and memory were computed.
struct Candidate {
  var strategy: Strategy
  var calibration: CalibrationSettings
  var step: Double
  var peak: Double

  /// Faster first; of equals the one with less memory, then the order in which they were found.
  static func isBetter(_ left: Candidate, _ right: Candidate) -> Bool {
    left.step != right.step ? left.step < right.step : left.peak < right.peak
  }
}

/// What was turned down, by rule, with one example each.
struct RejectionLedger {
  private var order: [String] = []
  private var entries: [String: (rejection: Rejection, count: Int)] = [:]

  /// Notes `count` strategies; the first example of a rule stays.
  mutating func note(
    _ rule: String, count: Int = 1, _ example: @autoclosure () -> Rejection
  ) {
    if entries[rule] != nil {
      entries[rule]?.count += count
    } else {
      order.append(rule)
      entries[rule] = (example(), count)
    }
  }

  /// Replaces the example of a rule, where the rule was noted.
  mutating func show(_ rule: String, _ example: Rejection) {
    entries[rule]?.rejection = example
  }

  /// All rules in the order in which they were met.
  var all: [(rejection: Rejection, count: Int)] { order.compactMap { entries[$0] } }
}
