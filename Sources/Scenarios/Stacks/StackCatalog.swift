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
    let file = try SourceFile(path: files.path(of: id))
    let (tree, isOverlay) = try Overlay.tree(of: file, in: files)
    return try SoftwareStackReader.read(
      file, root: tree, expectedID: id, allowsUnusedSources: isOverlay)
  }

  /// The stack that one stands on, the last of several; nil for a file of its own.
  ///
  /// - Throws: As `stack(_:)`.
  func base(of id: String) throws -> String? {
    try Overlay.base(of: SourceFile(path: files.path(of: id)), in: files)
  }

  /// The text of a stack, with what its base says where it stands on one.
  ///
  /// - Throws: As `stack(_:)`.
  public func text(_ id: String) throws -> SourceFile {
    let file = try SourceFile(path: files.path(of: id))
    let (tree, isOverlay) = try Overlay.tree(of: file, in: files)
    return isOverlay ? SourceFile(name: file.name, text: tree.text()) : file
  }
}
