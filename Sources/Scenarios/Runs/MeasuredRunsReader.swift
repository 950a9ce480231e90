import Foundation
import Planning
import Quantities

/// Reads a file of measured runs: JSON or YAML of ours, or CSV with the same columns.
///
/// Formats: `Documentation/measured-runs.md`.
public struct MeasuredRunsReader {
  /// What `schema` must say.
  public static let schema = "foretrain/measured-runs/1"

  /// The columns of the CSV form; `set` holds settings separated by `;`.
  private static let table = CSVTable(
    columns: ["name", "scenario", "set", "step_time", "memory", "reading"],
    needed: ["scenario", "step_time"], lists: ["set"])

  private let loader: ScenarioLoader

  /// A reader whose runs refer to the loader's scenarios.
  public init(loader: ScenarioLoader) { self.loader = loader }

  /// Reads a file from disk; `.csv` is CSV, everything else JSON or YAML.
  ///
  /// - Throws: `MissingFile`, or `FileErrors` with everything that is wrong.
  public func read(path: String) throws -> [MeasuredRun] {
    try read(SourceFile(path: path), isCSV: path.lowercased().hasSuffix(".csv"))
  }

  /// Reads a file.
  ///
  /// - Throws: `FileErrors` with everything that is wrong.
  public func read(_ file: SourceFile, isCSV: Bool) throws -> [MeasuredRun] {
    let root = isCSV ? try Self.tree(ofCSV: file) : try YAMLComposer.compose(file)
    let run = Reading<MeasuredRun?>.section(
      standIn: nil, example: "{scenario: some-id, step_time: 1.25 s}", self.run)
    return try Reader.read(file, root: root) { root -> [MeasuredRun] in
      root.schema(Self.schema, noun: "a file of measured runs")
      let runs = root.required("runs", .list(of: run))
      if root.node("runs")?.items?.isEmpty ?? false {
        root.error("runs", "'runs' is empty", help: "add at least one measured run")
      }
      return runs.compactMap(\.self)
    }
  }

  /// A table of runs as the tree that the JSON of the same runs has.
  private static func tree(ofCSV file: SourceFile) throws(FileErrors) -> YAMLNode {
    let start = SourceLocation(line: 1, column: 1)
    func entry(_ key: String, _ content: YAMLNode.Content) -> YAMLNode.Entry {
      YAMLNode.Entry(
        key: key, keyLocation: start, value: YAMLNode(content: content, location: start))
    }
    return YAMLNode(
      content: .mapping([
        entry("schema", .scalar(schema, isQuoted: true)),
        entry("runs", .list(try table.rows(of: file))),
      ]), location: start)
  }

  private func run(_ section: Section) -> MeasuredRun? {
    let name = section.value("name", .text, default: "")
    let id = section.text("scenario")
    let settings = section.list("set", of: .text)
    let step = section.required("step_time", .positive(Second.self))
    let memory = section.optional("memory", .positive(Byte.self))
    let reading = section.optional("reading", .enumeration(of: MeasuredRun.Reading.self))
    if memory != nil, !section.has("reading") {
      section.error(
        "memory", "'\(section.path("memory"))' does not say what was read",
        help: "add 'reading: allocated', 'reserved' or 'device'")
    }
    if section.has("reading"), !section.has("memory") {
      section.error(
        "reading", "'\(section.path("reading"))' stands without 'memory'", help: "add 'memory'")
    }
    guard !id.isEmpty, let scenario = scenario(id, settings, section) else { return nil }
    return MeasuredRun(
      name: name.isEmpty ? id : name, scenario: scenario, step: step, memory: memory,
      reading: reading ?? .device, location: section.location)
  }

  /// The scenario under the run's settings; what is wrong with either is said at its place.
  private func scenario(_ id: String, _ settings: [String], _ section: Section) -> Scenario? {
    var overrides = ScenarioOverrides()
    overrides.set = settings
    do {
      return try loader.load(id, overrides: overrides)
    } catch let missing as MissingFile {
      section.error("scenario", "'\(missing.path)': \(missing.reason)")
    } catch let errors as FileErrors {
      let first = errors.diagnostics.first
      section.error(
        "scenario", "'\(id)' cannot be read: \(first?.message ?? "it is wrong")",
        help: first.map { "\($0.file):\($0.location.line):\($0.location.column)" } ?? "")
    } catch let usage as UsageError {
      let all =
        usage.diagnostics.isEmpty
        ? [(usage.message, usage.help)] : usage.diagnostics.map { ($0.message, $0.help) }
      for (message, help) in all { section.error("set", message, help: help) }
    } catch {
      section.error("scenario", "\(error)")
    }
    return nil
  }
}
