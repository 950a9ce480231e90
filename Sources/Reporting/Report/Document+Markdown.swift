extension Document {
  /// GitHub-flavoured Markdown; charts are the SVG files that lie beside it.
  var markdown: String {
    "# \(Markdown.escaped(title))\n" + blocks.map { "\n" + Self.markdown($0) }.joined()
  }

  private static func markdown(_ block: Block) -> String {
    switch block {
    case .section(let text): "## \(Markdown.escaped(text))\n"
    case .subsection(let text): "### \(Markdown.escaped(text))\n"
    case .paragraph(let text), .note(let text): Markdown.escaped(text) + "\n"
    case .banner(_, let text): "> **\(Markdown.escaped(text))**\n"
    case .list(let items), .subject(let items):
      items.map { "- \(Markdown.escaped($0))\n" }.joined()
    case .cards(let cards):
      Table(
        columns: [
          .init("figure", "figure"), .init("typical", "typical", .right),
          .init("range", "90 % range"),
        ],
        rows: cards.map {
          [
            .words($0.name), .words($0.unit.isEmpty ? $0.value : $0.value + " " + $0.unit),
            .words($0.range),
          ]
        }
      ).markdown
    case .table(let table): table.markdown
    case .chart(let chart):
      "![\(Markdown.escaped(chart.title + ". " + chart.summary))](\(chart.id).svg)\n"
    }
  }
}
