import Measurement
import Quantities

/// What keeps a run from this machine, found before it begins.
extension LocalRun {
  /// - Throws: `Failure.no` where the strategy breaks rules; they have been said then.
  func checkRules() throws {
    let broken = broken
    guard !broken.isEmpty else { return }
    for line in broken { Terminal.complain(line) }
    throw Failure.no
  }

  /// Why the run has no room here; nil where it fits, or the system does not say what is free.
  ///
  /// `isMeasured`: whether `foretrain bench` has measured this machine, so that a step has a time.
  func tooLarge(isMeasured: Bool) -> TooLarge? {
    let predicted = predictedPeak(selection: nil)
    guard let available = ProcessMemory.availableBytes().map({ Bytes(Double($0)) }),
      predicted > available
    else { return nil }
    let step = predictedStep(isMeasured: isMeasured)
    let time =
      step.map { "; a step would take \($0)" }
      ?? "; how long a step would take is known after `foretrain bench`"
    return TooLarge(
      reason: "too large for this machine: needs \(predicted) of memory, \(available) are free"
        + time,
      predictedPeak: predicted, available: available, predictedStep: step)
  }
}
