public import Clusters

/// The hardware profiles that can be named by id.
public struct HardwareCatalog: Sendable {
  /// The files.
  public let files: FileCatalog

  /// Lists the profiles of folders; the first folder that holds an id wins.
  public init(folders: [String]) {
    files = FileCatalog(kind: "hardware profile", folders: folders)
  }

  /// All ids, sorted.
  public var ids: [String] { files.ids }

  /// Reads a profile by its id.
  ///
  /// - Throws: `UnknownID` with the nearest id, `MissingFile`, or `FileErrors`.
  public func profile(_ id: String) throws -> HardwareProfile {
    let file = try SourceFile(path: files.path(of: id))
    let (tree, isOverlay) = try Overlay.tree(of: file, in: files)
    return try HardwareProfileReader.read(
      file, root: tree, expectedID: id, allowsUnusedSources: isOverlay)
  }
}
