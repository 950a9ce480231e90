import Foundation
import Planning
import Scenarios

/// The project's own data, with a user folder of the test's own.
struct ProjectData {
  /// The project folder.
  static var root: String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path(percentEncoded: false).trimmedSlash
  }

  /// A loader over the project; with `machine`, a profile stands in for the one of this machine.
  static func loader(machine: Bool = false) throws -> ScenarioLoader {
    let user = machine ? try userFolder() : root + "/no-such-folder"
    return ScenarioLoader(data: DataFolders(roots: [root], userData: user))
  }

  /// A fresh folder with a `this-machine.yaml`.
  private static func userFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "foretrain-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let profile = try String(
      contentsOfFile: root + "/hardware-profiles/rtx-3090.yaml", encoding: .utf8)
    let own = profile.replacing("id: rtx-3090", with: "id: this-machine", maxReplacements: 1)
    try own.write(
      to: folder.appending(path: DataFolders.thisMachineFile), atomically: true, encoding: .utf8)
    return folder.path(percentEncoded: false).trimmedSlash
  }

  /// The text of a shipped scenario.
  static func text(_ id: String) throws -> String {
    try String(contentsOfFile: root + "/scenarios/\(id).yaml", encoding: .utf8)
  }

  /// Reads a scenario from text with the project's library.
  static func read(
    _ text: String, overrides: ScenarioOverrides = ScenarioOverrides(),
    loader: ScenarioLoader? = nil
  ) throws -> Scenario {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "foretrain-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "s.yaml").path(percentEncoded: false)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    do {
      return try (loader ?? ProjectData.loader()).load(path, overrides: overrides)
    } catch let errors as FileErrors {
      throw FileErrors(
        errors.diagnostics.map { diagnostic in
          var named = diagnostic
          if named.file == path { named.file = "s.yaml" }
          return named
        })
    }
  }

  /// What is printed where the text is wrong; nil where it reads.
  static func errors(
    _ text: String, overrides: ScenarioOverrides = ScenarioOverrides()
  ) -> String? {
    do {
      _ = try read(text, overrides: overrides)
      return nil
    } catch {
      return "\(error)"
    }
  }
}

extension String {
  var trimmedSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
