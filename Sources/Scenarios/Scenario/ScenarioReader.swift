public import Planning
import Quantities

/// Reads scenarios: a file, a file under flags, or flags alone.
///
/// All errors are found in one pass: those of the file at their lines, those of the flags at their
/// columns, and those of files that the scenario refers to.
public struct ScenarioReader: Sendable {
  /// What `schema` must say.
  public static let schema = "foretrain/scenario/1"

  private let library: ScenarioLibrary

  /// A reader of scenarios that refer to the library.
  public init(library: ScenarioLibrary) { self.library = library }

  /// Reads a scenario file from disk.
  ///
  /// - Throws: `MissingFile`, `FileErrors` or, where only flags are wrong, `UsageError`.
  public func read(path: String, overrides: ScenarioOverrides = ScenarioOverrides()) throws
    -> Scenario
  {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let parent = path.contains("/") ? folder.joined(separator: "/") : "."
    return try read(
      SourceFile(path: path), folder: parent.isEmpty ? "/" : parent, overrides: overrides)
  }

  /// Reads a scenario from text.
  ///
  /// - Parameters:
  ///   - file: The text.
  ///   - folder: Where relative paths of the file start.
  ///   - overrides: Flags, which win over the file.
  /// - Returns: A scenario whose batch, cluster and strategy agree.
  /// - Throws: `FileErrors` or, where only flags are wrong, `UsageError`.
  public func read(
    _ file: SourceFile, folder: String = ".", overrides: ScenarioOverrides = ScenarioOverrides()
  ) throws -> Scenario {
    let root = try YAMLComposer.compose(file)
    var scenario = try read(
      file, root: root, draft: ScenarioDraft(library: library, folder: folder, isFile: true),
      overlay: FlagOverlay(overrides))
    if !overrides.isEmpty { scenario.title += " (with \(FlagOverlay(overrides).text))" }
    return scenario
  }

  /// Reads the short form: flags alone.
  ///
  /// - Throws: `UsageError`.
  public func read(_ overrides: ScenarioOverrides) throws -> Scenario {
    let overlay = FlagOverlay(overrides)
    guard overrides.model != nil, overrides.hardware != nil else {
      let missing = [
        overrides.model == nil ? "--model" : nil, overrides.hardware == nil ? "--hardware" : nil,
      ].compactMap(\.self).joined(separator: " and ")
      throw UsageError(
        "without a scenario, \(missing) must be given",
        help: "name a scenario, or write --model ViT-L-14 --hardware a100-40gb-sxm-p4d "
          + "--accelerators 8 --micro-batch 128")
    }
    return try read(
      SourceFile(name: "command line", text: ""), root: nil,
      draft: ScenarioDraft(library: library, folder: ".", isFile: false), overlay: overlay)
  }

  private func read(
    _ file: SourceFile, root: YAMLNode?, draft: ScenarioDraft, overlay: FlagOverlay
  ) throws -> Scenario {
    // A file that holds no mapping is refused as it is: flags have no place in it.
    let isMapping = root.map { $0.entries != nil } ?? true
    let nodes = root.flatMap { isMapping ? nil : $0 } ?? overlay.applied(to: root)
    var errors: [Diagnostic] = []
    var scenario: Scenario?
    do {
      scenario = try Reader.read(
        file, root: nodes, fallbackOrigin: .given, allowsUnusedSources: !overlay.flags.isEmpty
      ) { draft.scenario($0) }
    } catch {
      errors = error.diagnostics
    }
    let (ofFlags, ofFiles) = overlay.split(errors, file: file)
    let others = ofFiles + draft.foreign
    guard others.isEmpty else { throw FileErrors(others + ofFlags) }
    // Nothing else is wrong: the missing file has an exit code of its own.
    if let missing = draft.missing, ofFlags.count == 1 { throw missing }
    guard ofFlags.isEmpty else { throw UsageError(FileErrors(ofFlags).diagnostics) }
    guard let scenario else {
      throw UsageError("the scenario cannot be read, and nothing says why: this is our error")
    }
    return scenario
  }
}
