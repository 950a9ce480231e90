/// Refuses what the parser must not see: anchors and aliases (a small file can stand for a huge
/// one), tags, deep nesting (the parser recurses), tabs as indentation, several documents.
///
/// A scan of characters that knows quotes, comments, flow brackets and block scalars. It is
/// stricter than YAML in one point: a line of a multi-line plain text may not start with `*`.
struct TextGuard {
  static let nestingLimit = 64

  let file: SourceFile
  private(set) var diagnostics: [Diagnostic] = []
  private var flowDepth = 0
  private var quote: Unicode.Scalar?
  private var indents: [Int] = []
  private var blockScalarIndent: Int?
  private var documentStarted = false
  private var tooDeep = false

  init(_ file: SourceFile) { self.file = file }

  /// All refusals of a text; empty where it may be parsed.
  static func check(_ file: SourceFile) -> [Diagnostic] {
    var guardian = TextGuard(file)
    for (index, line) in file.lines.enumerated() {
      guardian.scan(Array(line.unicodeScalars), number: index + 1)
    }
    return guardian.diagnostics
  }

  private mutating func refuse(_ message: String, _ help: String, line: Int, column: Int) {
    diagnostics.append(
      Diagnostic(
        file: file.name, location: SourceLocation(line: line, column: column), message: message,
        help: help, sourceLine: file.line(line)))
  }

  private mutating func scan(_ line: [Unicode.Scalar], number: Int) {
    var position = line.firstIndex { $0 != " " && $0 != "\t" } ?? line.count
    if let limit = blockScalarIndent {
      if position == line.count || position > limit { return }
      blockScalarIndent = nil
    }
    guard position < line.count else { return }
    if quote == nil {
      if let tab = line[..<position].firstIndex(of: "\t") {
        refuse("a tab in the indentation", "indent with spaces", line: number, column: tab + 1)
      }
      if flowDepth == 0 {
        if scanMarker(line, number: number) { return }
        position = scanIndent(line, from: position, number: number)
      }
    }
    scanTokens(line, from: position, number: number)
  }

  /// Document markers and directives; true where the line is done.
  private mutating func scanMarker(_ line: [Unicode.Scalar], number: Int) -> Bool {
    let start = String(String.UnicodeScalarView(line.prefix(3)))
    let endsThere = line.count == 3 || (line.count > 3 && (line[3] == " " || line[3] == "\t"))
    if start == "---" && endsThere {
      if documentStarted {
        refuse(
          "a second document starts here", "one file holds one document; remove the '---'",
          line: number, column: 1)
      }
      documentStarted = true
      indents = []
      return true
    }
    if line.first == "%" && !documentStarted {
      refuse("a YAML directive", "remove the line", line: number, column: 1)
      return true
    }
    if line.first(where: { $0 != " " }) != "#" { documentStarted = true }
    return false
  }

  /// Keeps the stack of indentations; each leading `- ` opens one more level.
  private mutating func scanIndent(_ line: [Unicode.Scalar], from start: Int, number: Int) -> Int {
    var position = start
    if line[position] == "#" { return position }
    while let last = indents.last, last > position { indents.removeLast() }
    if indents.last != position { indents.append(position) }
    while position + 1 < line.count, line[position] == "-" || line[position] == "?",
      line[position + 1] == " "
    {
      position += 1
      while position < line.count, line[position] == " " { position += 1 }
      if position < line.count { indents.append(position) }
    }
    checkDepth(number: number, column: position + 1)
    return position
  }

  private mutating func checkDepth(number: Int, column: Int) {
    guard indents.count + flowDepth > Self.nestingLimit, !tooDeep else { return }
    tooDeep = true
    refuse(
      "values are nested more than \(Self.nestingLimit) deep", "real files need about 6 levels",
      line: number, column: column)
  }

  private mutating func scanTokens(_ line: [Unicode.Scalar], from start: Int, number: Int) {
    var position = start
    var startsToken = quote == nil
    while position < line.count {
      let scalar = line[position]
      if let open = quote {
        if open == "\"" && scalar == "\\" {
          position += 1
        } else if scalar == open {
          // A doubled single quote stands for one and closes nothing.
          let isDoubled = open == "'" && position + 1 < line.count && line[position + 1] == "'"
          if isDoubled { position += 1 } else { quote = nil }
        }
        startsToken = false
      } else if scalar == "#" && (position == 0 || isBlank(line[position - 1])) {
        return
      } else if startsToken && !isBlank(scalar) {
        startsToken = scanTokenStart(scalar, line, position, number)
        if blockScalarIndent != nil { return }
      } else if flowDepth > 0, "[]{},".unicodeScalars.contains(scalar) {
        scanFlow(scalar, number: number, column: position + 1)
        startsToken = scalar != "]" && scalar != "}"
      } else if scalar == ":" {
        let next = position + 1 < line.count ? line[position + 1] : " "
        startsToken = isBlank(next) || (flowDepth > 0 && "[]{},\"'".unicodeScalars.contains(next))
      }
      position += 1
    }
  }

  /// Handles the first character of a token; returns whether another token may start next.
  private mutating func scanTokenStart(
    _ scalar: Unicode.Scalar, _ line: [Unicode.Scalar], _ position: Int, _ number: Int
  ) -> Bool {
    let column = position + 1
    switch scalar {
    case "\"", "'": quote = scalar
    case "&", "*":
      refuse(
        "anchors (&) and aliases (*) are not read",
        "write the value out, or quote the text if it really starts with '\(scalar)'",
        line: number, column: column)
    case "!":
      refuse("tags (!) are not read", "remove the tag", line: number, column: column)
    case "[", "{", "]", "}", ",":
      scanFlow(scalar, number: number, column: column)
      return scalar != "]" && scalar != "}"
    case "|", ">":
      // The text is indented deeper than its parent: the dash before it, or the key's column.
      let parent = indents.last == position ? indents.dropLast().last : indents.last
      if flowDepth == 0 { blockScalarIndent = parent ?? -1 }
    default: break
    }
    return false
  }

  private mutating func scanFlow(_ scalar: Unicode.Scalar, number: Int, column: Int) {
    switch scalar {
    case "[", "{": flowDepth += 1
    case "]", "}": flowDepth = max(0, flowDepth - 1)
    default: break
    }
    checkDepth(number: number, column: column)
  }

  private func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
}
