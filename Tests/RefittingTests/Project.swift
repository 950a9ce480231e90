import Foundation
import Scenarios

/// The project's own data.
enum Project {
  static var root: String {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path(percentEncoded: false)
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// A loader over the project, and over a folder of the test's own before it.
  static func loader(_ own: String? = nil) -> ScenarioLoader {
    ScenarioLoader(
      data: DataFolders(
        roots: [own, root].compactMap(\.self), userData: root + "/no-such-folder"))
  }

  static func runs(_ text: String, csv: Bool = false) throws -> [MeasuredRun] {
    try MeasuredRunsReader(loader: loader()).read(
      SourceFile(name: csv ? "runs.csv" : "runs.json", text: text), isCSV: csv)
  }

  /// What is printed where a file is wrong; nil where it reads.
  static func errors(_ text: String, csv: Bool = false) -> String? {
    do {
      _ = try runs(text, csv: csv)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
