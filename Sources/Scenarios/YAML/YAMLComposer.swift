import Yams

/// Turns the text of a file into located nodes.
///
/// The only room that knows Yams.
enum YAMLComposer {
  /// Parses a file after the guards have passed it.
  ///
  /// - Throws: `FileErrors` with every refusal of the guards, or with the first syntax error.
  static func compose(_ file: SourceFile) throws(FileErrors) -> YAMLNode {
    let refusals = TextGuard.check(file)
    guard refusals.isEmpty else { throw FileErrors(refusals) }
    let parsed: Node?
    do {
      // UTF-8 is named so that no environment variable changes how a file is read.
      parsed = try Parser(yaml: file.text, encoding: .utf8).singleRoot()
    } catch {
      throw FileErrors([diagnostic(of: error, in: file)])
    }
    guard let parsed else {
      throw FileErrors([
        Diagnostic(
          file: file.name, location: SourceLocation(line: 1, column: 1),
          message: "the file is empty",
          help: "an input file holds 'key: value' lines; for a scenario to start from, "
            + "add --save FILE to any command",
          sourceLine: file.line(1))
      ])
    }
    var converter = NodeConverter(file: file)
    let root = converter.convert(parsed, depth: 0)
    guard converter.diagnostics.isEmpty else { throw FileErrors(converter.diagnostics) }
    return root
  }

  private static func diagnostic(of error: any Error, in file: SourceFile) -> Diagnostic {
    func makeAt(_ message: String, _ place: SourceLocation, help: String) -> Diagnostic {
      let line = min(max(1, place.line), max(1, file.lines.count))
      return Diagnostic(
        file: file.name, location: SourceLocation(line: line, column: max(1, place.column)),
        message: message, help: help, sourceLine: file.line(line))
    }
    func make(_ message: String, _ mark: Mark?, help: String) -> Diagnostic {
      let place = SourceLocation(line: mark?.line ?? 1, column: mark?.column ?? 1)
      return makeAt(message, place, help: help)
    }
    let quoting = "check indentation and brackets; quote texts that hold ': ' or ' #'"
    guard let error = error as? YamlError else {
      return make("the YAML cannot be read", nil, help: quoting)
    }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return make("the YAML cannot be read: \(problem)", mark, help: quoting)
    case .duplicatedKeysInMapping(let keys, let context):
      let first = SourceLocation(line: context.mark.line, column: context.mark.column)
      let place = secondPlace(of: keys.first ?? "", after: first, in: file) ?? first
      let names = keys.map { "'\($0)'" }.joined(separator: ", ")
      return makeAt(
        "the key \(names) stands twice in one mapping", place,
        help: "keep one of them; the first is in line \(first.line)")
    case .reader(let problem, _, _, _):
      return make(
        "the YAML cannot be read: \(problem)", nil, help: "remove control characters")
    default:
      return make("the YAML cannot be read", nil, help: quoting)
    }
  }

  /// Where a block key stands for the second time; nil in flow mappings.
  private static func secondPlace(of key: String, after first: SourceLocation, in file: SourceFile)
    -> SourceLocation?
  {
    guard first.line >= 1, first.line < file.lines.count, !key.isEmpty else { return nil }
    for (offset, line) in file.lines[first.line...].enumerated() {
      let indent = line.prefix { $0 == " " }.count
      if indent == first.column - 1, line.dropFirst(indent).hasPrefix(key + ":") {
        return SourceLocation(line: first.line + offset + 1, column: first.column)
      }
    }
    return nil
  }
}

/// Copies the parser's tree into ours.
///
/// Bounded in depth and count, whatever the parser accepted.
private struct NodeConverter {
  let file: SourceFile
  var diagnostics: [Diagnostic] = []
  var count = 0

  init(file: SourceFile) { self.file = file }

  mutating func convert(_ node: Node, depth: Int) -> YAMLNode {
    let location = location(of: node)
    let nothing = YAMLNode(content: .scalar("", isQuoted: false), location: location)
    count += 1
    // Without aliases, a node needs at least half a byte of text.
    guard depth <= TextGuard.nestingLimit, count <= 2 * file.text.utf8.count + 16 else {
      if diagnostics.isEmpty {
        refuse("the values are nested too deep or repeat each other", "", at: location)
      }
      return nothing
    }
    switch node {
    case .scalar(let scalar):
      let isQuoted = scalar.style != .plain && scalar.style != .any
      return YAMLNode(content: .scalar(scalar.string, isQuoted: isQuoted), location: location)
    case .sequence(let items):
      return YAMLNode(
        content: .list(items.map { convert($0, depth: depth + 1) }), location: location)
    case .mapping(let pairs):
      var entries: [YAMLNode.Entry] = []
      for (key, value) in pairs {
        let place = self.location(of: key)
        guard case .scalar(let name) = key, !name.string.isEmpty else {
          refuse("a key is not a plain word", "write 'key: value'", at: place)
          continue
        }
        entries.append(
          YAMLNode.Entry(
            key: name.string, keyLocation: place, value: convert(value, depth: depth + 1)))
      }
      return YAMLNode(content: .mapping(entries), location: location)
    case .alias:
      refuse("aliases (*) are not read", "write the value out", at: location)
      return nothing
    }
  }

  private func location(of node: Node) -> SourceLocation {
    SourceLocation(line: max(1, node.mark?.line ?? 1), column: max(1, node.mark?.column ?? 1))
  }

  private mutating func refuse(_ message: String, _ help: String, at location: SourceLocation) {
    diagnostics.append(
      Diagnostic(
        file: file.name, location: location, message: message, help: help,
        sourceLine: file.line(location.line)))
  }
}
