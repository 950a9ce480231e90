import Clusters
import Quantities
import Scenarios

/// The 90 % interval of a case's time: from fitted spreads, wider the less is known.
struct CaseInterval {
  let constants: StepConstants

  /// How much further the ends lie for software, or a device, of which no step was fitted.
  static let unknown = (low: 1.1, high: 1.3)
  /// The least high end where input sets the pace.
  static let inputBound = 1.6

  /// Factors on a predicted peak as a reading has it; nil where nothing was fitted.
  func memory(_ basis: CaseMeasurement.Basis?, series: String) -> Range90? {
    guard let spread = constants.memory[MemoryRow.name(basis)] else { return nil }
    let isSeen = constants.memorySeries.contains(series)
    return Range90(
      low: min(1, isSeen ? spread.low : spread.unseenLow), typical: 1,
      high: max(1, isSeen ? spread.high : spread.unseenHigh))
  }

  /// Factors on the typical time; nil where nothing was fitted.
  func range(_ prediction: CasePrediction) -> Range90? {
    guard let kind = prediction.kind, let spread = constants.spreads[kind.rawValue] else {
      return nil
    }
    let isSeen = constants.series.contains(prediction.published.series)
    var low = isSeen ? spread.low : spread.unseenLow
    var high = isSeen ? spread.high : spread.unseenHigh
    let architecture = Architecture(device: prediction.device)
    let strangers = [
      prediction.known?.software == false && !isSeen,
      prediction.known?.accelerator == false
        || !constants.architectures.contains(architecture),
    ].filter { $0 }.count
    for _ in 0..<strangers {
      low /= Self.unknown.low
      high *= Self.unknown.high
    }
    if prediction.flags.contains(where: { $0.hasPrefix("input_bound") }) {
      high = max(high, Self.inputBound)
    }
    return Range90(low: min(1, low), typical: 1, high: max(1, high))
  }
}
