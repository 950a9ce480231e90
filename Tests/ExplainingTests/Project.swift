import Foundation
import Planning
import Scenarios

/// The project's own data.
enum Project {
  static var root: String {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path(percentEncoded: false)
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  static func loader() throws -> ScenarioLoader {
    ScenarioLoader(data: DataFolders(roots: [root], userData: root + "/no-such-folder"))
  }

  /// A shipped scenario with settings changed, as `--set` changes them.
  static func scenario(_ id: String, _ settings: [String] = []) throws -> Scenario {
    var overrides = ScenarioOverrides()
    overrides.set = settings
    return try loader().load(id, overrides: overrides)
  }
}
