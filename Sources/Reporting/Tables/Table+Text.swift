extension Table {
  /// Aligned columns for a terminal, two spaces apart, without trailing spaces.
  public func text(style: Style = .plain, indentation: Int = 0) -> String {
    let headings = columns.map(\.title.singleLine)
    let cells = rows.map { $0.map(\.text.singleLine) }
    let widths = columns.indices.map { column in
      ([headings] + cells).map { $0[column].displayWidth }.max() ?? 0
    }
    let margin = String(repeating: " ", count: indentation)
    func line(_ row: [String]) -> String {
      let padded = row.enumerated().map {
        $0.element.padded(to: widths[$0.offset], columns[$0.offset].alignment)
      }
      return (margin + padded.joined(separator: "  ")).withoutTrailingSpaces
    }
    var lines = cells.map(line)
    if headings.contains(where: { !$0.isEmpty }) {
      lines.insert(style.paint(line(headings), .faint), at: 0)
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
