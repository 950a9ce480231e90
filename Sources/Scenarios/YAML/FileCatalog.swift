import Foundation

/// The YAML files of some folders, by id: the file name without `.yaml`.
///
/// Where two folders hold the same id the first one wins, so that a user's own file stands before
/// the one that comes with the program.
public struct FileCatalog: Sendable {
  /// What the files are, for messages: `hardware profile`, `model`.
  public let kind: String
  /// The folders, first come first served.
  public let folders: [String]
  /// All ids, sorted.
  public let ids: [String]
  private let paths: [String: String]

  /// Lists the files of folders; a folder that is not there counts as empty.
  public init(kind: String, folders: [String]) {
    self.kind = kind
    self.folders = folders
    var paths: [String: String] = [:]
    for folder in folders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names where name.hasSuffix(".yaml") && !name.hasPrefix(".") {
        let id = String(name.dropLast(5))
        if paths[id] == nil { paths[id] = folder + "/" + name }
      }
    }
    self.paths = paths
    ids = paths.keys.sorted()
  }

  /// The path of a file by its id.
  ///
  /// - Throws: `UnknownID` with the nearest id.
  public func path(of id: String) throws(UnknownID) -> String {
    if let path = paths[id] { return path }
    throw UnknownID(kind: kind, id: id, known: ids)
  }
}

/// An id that no file has.
///
/// Exit code 66.
public struct UnknownID: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was looked for, for example `hardware profile`.
  public var kind: String
  /// The id as written.
  public var id: String
  /// All ids that exist.
  public var known: [String]

  /// An unknown id.
  public init(kind: String, id: String, known: [String]) {
    self.kind = kind
    self.id = id
    self.known = known
  }

  /// One sentence, and the nearest id or all of them.
  public var description: String {
    let help = known.isEmpty ? "none was found" : Nearest.help(for: id, among: known)
    return "error: there is no \(kind) '\(id)'\nhelp: \(help)"
  }
}
