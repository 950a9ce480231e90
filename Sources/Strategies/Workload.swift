public import Quantities
public import Workloads

/// What is trained: a model, its data and the settings that define the result.
public struct Workload: Sendable, Hashable {
  /// The model.
  public var model: ModelSpec
  /// Towers without gradients.
  public var frozen: Set<String>
  /// What is trained of towers that are neither frozen nor trained whole.
  public var partial: [String: Trainability] = [:]
  /// Share of image patches dropped.
  public var patchDropout: Double
  /// Samples of one optimizer step; for contrastive losses the contrastive batch.
  public var globalBatch: Int
  /// Samples of the whole run.
  public var samplesSeen: Sourced<Double>
  /// The update rule.
  public var optimizer: Optimizer
  /// Samples per second and accelerator that the input pipeline delivers at most.
  public var inputRateLimit: Sourced<SamplesPerSecond>?
  /// The calibration method and its knobs.
  public var calibration: CalibrationSettings

  /// A workload.
  public init(
    model: ModelSpec, frozen: Set<String>, patchDropout: Double, globalBatch: Int,
    samplesSeen: Sourced<Double>, optimizer: Optimizer,
    inputRateLimit: Sourced<SamplesPerSecond>? = nil, calibration: CalibrationSettings = .none
  ) {
    self.model = model
    self.frozen = frozen
    self.patchDropout = patchDropout
    self.globalBatch = globalBatch
    self.samplesSeen = samplesSeen
    self.optimizer = optimizer
    self.inputRateLimit = inputRateLimit
    self.calibration = calibration
  }

  /// The same workload with another calibration method.
  public func with(calibration: CalibrationSettings) -> Workload {
    var copy = self
    copy.calibration = calibration
    return copy
  }

  /// Whether the loss couples the samples of a batch.
  public var isContrastive: Bool {
    switch model.family {
    case .clip, .sigLIP, .coca, .blip2Stage1: true
    case .blip2Stage2, .visionLanguage, .imageClassifier, .languageModel: false
    }
  }
}
