import Foundation
import Workloads

/// An id that no model file has.
///
/// Exit code 66.
public struct UnknownModel: Error, Sendable, Hashable, CustomStringConvertible {
  /// The id as the user wrote it.
  public var id: String
  /// The nearest id, where one is near.
  public var suggestion: String?

  /// An unknown id.
  public init(id: String, suggestion: String?) {
    self.id = id
    self.suggestion = suggestion
  }

  /// One or two sentences for people.
  public var description: String {
    "error: there is no model '\(id)'\nhelp: "
      + (suggestion.map { "did you mean '\($0)'?" } ?? "'foretrain list models' shows all ids")
  }
}

/// The model files of some folders, by id.
///
/// A file's id is its name without `.yaml`.
public struct ModelCatalog: Sendable {
  private let paths: [String: String]

  /// Lists the model files of folders.
  ///
  /// A file in an earlier folder hides one of the same id in a later one. Folders that do not exist hold nothing.
  public init(folders: [String]) {
    var paths: [String: String] = [:]
    for folder in folders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names where name.hasSuffix(".yaml") {
        let id = String(name.dropLast(5))
        if paths[id] == nil {
          paths[id] = URL(filePath: folder).appending(path: name).path(percentEncoded: false)
        }
      }
    }
    self.paths = paths
  }

  /// All ids, sorted without regard to case.
  public var ids: [String] {
    paths.keys.sorted { ($0.lowercased(), $0) < ($1.lowercased(), $1) }
  }

  /// The path of a model file; nil where there is none.
  public func path(_ id: String) -> String? { paths[id] }

  /// Reads a model by its id.
  ///
  /// - Throws: `UnknownModel` with the nearest id, `FileErrors` where the file is wrong or its id
  ///   is not its name, `MissingFile` where it cannot be opened.
  public func model(_ id: String) throws -> ModelFile {
    guard let path = paths[id] else {
      throw UnknownModel(id: id, suggestion: Nearest.suggestion(for: id, among: paths.keys))
    }
    let file = try ModelReader.read(path: path)
    guard file.model.id == id else {
      throw FileErrors([
        Diagnostic(
          file: path, location: SourceLocation(line: 1, column: 1),
          message: "the file is named '\(id).yaml' but its id is '\(file.model.id)'",
          help: "make them equal", sourceLine: nil)
      ])
    }
    return file
  }
}
