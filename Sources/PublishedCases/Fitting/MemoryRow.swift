import Foundation
import Quantities

/// One measured peak beside the predicted one, both as the same reading has them.
public struct MemoryRow: Sendable, Hashable {
  /// The case's id.
  public var id: String
  /// Its series.
  public var series: String
  /// `series/run`.
  public var group: String
  /// Who read it, as `CaseMeasurement.Basis` writes it; readings that nobody names are `as-reported`.
  public var reading: String
  /// GiB, measured.
  public var measured: Double
  /// GiB, predicted.
  public var predicted: Double

  /// A peak.
  public init(
    id: String, series: String, group: String, reading: String, measured: Double, predicted: Double
  ) {
    self.id = id
    self.series = series
    self.group = group
    self.reading = reading
    self.measured = measured
    self.predicted = predicted
  }

  /// All exact peaks of a prediction.
  public static func rows(_ prediction: CasePrediction) -> [MemoryRow] {
    prediction.figures.compactMap { figure in
      let measurement = figure.measurement
      guard measurement.kind == .peakMemory, measurement.bound == .exact,
        figure.predicted.typical > 0, measurement.value > 0
      else { return nil }
      return MemoryRow(
        id: prediction.published.id, series: prediction.published.series,
        group: prediction.published.group, reading: Self.name(measurement.basis),
        measured: measurement.value, predicted: figure.predicted.typical)
    }
  }

  /// The name under which a reading's spread is kept.
  static func name(_ basis: CaseMeasurement.Basis?) -> String {
    switch basis {
    case .allocated, .reserved, .device: basis?.rawValue ?? ""
    case .asReported, .unknown, nil: CaseMeasurement.Basis.asReported.rawValue
    }
  }

  /// True over predicted, as a logarithm.
  var logRatio: Double { log(measured / predicted) }
}
