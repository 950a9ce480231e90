/// One run beside its prediction.
public struct ValidationEntry: Sendable, Hashable {
  /// The run's id.
  public var id: String
  /// One line for people.
  public var title: String
  /// The run that it is compared with; nil for plain runs.
  public var baseline: String?
  /// What was said before.
  public var prediction: Prediction
  /// When it was stored, ISO 8601, UTC.
  public var predictedAt: String
  /// Hash of what was stored.
  public var hash: String
  /// Seconds of a step: the median over the steps that count.
  public var seconds: Double
  /// Step time over that of the baseline beside it; nil for plain runs.
  public var ratio: RealRun.Ratio?
  /// Steps that were timed.
  public var steps: Int
  /// Steps that count: the machine was not disturbed.
  public var accepted: Int
  /// Whether none was undisturbed, so that times were divided by the slow-down of the reference.
  public var isCorrected: Bool
  /// Live bytes at the fullest instant, as counted.
  public var peakBytes: Int
  /// Whether every checked step ran exactly the kernels of its program.
  public var kernelsMatch: Bool
  /// Measured seconds of one step by family of kernel.
  public var families: [String: Double]

  /// An entry.
  public init(
    _ run: ValidationRun, prediction: Prediction, predictedAt: String, hash: String, real: RealRun
  ) {
    id = run.id
    title = run.title
    baseline = run.baseline
    self.prediction = prediction
    self.predictedAt = predictedAt
    self.hash = hash
    let judged = real.judged
    seconds = judged.seconds
    accepted = judged.accepted
    isCorrected = judged.isCorrected
    ratio = real.ratio
    steps = real.seconds.count
    peakBytes = real.countedPeak
    kernelsMatch = real.kernelsMatch
    families = real.families
  }

  /// Predicted over measured time of a step, minus 1.
  public var timeError: Double { prediction.seconds / seconds - 1 }
  /// Predicted over counted peak, minus 1.
  public var memoryError: Double { prediction.peakBytes / Double(peakBytes) - 1 }
  /// Whether the measured time lies in the predicted interval.
  public var isCovered: Bool { prediction.low <= seconds && seconds <= prediction.high }
  /// Upper over lower end of the predicted interval.
  public var intervalFactor: Double { prediction.high / prediction.low }
}
