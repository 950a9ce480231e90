import CostModel
import Quantities
import Strategies
import Workloads

/// Which headline figures rest directly on an assumed value and so carry a `*`.
///
/// A figure is marked when the assumption is about that figure itself: the price for money, power
/// and PUE for energy, the grid for emissions, the samples seen for everything counted over the run.
/// What else is assumed (efficiencies, links) widens the range and stands in the table of inputs.
struct Marks: Sendable {
  private let assumedKeys: [[Substring]]
  private let samplesAssumed: Bool

  init(_ estimate: Estimate) {
    assumedKeys = estimate.assumptions.filter { $0.origin == .assumed }.map {
      $0.key.split { !$0.isLetter && !$0.isNumber }
    }
    samplesAssumed = estimate.workload.samplesSeen.origin == .assumed
  }

  private func isAssumed(_ words: Set<Substring>) -> Bool {
    assumedKeys.contains { !words.isDisjoint(with: $0) }
  }

  private static func mark(_ isAssumed: Bool) -> String { isAssumed ? "*" : "" }

  var samples: String { Self.mark(samplesAssumed || isAssumed(["samples"])) }
  var cost: String { Self.mark(isAssumed(["price"])) }
  var energy: String { Self.mark(isAssumed(["power", "pue"])) }
  var carbon: String { Self.mark(isAssumed(["power", "pue", "grid"])) }
  var run: String { Self.mark(isAssumed(["failures", "restart", "checkpoint"])) }
  /// Whether any mark appears.
  var any: Bool { !(samples + cost + energy + carbon + run).isEmpty }
}

/// The mark of overheads that no published attack run on GPUs has confirmed.
enum Validation {
  /// The words of reports.
  static let notValidated = "not validated on GPU"
  /// The estimate's flag.
  static let flag = "not_validated_on_gpu"
  /// The sign beside a number.
  static let sign = "\u{2020}"

  /// Whether an estimate's overheads carry the mark: all but those of this machine's own cores.
  static func isMarked(_ estimate: Estimate) -> Bool {
    estimate.flags.contains { $0.hasPrefix(flag) } || estimate.hardware != "this-machine"
  }
}
