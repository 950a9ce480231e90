public import CostModel
public import Planning
public import Quantities
public import Strategies

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

  /// For exact figures of time: the error of the step's seconds, to which a rate is inverse.
  public var stepError: Double? {
    guard measurement.kind.isRate else { return error }
    return error.map { 1 / (1 + $0) - 1 }
  }

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
  /// The scenario that was priced.
  public var scenario: Scenario?
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
    guard let step, let error = stepError else { return nil }
    return step.typical / (1 + error)
  }
  /// `prediction / value - 1` in seconds of a step, whatever unit was printed: half the seconds are
  /// -50 %, though the rate is +100 %.
  public var stepError: Double? { time?.stepError }
}
