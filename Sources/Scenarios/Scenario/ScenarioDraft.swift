import Clusters
import Planning
import Quantities
import Strategies
import Workloads

/// One scenario while it is read: what is known so far, and what else went wrong.
final class ScenarioDraft {
  /// What the scenario refers to.
  let library: ScenarioLibrary
  /// The folder that relative paths of the file start from.
  let folder: String
  /// False for the short form without a file, in which more may be left out.
  let isFile: Bool
  /// What is assumed.
  let log = SettingLog()
  /// What is wrong in files that the scenario refers to.
  var foreign: [Diagnostic] = []
  /// A file that a flag names and that is not there.
  var missing: MissingFile?
  /// The model.
  var model: ModelSpec?
  /// The file of a model outside the zoo.
  var modelFile: Scenario.ModelFile?
  /// Nodes that wait for a failure.
  var spareNodes = 0
  /// The cluster's profile with the scenario's changes.
  var cluster: Cluster?

  init(library: ScenarioLibrary, folder: String, isFile: Bool) {
    self.library = library
    self.folder = folder
    self.isFile = isFile
  }

  /// Reads everything; nil where something that cannot be stood in for is wrong.
  func scenario(_ root: Section) -> Scenario? {
    let id = identity(root)
    let title = root.value("title", .text, default: "")
    if isFile, !root.has("title") { _ = root.text("title") }
    var batch = BatchInput()
    let workload = root.section("workload") { self.workload($0, &batch) }
    let calibrations = calibration(root)
    root.section("cluster") { self.cluster($0, &batch) }
    let strategy = root.section("strategy") { self.strategy($0, workload, &batch, root.reader) }
    let search = root.optionalSection("search") { self.search($0) } ?? SearchSpace()
    let objective =
      root.setting(Setting("objective", words: Objective.self), log)?.value ?? .time
    let constraints = root.optionalSection("constraints") { self.constraints($0) }
    let campaign = root.optionalSection("campaign") { self.campaign($0) }
    guard var workload, let cluster, let strategy else { return nil }
    checkSizes(root, batch, strategy, Array(calibrations.settings.values))
    workload.globalBatch = strategy.globalBatch
    workload.calibration = calibrations.settings[calibrations.method] ?? .none
    var scenario = Scenario(
      id: id, title: title.isEmpty ? defaultTitle(workload, cluster) : title, workload: workload,
      calibrations: calibrations.settings, cluster: cluster, strategy: strategy, search: search,
      objective: objective, constraints: constraints ?? Scenario.Constraints(),
      campaign: campaign ?? Scenario.Campaign(), assumptions: log.assumptions)
    scenario.campaign.spareNodes = spareNodes
    scenario.baselines = calibrations.baselines
    scenario.modelFile = modelFile
    scenario.sources = log.sources
    return scenario
  }

  private func identity(_ root: Section) -> String {
    guard isFile else { return "command-line" }
    root.schema(ScenarioReader.schema, noun: "a scenario")
    return root.required("id", .id)
  }

  private func defaultTitle(_ workload: Workload, _ cluster: Cluster) -> String {
    "\(workload.model.id), \(cluster.accelerators) x \(cluster.profile.accelerator.name)"
  }

  /// Looks an id up; notes an error at the key, with the nearest id, where there is none.
  func find<Item>(
    _ id: String, on shelf: ScenarioLibrary.Shelf<Item>, noun: String, _ section: Section,
    _ key: String
  ) -> Item? {
    guard shelf.ids.contains(id) else {
      let help =
        id == Self.thisMachine
        ? "measure this machine first: foretrain bench --quick"
        : Nearest.help(for: id, among: shelf.ids)
      let message =
        id == Self.thisMachine
        ? "this machine has no profile yet" : "there is no \(noun) '\(id)'"
      section.error(key, message, help: help)
      return nil
    }
    return load(section, key) { try shelf.load(id) }
  }

  /// Reads another file; its errors join those of the scenario.
  func load<Item>(_ section: Section, _ key: String, _ body: () throws -> Item) -> Item? {
    do {
      return try body()
    } catch let errors as FileErrors {
      foreign += errors.diagnostics
    } catch let missing as MissingFile {
      if section.node(key)?.location.line == FlagOverlay.line { self.missing = missing }
      section.error(key, "cannot read '\(missing.path)': \(missing.reason)")
    } catch {
      section.error(key, "\(error)")
    }
    return nil
  }

  /// The id of the profile that `foretrain bench` writes.
  static let thisMachine = "this-machine"
}
