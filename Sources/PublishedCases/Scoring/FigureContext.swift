import CostModel
import Quantities
import Strategies

/// From a step and a peak to the figures that publications print.
struct FigureContext {
  let published: PublishedCase
  let step: Range90
  let wallHours: Range90?
  let memory: MemoryEstimate
  let globalBatch: Double
  let accelerators: Double
  let largestMicroBatch: Int?
  /// Factors on a peak as a reading has it; nil: the stack's own range.
  let spread: (CaseMeasurement.Basis?) -> Range90?
  /// What software whose figures do not say how they were read is known to read.
  let reported: MemoryReading

  /// The prediction of a measured figure; nil where it cannot be made of what the case says.
  func figure(_ measurement: CaseMeasurement) -> PredictedFigure? {
    guard let predicted = range(of: measurement.kind, basis: measurement.basis) else { return nil }
    var figure = PredictedFigure(
      measurement: measurement, predicted: predicted, agrees: false, error: nil)
    switch measurement.kind {
    case .fits: figure.agrees = predicted.typical <= 1
    case .doesNotFit: figure.agrees = predicted.typical > 1
    default:
      switch measurement.bound {
      case .exact:
        figure.error = predicted.typical / measurement.value - 1
        figure.agrees =
          measurement.kind == .maxMicroBatch
          ? predicted.typical == measurement.value
          : predicted.low <= measurement.value && measurement.value <= predicted.high
      case .upper: figure.agrees = predicted.typical <= measurement.value
      case .lower: figure.agrees = predicted.typical >= measurement.value
      }
    }
    return figure
  }

  private func range(
    of kind: CaseMeasurement.Kind, basis: CaseMeasurement.Basis?
  ) -> Range90? {
    switch kind {
    case .stepSeconds: return step
    case .samplesPerSecond: return rate(globalBatch / accelerators)
    case .tokensPerSecond:
      guard let tokens = sequenceTokens else { return nil }
      return rate(globalBatch * tokens / accelerators)
    case .wallHours: return wallHours
    case .acceleratorHours:
      return wallHours.map {
        Range90(
          low: $0.low * accelerators, typical: $0.typical * accelerators,
          high: $0.high * accelerators)
      }
    case .peakMemory: return peak(basis)
    case .lossMemory: return Range90(exactly: memory.mostLoss.value / gibibyte)
    case .fits, .doesNotFit:
      let capacity = memory.capacity
      if let range = spread(.device) {
        let middle = memory.peak / capacity
        return Range90(low: range.low * middle, typical: middle, high: range.high * middle)
      }
      return Range90(
        low: memory.peakInterval.low / capacity, typical: memory.peak / capacity,
        high: memory.peakInterval.high / capacity)
    case .maxMicroBatch: return largestMicroBatch.map { Range90(exactly: Double($0)) }
    }
  }

  /// Samples of a step over its seconds: a slow step is a low rate.
  private func rate(_ amount: Double) -> Range90? {
    guard step.low > 0 else { return nil }
    return Range90(
      low: amount / step.high, typical: amount / step.typical, high: amount / step.low)
  }

  private var sequenceTokens: Double? {
    let tower = published.workload.language ?? published.workload.text
    return tower.flatMap { $0.tokens > 0 ? Double($0.tokens) : nil }
  }

  /// The peak as the basis reads it; where nothing was fitted the interval is the device's, moved.
  private func peak(_ basis: CaseMeasurement.Basis?) -> Range90 {
    let reading: MemoryReading =
      switch basis {
      case .allocated: .allocated
      case .reserved: .reserved
      case .device: .device
      case .asReported, .unknown, nil: reported
      }
    let typical: Double =
      switch reading {
      case .allocated: memory.allocated.value
      case .reserved: memory.reserved.value
      case .device: memory.peak.value
      }
    if let range = spread(basis) {
      let middle = typical / gibibyte
      return Range90(low: range.low * middle, typical: middle, high: range.high * middle)
    }
    let below = memory.peak.value - memory.peakInterval.low.value
    let above = memory.peakInterval.high.value - memory.peak.value
    return Range90(
      low: max(0, typical - below) / gibibyte, typical: typical / gibibyte,
      high: (typical + above) / gibibyte)
  }
}
