public import Clusters
public import Strategies
public import Workloads

/// What scenarios refer to by id: models, hardware, software.
///
/// Each is a list of ids and a look-up.
public struct ScenarioLibrary: Sendable {
  /// One kind of thing that is looked up by id.
  public struct Shelf<Item: Sendable>: Sendable {
    /// All ids, sorted.
    public var ids: [String]
    /// Reads one; throws `FileErrors` or `MissingFile` where its file is wrong or gone.
    public var load: @Sendable (String) throws -> Item

    /// A shelf.
    public init(ids: [String], load: @escaping @Sendable (String) throws -> Item) {
      self.ids = ids
      self.load = load
    }
  }

  /// The model zoo.
  public var models: Shelf<ModelSpec>
  /// The hardware profiles, `this-machine` among them where it was measured.
  public var hardware: Shelf<HardwareProfile>
  /// The software stacks.
  public var stacks: Shelf<SoftwareStack>
  /// Reads a model file; `format` is `foretrain` or `open-clip`.
  public var modelFile: @Sendable (_ path: String, _ format: ModelFileFormat) throws -> ModelSpec

  /// A library.
  public init(
    models: Shelf<ModelSpec>, hardware: Shelf<HardwareProfile>, stacks: Shelf<SoftwareStack>,
    modelFile: @escaping @Sendable (String, ModelFileFormat) throws -> ModelSpec
  ) {
    self.models = models
    self.hardware = hardware
    self.stacks = stacks
    self.modelFile = modelFile
  }
}

/// How a model file is written.
public enum ModelFileFormat: String, Sendable, Hashable, CaseIterable {
  /// A file like those of `models/`.
  case foretrain
  /// A model configuration of open_clip, JSON.
  case openCLIP = "open-clip"
}
