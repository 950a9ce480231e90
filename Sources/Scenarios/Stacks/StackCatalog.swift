public import Strategies

/// The software stacks that can be named by id.
public struct StackCatalog: Sendable {
  /// The files.
  public let files: FileCatalog

  /// Lists the stacks of folders; the first folder that holds an id wins.
  public init(folders: [String]) {
    files = FileCatalog(kind: "software stack", folders: folders)
  }

  /// All ids, sorted.
  public var ids: [String] { files.ids }

  /// Reads a stack by its id.
  ///
  /// - Throws: `UnknownID` with the nearest id, `MissingFile`, or `FileErrors`.
  public func stack(_ id: String) throws -> SoftwareStack {
    try SoftwareStackReader.read(SourceFile(path: files.path(of: id)), expectedID: id)
  }
}
