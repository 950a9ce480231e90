/// What the flags of the command line say, over a scenario file or alone.
///
/// Values are checked by the rules of the file's settings; an error names the flag.
public struct ScenarioOverrides: Sendable, Hashable {
  /// `--model`: a zoo id, or the path of a model file.
  public var model: String?
  /// `--hardware`: a profile's id.
  public var hardware: String?
  /// `--accelerators`.
  public var accelerators: Int?
  /// `--micro-batch`: samples per accelerator.
  public var microBatch: Int?
  /// `--global-batch`: samples per optimizer step.
  public var globalBatch: Int?
  /// `--samples-seen`: samples of the whole run.
  public var samplesSeen: Double?
  /// `--epochs`, with `datasetSize` unless the file has one.
  public var epochs: Double?
  /// `--dataset-size`: samples of one epoch.
  public var datasetSize: Double?
  /// `--frozen`: towers without gradients; may be given several times.
  public var frozen: [String] = []
  /// `--lora`: rank of adapters in every tower that is trained and has blocks.
  public var lora: Int?
  /// `--precision`.
  public var precision: String?
  /// `--price`, for example `1.80USD/accelerator-hour`.
  public var price: String?
  /// `--deadline`, for example `14d`.
  public var deadline: String?
  /// `--budget`, for example `20000USD`.
  public var budget: String?
  /// `--calibration`: a method's id.
  public var calibration: String?
  /// `--software`: a stack's id.
  public var software: String?
  /// `--attention`: one kernel, or `image=flash,text=unfused`.
  public var attention: String?
  /// `--zero`: the ZeRO stage.
  public var zero: Int?
  /// `--recomputation`: one kind, or `image=full,text=none`.
  public var recomputation: String?
  /// `--patch-dropout`: share of image patches dropped.
  public var patchDropout: Double?
  /// `--set PATH=VALUE`, in order; may be given several times.
  public var set: [String] = []

  /// No flags.
  public init() {}

  /// Whether no flag was given.
  public var isEmpty: Bool { self == ScenarioOverrides() }
}
