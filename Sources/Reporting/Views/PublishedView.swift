public import PublishedCases
import Quantities

/// Predictions against published figures: what `foretrain validate published` prints.
public struct PublishedView: Sendable {
  private let card: Scorecard
  private var tables: PublishedTables { PublishedTables(card: card) }

  /// A view of a scorecard.
  public init(_ card: Scorecard) { self.card = card }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    var parts: [String] = []
    for (title, table) in tables.all where !table.rows.isEmpty {
      parts.append(style.paint(title, .heading) + "\n" + table.text(style: style))
    }
    parts.append(tables.summary.joined(separator: "\n"))
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// For a page.
  public var markdown: String {
    tables.all.filter { !$0.table.rows.isEmpty }
      .map { "## \($0.title)\n\n\($0.table.markdown)" }
      .joined(separator: "\n") + "\n" + tables.summary.map { "- \($0)\n" }.joined()
  }

  /// One row per measured figure.
  public var csv: String { tables.figures.csv }

  /// Everything as one object.
  public func json(provenance: Provenance) -> String { card.json(provenance: provenance).text }
}
