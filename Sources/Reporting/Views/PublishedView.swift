public import PublishedCases
import Quantities

/// Predictions against published figures: what `foretrain validate published` prints.
public struct PublishedView: Sendable {
  private let card: Scorecard
  private let leftOut: RefitView?
  private var tables: PublishedTables { PublishedTables(card: card) }

  /// A view of a scorecard.
  ///
  /// - Parameters:
  ///   - card: The predictions.
  ///   - leftOut: The fit behind them, for goals and for errors on what was left out; nil: without.
  public init(_ card: Scorecard, leftOut: RefitView? = nil) {
    self.card = card
    self.leftOut = leftOut
  }

  private var all: [(title: String, table: Table)] {
    (tables.all + (leftOut?.tables ?? [])).filter { !$0.table.rows.isEmpty }
  }

  private var summary: [String] { tables.summary + (leftOut?.summary ?? []) }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    let parts = all.map { style.paint($0.title, .heading) + "\n" + $0.table.text(style: style) }
    return (parts + [summary.joined(separator: "\n")]).joined(separator: "\n\n") + "\n"
  }

  /// For a page.
  public var markdown: String {
    all.map { "## \($0.title)\n\n\($0.table.markdown)" }.joined(separator: "\n") + "\n"
      + summary.map { "- \($0)\n" }.joined()
  }

  /// One row per measured figure.
  public var csv: String { tables.figures.csv }

  /// Everything as one object.
  public func json(provenance: Provenance) -> String {
    card.json(provenance: provenance, leftOut: leftOut?.members ?? []).text
  }
}
