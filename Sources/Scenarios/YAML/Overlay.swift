/// Files that say only what they change of another one: `base: other-id`.
///
/// A profile or a stack that was refit to a user's own runs holds the refit values and their source;
/// everything else is its base's, which is found by its id.
enum Overlay {
  /// The key that names the base.
  static let key = "base"
  /// The most files that may stand on one another.
  private static let limit = 8

  /// The tree of a file with its bases below it, and whether it has any.
  ///
  /// - Throws: `FileErrors` where a base is not there, or bases follow each other in a circle;
  ///   what reading a base throws.
  static func tree(
    of file: SourceFile, in files: FileCatalog, depth: Int = 0
  ) throws -> (root: YAMLNode, isOverlay: Bool) {
    let root = try YAMLComposer.compose(file)
    guard let entry = root.entries?.first(where: { $0.key == key }) else { return (root, false) }
    func refuse(_ message: String, _ help: String) -> FileErrors {
      FileErrors([
        Diagnostic(
          file: file.name, location: entry.value.location, message: message, help: help,
          sourceLine: file.line(entry.value.location.line))
      ])
    }
    guard let id = entry.value.scalar, !entry.value.isNull else {
      throw refuse("'base' is \(entry.value.kind), not an id", "name one \(files.kind)")
    }
    guard depth < limit else {
      throw refuse(
        "more than \(limit) files stand on one another", "does a base stand on itself?")
    }
    guard let path = try? files.path(of: id) else {
      throw refuse(
        "there is no \(files.kind) '\(id)'", Nearest.help(for: id, among: files.ids))
    }
    let base = try tree(of: SourceFile(path: path), in: files, depth: depth + 1).root
    return (base.overlaid(with: root.removing([key])), true)
  }

  /// The id of the file at the bottom; nil where a file stands on none.
  ///
  /// - Throws: As `tree`.
  static func base(of file: SourceFile, in files: FileCatalog) throws -> String? {
    guard try tree(of: file, in: files).isOverlay,
      let id = try YAMLComposer.compose(file).entries?.first(where: { $0.key == key })?.value.scalar
    else { return nil }
    return try base(of: SourceFile(path: files.path(of: id)), in: files) ?? id
  }
}

extension YAMLNode {
  /// This mapping with the other one's values in the places of its own, mapping by mapping.
  func overlaid(with other: YAMLNode) -> YAMLNode {
    guard case .mapping(let own) = content, case .mapping(let changes) = other.content else {
      return other
    }
    var entries = own
    for change in changes {
      if let index = entries.firstIndex(where: { $0.key == change.key }) {
        entries[index] = Entry(
          key: change.key, keyLocation: change.keyLocation,
          value: entries[index].value.overlaid(with: change.value))
      } else {
        entries.append(change)
      }
    }
    return YAMLNode(content: .mapping(entries), location: other.location)
  }

  /// The tree as YAML, for files that were put together from several.
  func text(indent: Int = 0) -> String {
    let space = String(repeating: " ", count: indent)
    switch content {
    case .scalar(let text, let isQuoted): return isQuoted ? ExactText.text(text) : text
    case .list(let items):
      return "[" + items.map { $0.flow }.joined(separator: ", ") + "]"
    case .mapping(let entries):
      return entries.map { entry in
        if case .mapping(let inner) = entry.value.content, !inner.isEmpty {
          return space + entry.key + ":\n" + entry.value.text(indent: indent + 2)
        }
        return space + entry.key + ": " + entry.value.flow + "\n"
      }.joined()
    }
  }

  private var flow: String {
    switch content {
    case .scalar(let text, let isQuoted):
      let isSafe = !isQuoted && !text.contains { ",[]{}:#'\"".contains($0) } && !text.isEmpty
      return isSafe ? text : ExactText.quoted(text)
    case .list(let items): return "[" + items.map(\.flow).joined(separator: ", ") + "]"
    case .mapping(let entries):
      return "{" + entries.map { $0.key + ": " + $0.value.flow }.joined(separator: ", ") + "}"
    }
  }
}
