public import Clusters
import Foundation
public import Planning
import Quantities
public import Strategies
public import Workloads

/// Finds scenarios, models, profiles and stacks by path or id, and reads them.
public struct ScenarioLoader: Sendable {
  /// Where data is found.
  public let data: DataFolders
  /// What `this-machine` is where `foretrain bench` has not written it.
  public var unmeasured: HardwareProfile?

  /// Constants in place of those of the data folders; nil: those of the folders.
  public var constants: StepConstants?

  private let models: ModelCatalog
  private let profiles: HardwareCatalog
  private let stacks: StackCatalog
  private let scenarios: FileCatalog

  /// Lists the files of the folders.
  public init(data: DataFolders) {
    self.data = data
    models = ModelCatalog(folders: data.folders("models"))
    profiles = HardwareCatalog(folders: data.folders("hardware-profiles"))
    stacks = StackCatalog(folders: data.folders("software-stacks"))
    scenarios = FileCatalog(kind: "scenario", folders: data.folders("scenarios"))
  }

  // MARK: - Scenarios

  /// Reads a scenario by path or id, under flags; without either, from the flags alone.
  ///
  /// - Throws: `FileErrors` (65), `MissingFile` (66), `UsageError` (64).
  public func load(_ argument: String?, overrides: ScenarioOverrides = ScenarioOverrides()) throws
    -> Scenario
  {
    let reader = ScenarioReader(library: library)
    guard let argument else { return try reader.read(overrides) }
    return try reader.read(path: path(ofScenario: argument), overrides: overrides)
  }

  /// Reads a scenario from text, as `text(of:)` writes it.
  ///
  /// - Throws: As `load(_:overrides:)`.
  public func read(_ file: SourceFile) throws -> Scenario {
    try ScenarioReader(library: library).read(file)
  }

  /// A scenario as a file that reads back to an equal one, for `--save`.
  ///
  /// - Throws: As `hardware(_:)`.
  public func text(of scenario: Scenario) throws -> String {
    ScenarioWriter.text(of: scenario, base: try hardware(scenario.cluster.profile.id))
  }

  /// The path of a scenario that is named by path or id.
  ///
  /// - Throws: `MissingFile` with the nearest id.
  public func path(ofScenario argument: String) throws -> String {
    if let known = try? scenarios.path(of: argument) { return known }
    let isPath = argument.contains("/") || argument.hasSuffix(".yaml")
    if isPath || FileManager.default.fileExists(atPath: argument) { return argument }
    let help = Nearest.help(for: argument, among: scenarioIDs)
    throw MissingFile(
      path: argument,
      reason: "there is no such scenario" + (help.isEmpty ? ", and none was found" : "; " + help))
  }

  /// One scenario in a listing.
  public struct Listing: Sendable, Hashable {
    /// Its id.
    public var id: String
    /// One line for people.
    public var title: String
    /// The model's id, where the file can be read.
    public var model: String
    /// The profile's id and the number of accelerators, where the file can be read.
    public var cluster: String
    /// What keeps the file from being read; nil where nothing does.
    public var problem: String?
  }

  /// All scenarios with their titles; a file that cannot be read says why.
  public func scenarioListing() -> [Listing] {
    scenarioIDs.map { id in
      do {
        let scenario = try load(id)
        return Listing(
          id: id, title: scenario.title, model: scenario.workload.model.id,
          cluster: "\(scenario.cluster.accelerators) x \(scenario.cluster.profile.id)",
          problem: nil)
      } catch let errors as FileErrors {
        let first = errors.diagnostics.first
        return Listing(
          id: id, title: "", model: "", cluster: "",
          problem: first.map { $0.message + ($0.help.isEmpty ? "" : "; " + $0.help) })
      } catch {
        return Listing(id: id, title: "", model: "", cluster: "", problem: "\(error)")
      }
    }
  }

  /// What was fitted to published steps; nothing where no folder holds it.
  ///
  /// - Throws: `FileErrors` where the file cannot be read.
  public func stepConstants() throws -> StepConstants {
    if let constants { return constants }
    for root in data.roots {
      let path = root + "/" + StepConstants.file
      guard FileManager.default.fileExists(atPath: path) else { continue }
      return try StepConstants.read(SourceFile(path: path))
    }
    return StepConstants()
  }

