extension Reader {
  /// Reads a table: every line below the first is a mapping for `body`, without its empty cells.
  ///
  /// - Parameters:
  ///   - file: The text.
  ///   - columns: The columns that the table may have.
  ///   - needed: Those of them that it must have.
  ///   - body: Makes a value from the mapping of a line.
  /// - Returns: One value per line.
  /// - Throws: `FileErrors` with everything that is wrong in all lines, or with the table's form.
  public static func readCSV<Value>(
    _ file: SourceFile, columns: [String], needed: [String], _ body: (Section) -> Value
  ) throws(FileErrors) -> [Value] {
    var values: [Value] = []
    let table = CSVTable(columns: columns, needed: needed).parsed(file)
    var faults = table.errors
    for row in table.rows {
      do throws(FileErrors) {
        values.append(try Reader.read(file, root: row, body))
      } catch {
        faults += error.diagnostics
      }
    }
    guard faults.isEmpty else {
      throw FileErrors(faults.sorted { $0.location < $1.location })
    }
    return values
  }
}

/// A table as trees: each line a mapping from the names of the first line to its own cells.
///
/// Source: RFC 4180: commas, quotes that are doubled inside quotes, CR LF or LF. One line is one
/// record: quoted line breaks are refused.
struct CSVTable {
  /// The columns that the table may have.
  var columns: [String]
  /// Those of them that it must have.
  var needed: [String]
  /// Columns whose cells are texts separated by `;`.
  var lists: Set<String> = []

  /// One cell and where it starts.
  private struct Cell {
    var text: String
    var location: SourceLocation
  }

  /// What stands below the first line.
  ///
  /// - Throws: `FileErrors` with everything that is wrong with the form of the table.
  func rows(of file: SourceFile) throws(FileErrors) -> [YAMLNode] {
    let table = parsed(file)
    guard table.errors.isEmpty else { throw FileErrors(table.errors) }
    return table.rows
  }

  /// The lines that are whole, and what is wrong with the form of the others; none under a first
  /// line that is wrong.
  fileprivate func parsed(_ file: SourceFile) -> (rows: [YAMLNode], errors: [Diagnostic]) {
    var errors: [Diagnostic] = []
    func complain(_ message: String, _ help: String, _ place: SourceLocation) {
      errors.append(
        Diagnostic(
          file: file.name, location: place, message: message, help: help,
          sourceLine: file.line(place.line)))
    }
    var header: [Cell] = []
    var items: [YAMLNode] = []
    for (index, line) in file.lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      let cells = Self.cells(of: line, number: index + 1, complain)
      guard !header.isEmpty else {
        header = cells
        checkHeader(cells, complain)
        guard errors.isEmpty else { break }
        continue
      }
      guard cells.count == header.count else {
        complain(
          "\(cells.count) cells, the header has \(header.count)",
          "write one cell per column; leave it empty where nothing is known",
          SourceLocation(line: index + 1, column: 1))
        continue
      }
      items.append(item(header, cells))
    }
    if header.isEmpty {
      complain(
        "the file is empty", "the first line names the columns: " + columns.joined(separator: ","),
        SourceLocation(line: 1, column: 1))
    }
    return (items, errors)
  }

  private func checkHeader(
    _ header: [Cell], _ complain: (String, String, SourceLocation) -> Void
  ) {
    var seen: Set<String> = []
    for cell in header {
      if !columns.contains(cell.text) {
        complain(
          "unknown column '\(cell.text)'", Nearest.help(for: cell.text, among: columns),
          cell.location)
      } else if !seen.insert(cell.text).inserted {
        complain("the column '\(cell.text)' stands twice", "remove one", cell.location)
      }
    }
    for name in needed where !seen.contains(name) {
      complain(
        "the column '\(name)' is missing", "add it to the first line",
        SourceLocation(line: header.first?.location.line ?? 1, column: 1))
    }
  }

  private func item(_ header: [Cell], _ cells: [Cell]) -> YAMLNode {
    let entries = zip(header, cells).compactMap { column, cell -> YAMLNode.Entry? in
      guard !cell.text.isEmpty else { return nil }
      var content = YAMLNode.Content.scalar(cell.text, isQuoted: false)
      if lists.contains(column.text) {
        content = .list(
          cell.text.split(separator: ";").map { part in
            YAMLNode(
              content: .scalar(
                part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed().map { "\($0)" }
                  .joined(), isQuoted: true), location: cell.location)
          })
      }
      return YAMLNode.Entry(
        key: column.text, keyLocation: cell.location,
        value: YAMLNode(content: content, location: cell.location))
    }
    let start = cells.first?.location ?? SourceLocation(line: 1, column: 1)
    return YAMLNode(content: .mapping(entries), location: start)
  }

  private static func cells(
    of line: String, number: Int, _ complain: (String, String, SourceLocation) -> Void
  ) -> [Cell] {
    let scalars = Array(line.unicodeScalars)
    var cells: [Cell] = []
    var position = 0
    while position <= scalars.count {
      let start = SourceLocation(line: number, column: position + 1)
      var text = String.UnicodeScalarView()
      if position < scalars.count, scalars[position] == "\"" {
        position += 1
        var isClosed = false
        while position < scalars.count {
          if scalars[position] == "\"" {
            guard position + 1 < scalars.count, scalars[position + 1] == "\"" else {
              isClosed = true
              position += 1
              break
            }
            position += 1
          }
          text.append(scalars[position])
          position += 1
        }
        if !isClosed {
          complain("the quote is never closed", "close it on the same line", start)
        } else if position < scalars.count, scalars[position] != "," {
          complain(
            "text follows a closed quote", "put a comma there, or double the quotes inside",
            SourceLocation(line: number, column: position + 1))
          while position < scalars.count, scalars[position] != "," { position += 1 }
        }
      } else {
        while position < scalars.count, scalars[position] != "," {
          text.append(scalars[position])
          position += 1
        }
      }
      cells.append(
        Cell(
          text: String(text).split(separator: " ", omittingEmptySubsequences: true)
            .joined(separator: " "), location: start))
      position += 1
    }
    return cells
  }
}
