public import CostModel
import Quantities
import Strategies
import Workloads

/// The answer to `find max-micro-batch`.
public struct MicroBatchAnswer: Sendable {
  /// The largest micro-batch that fits with everything else as in the scenario; 0: not even one.
  public var largest: Int
  /// The largest one that also divides the local batch, so that the global batch can stay.
  public var largestDivisor: Int?
  /// Peak at `largest`; nil where nothing fits.
  public var estimate: Estimate?
  /// Peak of one sample per device, for the reason where nothing fits.
  public var ofOne: Estimate

  /// What one more sample would need, for the reason at the edge.
  public var next: Estimate
}

extension Scenario {
  /// The largest micro-batch of the fixed strategy: ranks, ZeRO, recomputation and calibration stay,
  /// the global batch follows the micro-batch.
  public func maxMicroBatch() -> MicroBatchAnswer {
    let estimator = estimator()
    let largest = estimator.maxMicroBatch(strategy, calibration: workload.calibration)
    func estimate(_ microBatch: Int) -> Estimate {
      var changed = strategy
      changed.microBatch = microBatch
      return estimator.estimate(changed, complete: false)
    }
    let local = strategy.microBatch * strategy.accumulation
    let divisor = StrategySpace.divisors(of: local).last { $0 <= largest }
    return MicroBatchAnswer(
      largest: largest, largestDivisor: divisor,
      estimate: largest > 0 ? estimate(largest) : nil, ofOne: estimate(1),
      next: estimate(largest + 1))
  }
}
