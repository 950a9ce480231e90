import Strategies
import Quantities

/// Orders candidates and picks what people want to see: the best, without near-twins.
///
/// Plans that leave less than the margin of memory free come after all that leave it: a wrong "it
/// fits" costs more than a second per step.
/// On one cluster time, cost and energy rank alike: all three grow with the step.
struct Ranking {
  /// The best plans, at most `limit`.
  let best: [Candidate]
  /// All that fit as points, thinned to what a chart can show.
  let points: [(step: Seconds, peak: Bytes)]

  /// Points of a scatter at most.
  static let mostPoints = 400

  /// Ranks candidates; above `comfortable` bytes a plan is tight.
  init(_ candidates: [Candidate], limit: Int, comfortable: Double) {
    let sorted = candidates.sorted { left, right in
      let (leftTight, rightTight) = (left.peak > comfortable, right.peak > comfortable)
      return leftTight != rightTight ? rightTight : Candidate.isBetter(left, right)
    }
    var best: [Candidate] = []
    for candidate in sorted where best.count < limit {
      // A plan that a listed one with the same batch and ZeRO stage beats in time and in memory
      // tells nobody anything.
      let isTwin = best.contains {
        $0.strategy.microBatch == candidate.strategy.microBatch
          && $0.strategy.zeroStage == candidate.strategy.zeroStage
          && $0.calibration == candidate.calibration && $0.peak <= candidate.peak
      }
      if !isTwin { best.append(candidate) }
    }
    self.best = best
    let stride = max(1, sorted.count / Self.mostPoints)
    points = sorted.enumerated().filter { $0.offset % stride == 0 }.map {
      (Seconds($0.element.step), Bytes($0.element.peak))
    }
  }
}
