public import Quantities

/// Reads one file: collects everything that is wrong, then hands out the value or the errors.
///
/// After an error the reading goes on with a stand-in value, so that one pass finds all errors; a
/// value made with stand-ins is never handed out.
///
/// ```swift
/// let rack = try Reader.read(file) { root in
///   Rack(name: root.text("name"), memory: root.quantity("memory", of: Byte.self))
/// }
/// ```
public final class Reader {
  /// The file.
  public let file: SourceFile
  /// What is wrong so far, in the order of discovery.
  public private(set) var diagnostics: [Diagnostic] = []
  /// The origin of plain numbers where no `defaults:` says otherwise; nil makes that an error.
  public let fallbackOrigin: Origin?
  /// The file's `sources:`, ids to citations.
  public internal(set) var sources: [String: String] = [:]

  private var sourceKeys: [String: SourceLocation] = [:]
  private var usedSources: Set<String> = []

  private init(file: SourceFile, fallbackOrigin: Origin?) {
    self.file = file
    self.fallbackOrigin = fallbackOrigin
  }

  /// The tree of a file without any meaning: for checks of form.
  ///
  /// - Throws: `FileErrors` where the guards or the parser refuse the text.
  public static func tree(of file: SourceFile) throws(FileErrors) -> YAMLNode {
    try YAMLComposer.compose(file)
  }

  /// Reads a file from disk; see `read(_:fallbackOrigin:_:)`.
  ///
  /// - Throws: `MissingFile` or `FileErrors`.
  public static func read<Value>(
    path: String, fallbackOrigin: Origin? = nil, _ body: (Section) -> Value
  ) throws -> Value {
    try read(SourceFile(path: path), fallbackOrigin: fallbackOrigin, body)
  }

  /// Reads a file whose top is a mapping.
  ///
  /// Unknown keys, undefined and unused sources are errors.
  ///
  /// - Parameters:
  ///   - file: The text.
  ///   - fallbackOrigin: The origin of plain numbers without `defaults:`; `given` for files that
  ///     users type, nil for files in which every number needs a source.
  ///   - body: Makes the value from the top mapping; never stops at an error.
  /// - Returns: What the body made, where nothing is wrong.
  /// - Throws: `FileErrors` with everything that is wrong.
  public static func read<Value>(
    _ file: SourceFile, fallbackOrigin: Origin? = nil, _ body: (Section) -> Value
  ) throws(FileErrors) -> Value {
    try read(file, root: YAMLComposer.compose(file), fallbackOrigin: fallbackOrigin, body)
  }

  /// Reads nodes that were composed before, and perhaps changed by flags of the command line: a
  /// flag may take the place of a value whose source is then no longer used.
  static func read<Value>(
    _ file: SourceFile, root: YAMLNode, fallbackOrigin: Origin? = nil,
    allowsUnusedSources: Bool = false, _ body: (Section) -> Value
  ) throws(FileErrors) -> Value {
    let reader = Reader(file: file, fallbackOrigin: fallbackOrigin)
    let section = Section(reader: reader, node: root, name: "", parent: nil)
    if root.entries == nil {
      reader.error(
        "the file holds \(root.kind), not keys with values", help: "write 'key: value' lines",
        at: root.location)
      throw FileErrors(reader.diagnostics)
    }
    reader.readSources(section)
    let value = body(section)
    section.finish()
    if !allowsUnusedSources { reader.reportUnusedSources() }
    guard reader.diagnostics.isEmpty else { throw FileErrors(reader.diagnostics) }
    return value
  }

  /// Notes that something is wrong.
  public func error(_ message: String, help: String = "", at location: SourceLocation) {
    diagnostics.append(
      Diagnostic(
        file: file.name, location: location, message: message, help: help,
        sourceLine: file.line(location.line)))
  }

  /// Notes that a number cites a source, and whether the file defines it.
  func use(source id: String, at location: SourceLocation) {
    usedSources.insert(id)
    guard sources[id] == nil else { return }
    let near = Nearest.suggestion(for: id, among: sources.keys)
    // A misspelt citation is one error, not also an unused source.
    if let near { usedSources.insert(near) }
    error(
      "the source '\(id)' is not defined",
      help: near.map { "did you mean '\($0)'?" } ?? "add it to 'sources:' at the end of the file",
      at: location)
  }

  private func readSources(_ root: Section) {
    guard let entry = root.entry("sources") else { return }
    guard let entries = entry.value.entries else {
      if !entry.value.isNull {
        error(
          "'sources' is \(entry.value.kind), not ids with citations",
          help: "write 'id: title, address'", at: entry.value.location)
      }
      return
    }
    for source in entries {
      guard let citation = source.value.scalar, !source.value.isNull else {
        error(
          "the source '\(source.key)' has no citation", help: "write a title and an address",
          at: source.keyLocation)
        usedSources.insert(source.key)
        sources[source.key] = ""
        continue
      }
      sources[source.key] = citation
      sourceKeys[source.key] = source.keyLocation
    }
  }

  private func reportUnusedSources() {
    for (id, location) in sourceKeys where !usedSources.contains(id) {
      error(
        "the source '\(id)' is never used", help: "remove it, or cite it where it belongs",
        at: location)
    }
  }
}
