import Quantities
import Scenarios

/// The 90 % interval of a case's peak memory: from fitted spreads, wider for a series never read before.
struct PeakInterval {
  let constants: StepConstants

  /// Factors on a predicted peak as a reading has it; nil where nothing was fitted.
  func memory(_ basis: CaseMeasurement.Basis?, series: String) -> Range90? {
    guard let spread = constants.memory[MemoryRow.name(basis)] else { return nil }
    let isSeen = constants.memorySeries.contains(series)
    return Range90(
      low: min(1, isSeen ? spread.low : spread.unseenLow), typical: 1,
      high: max(1, isSeen ? spread.high : spread.unseenHigh))
  }
}
