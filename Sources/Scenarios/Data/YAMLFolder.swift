import Foundation

/// The YAML files of some folders, by name without `.yaml`; earlier folders hide later ones.
struct YAMLFolder: Sendable {
  private let paths: [String: String]

  init(folders: [String]) {
    var paths: [String: String] = [:]
    for folder in folders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names where name.hasSuffix(".yaml") && !name.hasPrefix(".") {
        let id = String(name.dropLast(5))
        if paths[id] == nil { paths[id] = folder + "/" + name }
      }
    }
    self.paths = paths
  }

  /// All ids, sorted without regard to case.
  var ids: [String] { paths.keys.sorted { ($0.lowercased(), $0) < ($1.lowercased(), $1) } }

  func path(_ id: String) -> String? { paths[id] }

  /// A file whose id is not its name would be found under the wrong one.
  func check(id: String, of path: String) throws(FileErrors) {
    let name = String((path.split(separator: "/").last ?? "").dropLast(5))
    guard id != name else { return }
    throw FileErrors([
      Diagnostic(
        file: path, location: SourceLocation(line: 1, column: 1),
        message: "the file is named '\(name).yaml' but its id is '\(id)'",
        help: "make them equal", sourceLine: nil)
    ])
  }
}
