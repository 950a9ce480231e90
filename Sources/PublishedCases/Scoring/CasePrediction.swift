public import CostModel
public import Quantities

/// One measured figure and what the model says about it.
public struct PredictedFigure: Sendable, Hashable {
  /// What was measured.
  public var measurement: CaseMeasurement
  /// The prediction in the measurement's unit; for facts about fitting, peak over capacity.
  public var predicted: Range90
  /// Whether the measured value agrees: inside the interval, on the right side of a bound, the same verdict.
  public var agrees: Bool
  /// For exact figures: `prediction / value - 1`.
  public var error: Double?

  /// A figure and its prediction.
  public init(
    measurement: CaseMeasurement, predicted: Range90, agrees: Bool, error: Double?
  ) {
    self.measurement = measurement
    self.predicted = predicted
    self.agrees = agrees
    self.error = error
  }
}

/// Everything that is predicted for one case.
public struct CasePrediction: Sendable {
  /// The case.
  public var published: PublishedCase
  /// Why it could not be run; nil where it was.
  public var problem: String?
  /// Sentences about what was matched with something near.
  public var notes: [String] = []
  /// What of it is known by name.
  public var known: CaseSetup.Known?
  /// Seconds of a step.
  public var step: Range90?
  /// Parts of the typical step by term.
  public var terms: StepTerms?
  /// Hours of the run; nil where nobody says how many samples are seen.
  public var wallHours: Range90?
  /// Memory per device.
  public var memory: MemoryEstimate?
  /// The stack it was priced as.
  public var stack = ""
  /// The device class it was priced as.
  public var device = ""
  /// The kind of run.
  public var kind: RunKind?
  /// The factor on the whole step that the stack carries.
  public var stackFactor = 1.0
  /// Width of the widest tower's heads.
  public var headWidth = 0
  /// Seconds of the FLOP that the model needs, at the device's peak.
  public var modelSeconds = 0.0
  /// What the model warns about.
  public var flags: [String] = []
  /// One entry per measured figure, in the order of the file; empty where it could not be run.
  public var figures: [PredictedFigure] = []

  /// Nothing predicted yet.
  public init(published: PublishedCase) { self.published = published }

  /// The first time-like figure: the one that counts.
  public var time: PredictedFigure? { figures.first { $0.measurement.kind.isTime } }
  /// Measured seconds of one step, where an exact time was measured: a rate is inverse to it, a run's
  /// hours are proportional to it.
  public var measuredStep: Double? {
    guard let time, let error = time.error, let step = step?.typical else { return nil }
    return time.measurement.kind.isRate ? step * (1 + error) : step / (1 + error)
  }
}