  // MARK: - What scenarios refer to

  /// Reads a profile by its id; `this-machine` is the one that `foretrain bench` wrote.
  ///
  /// - Throws: `UsageError` with the nearest id, `FileErrors`, `MissingFile`.
  public func hardware(_ id: String) throws -> HardwareProfile {
    if id == ScenarioDraft.thisMachine {
      guard let path = data.thisMachine else {
        if let unmeasured { return unmeasured }
        throw UsageError(
          "this machine has no profile yet", help: "measure it first: foretrain bench --quick")
      }
      return try HardwareProfileReader.read(SourceFile(path: path), expectedID: id)
    }
    guard profiles.ids.contains(id) else {
      throw UsageError(
        "there is no hardware profile '\(id)'", help: Nearest.help(for: id, among: hardwareIDs))
    }
    return try stepConstants().applied(to: profiles.profile(id))
  }

  /// Reads a model of the zoo, or a model file: open_clip's JSON, a transformers
  /// `config.json`, or one like those of `models/`.
  ///
  /// - Throws: `UsageError` with the nearest id, `FileErrors`, `MissingFile`.
  public func model(_ idOrFile: String) throws -> ModelSpec {
    if models.path(idOrFile) != nil { return try models.model(idOrFile).model }
    let isFile =
      idOrFile.contains("/") || idOrFile.hasSuffix(".json") || idOrFile.hasSuffix(".yaml")
    guard isFile else {
      throw UsageError(
        "there is no model '\(idOrFile)'", help: Nearest.help(for: idOrFile, among: modelIDs))
    }
    return try Self.modelFile(idOrFile, ModelFileFormat(named: idOrFile))
  }

  /// Reads a software stack by its id.
  ///
  /// - Throws: `UsageError` with the nearest id, `FileErrors`, `MissingFile`.
  public func stack(_ id: String) throws -> SoftwareStack {
    guard stackIDs.contains(id) else {
      throw UsageError(
        "there is no software stack '\(id)'", help: Nearest.help(for: id, among: stackIDs))
    }
    return try priced(stacks.stack(id))
  }

  /// A stack as it is priced: with the factors that published steps ask for.
  ///
  /// One that stands on another has the factors of that one, and keeps a range of times that it gives
  /// itself.
  ///
  /// - Throws: As `stack(_:)`.
  public func priced(_ stack: SoftwareStack) throws -> SoftwareStack {
    let constants = try stepConstants()
    guard stackIDs.contains(stack.id), let base = try stacks.base(of: stack.id) else {
      return constants.applied(to: stack)
    }
    let isOwn = try stacks.stack(base).timeRange.value != stack.timeRange.value
    return constants.applied(to: stack, on: base, keepsRange: isOwn)
  }

  /// The text of a software stack's file.
  ///
  /// - Throws: As `stack(_:)`.
  public func stackFile(_ id: String) throws -> SourceFile {
    try stacks.text(id)
  }

  /// Ids of all scenarios, sorted.
  public var scenarioIDs: [String] { scenarios.ids }
  /// Ids of all models of the zoo, sorted.
  public var modelIDs: [String] { models.ids }
  /// Ids of all software stacks, sorted.
  public var stackIDs: [String] { stacks.ids }
  /// Ids of all profiles, sorted; `this-machine` is one where it was measured.
  public var hardwareIDs: [String] {
    data.thisMachine == nil && unmeasured == nil
      ? profiles.ids : (profiles.ids + [ScenarioDraft.thisMachine]).sorted()
  }

  private var library: ScenarioLibrary {
    ScenarioLibrary(
      models: ScenarioLibrary.Shelf(ids: modelIDs) { try models.model($0).model },
      hardware: ScenarioLibrary.Shelf(ids: hardwareIDs) { try hardware($0) },
      stacks: ScenarioLibrary.Shelf(ids: stackIDs) { try stack($0) },
      modelFile: Self.modelFile)
  }

  private static func modelFile(_ path: String, _ format: ModelFileFormat) throws -> ModelSpec {
    switch format {
    case .openCLIP: try OpenCLIPConfig.read(path: path)
    case .huggingFace: try HuggingFaceConfig.read(path: path)
    case .foretrain: try ModelReader.read(path: path).model
    }
  }
}
