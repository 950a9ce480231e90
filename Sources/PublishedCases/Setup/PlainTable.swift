import Scenarios

/// Rows of a small data file of the project: a line of names, then one line per row, no quotes.
struct PlainTable: Sendable {
  /// Values by column name, in the order of the file.
  let rows: [[String: String]]

  /// Reads a table.
  ///
  /// - Throws: `FileErrors` for lines with too many or too few values.
  init(_ file: SourceFile) throws(FileErrors) {
    let lines = file.lines.enumerated().filter { !$0.element.isEmpty }
    let names = Self.cells(lines.first?.element ?? "")
    var rows: [[String: String]] = []
    var faults: [Diagnostic] = []
    for (index, line) in lines.dropFirst() {
      let cells = Self.cells(line)
      guard cells.count == names.count else {
        faults.append(
          Diagnostic(
            file: file.name, location: SourceLocation(line: index + 1, column: 1),
            message: "\(cells.count) values under \(names.count) names",
            help: "write one value per column; texts hold no comma", sourceLine: line))
        continue
      }
      rows.append(Dictionary(zip(names, cells)) { first, _ in first })
    }
    guard faults.isEmpty else { throw FileErrors(faults) }
    self.rows = rows
  }

  private static func cells(_ line: String) -> [String] {
    line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
