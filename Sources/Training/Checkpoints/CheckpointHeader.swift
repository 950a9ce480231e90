public import TrainingCore
public import TrainingData

/// What a checkpoint says about itself: everything of a run but its large arrays.
public struct CheckpointHeader: Sendable, Hashable, Codable {
  /// The form of the file; readers refuse higher numbers.
  public static let format: Int = 1

  /// The scenario that was trained.
  public struct Scenario: Sendable, Hashable, Codable {
    /// Its id.
    public var id: String
    /// A hash of the text.
    public var hash: String
    /// The scenario as a file that reads back to it.
    public var text: String

    /// A scenario.
    public init(id: String, hash: String, text: String) {
      self.id = id
      self.hash = hash
      self.text = text
    }
  }

  /// What the last bits of results depend on.
  public struct Machine: Sendable, Hashable, Codable {
    /// The matrix library.
    public var gemm: String
    /// Its version and the kind of processor that it chose.
    public var gemmVersion: String
    /// Threads that kernels are split over.
    public var threads: Int

    /// A machine.
    public init(gemm: String, gemmVersion: String, threads: Int) {
      self.gemm = gemm
      self.gemmVersion = gemmVersion
      self.threads = threads
    }
  }

  /// One parameter, with the checksums of its arrays.
  public struct Parameter: Sendable, Hashable, Codable {
    /// `<tower>.<part>.<tensor>`.
    public var name: String
    /// Elements.
    public var count: Int
    /// Whether it is trained, and has moments.
    public var isTrained: Bool
    /// XXH64, hexadecimal: of the values and, where trained, of first and second moments.
    public var checksums: [String]
  }

  /// The form of the file.
  public var format = Self.format
  /// The version of foretrain that wrote it.
  public var tool: String
  /// The scenario.
  public var scenario: Scenario
  /// What the run does beside it.
  public var settings: RunSettings
  /// The machine and library.
  public var machine: Machine
  /// Steps done.
  public var step: Int
  /// gamma of the layer regulariser.
  public var gamma: Float
  /// Weights of loss terms.
  public var termWeights: [Float]
  /// Layers that are regularised.
  public var selection: [Int]
  /// Whether a calibration phase behind plain steps has begun; nil in files of earlier versions.
  public var hasBegunPhase: Bool?
  /// The loss scale of emulated fp16; nil elsewhere, and in files of earlier versions.
  public var scaler: LossScaler?
  /// Where the next batch starts.
  public var data: BatchSourceState
  /// All parameters, in the order of their arrays.
  public var parameters: [Parameter] = []

  /// A header without parameters.
  public init(
    tool: String, scenario: Scenario, settings: RunSettings, machine: Machine, step: Int,
    gamma: Float, termWeights: [Float], selection: [Int], data: BatchSourceState
  ) {
    self.tool = tool
    self.scenario = scenario
    self.settings = settings
    self.machine = machine
    self.step = step
    self.gamma = gamma
    self.termWeights = termWeights
    self.selection = selection
    self.data = data
  }

  /// Bytes of all arrays.
  var arrayBytes: Int {
    parameters.reduce(0) { $0 + 4 * $1.count * ($1.isTrained ? 3 : 1) }
  }
}
