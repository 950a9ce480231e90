public import Strategies

/// The software stacks of some folders, by id. A file's id is its name without `.yaml`.
public struct StackCatalog: Sendable {
  private let files: YAMLFolder

  /// Lists the stack files of folders; a file in an earlier folder hides one in a later one.
  public init(folders: [String]) { files = YAMLFolder(folders: folders) }

  /// All ids, sorted.
  public var ids: [String] { files.ids }

  /// The path of a stack file; nil where there is none.
  public func path(_ id: String) -> String? { files.path(id) }

  /// Reads a stack by its id.
  ///
  /// - Throws: `UsageError` with the nearest id, `FileErrors` where the file is wrong or its id is
  ///   not its name, `MissingFile` where it cannot be opened.
  public func stack(_ id: String) throws -> SoftwareStack {
    guard let path = path(id) else {
      throw UsageError("there is no software stack '\(id)'", help: Nearest.help(for: id, among: ids))
    }
    let stack = try SoftwareStackReader.read(path: path)
    try files.check(id: stack.id, of: path)
    return stack
  }
}
