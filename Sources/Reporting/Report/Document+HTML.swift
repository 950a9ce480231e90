extension Document {
  /// One page that needs nothing else: no script, no font, no picture from elsewhere.
  ///
  /// The policy in its head forbids all of them, so that text from a file can never load or run anything.
  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
    <meta name="color-scheme" content="light dark">
    <title>\(HTML.escaped(title))</title>
    <style>
    \(StyleSheet.colors(of: ":root"))\(StyleSheet.page)\(StyleSheet.charts)</style>
    </head>
    <body>
    <main>
    <h1>\(HTML.escaped(title))</h1>
    \(blocks.map(Self.html).joined())</main>
    </body>
    </html>

    """
  }

  private static func html(_ block: Block) -> String {
    switch block {
    case .section(let text): "<h2>\(HTML.escaped(text))</h2>\n"
    case .subsection(let text): "<h3>\(HTML.escaped(text))</h3>\n"
    case .paragraph(let text): "<p>\(HTML.escaped(text))</p>\n"
    case .note(let text): "<p class=\"note\">\(HTML.escaped(text))</p>\n"
    case .banner(let tone, let text):
      "<p class=\"banner \(tone.rawValue)\" role=\"note\">\(HTML.escaped(text))</p>\n"
    case .list(let items): list(items, class: "")
    case .subject(let items): list(items, class: " class=\"subject\"")
    case .cards(let cards): html(cards)
    case .table(let table): html(table)
    case .chart(let chart): chart.html
    }
  }

  private static func list(_ items: [String], class name: String) -> String {
    "<ul\(name)>\n" + items.map { "<li>\(HTML.escaped($0))</li>\n" }.joined() + "</ul>\n"
  }

  private static func html(_ cards: [Card]) -> String {
    let items = cards.map {
      "<li><span class=\"name\">\(HTML.escaped($0.name))</span>"
        + "<span class=\"value\">\(HTML.escaped($0.value)) "
        + "<span class=\"unit\">\(HTML.escaped($0.unit))</span></span>"
        + "<span class=\"range\">\(HTML.escaped($0.range))</span></li>\n"
    }
    return "<ul class=\"cards\">\n" + items.joined() + "</ul>\n"
  }

  private static func html(_ table: Table) -> String {
    func cell(_ element: String, _ text: String, _ column: Table.Column) -> String {
      let side = column.alignment == .right ? " class=\"r\"" : ""
      let scope = element == "th" ? " scope=\"col\"" : ""
      return "<\(element)\(scope)\(side)>\(HTML.escaped(text))</\(element)>"
    }
    let head = table.columns.map { cell("th", $0.title, $0) }.joined()
    let rows = table.rows.map { row in
      "<tr>" + zip(table.columns, row).map { cell("td", $1.text, $0) }.joined() + "</tr>\n"
    }
    let hasHead = table.columns.contains { !$0.title.isEmpty }
    // A wide table scrolls by itself; the page never does. The focus lets the keyboard scroll it.
    return
      "<div class=\"scroll\" tabindex=\"0\">\n<table>\n"
      + (hasHead ? "<thead><tr>\(head)</tr></thead>\n" : "") + "<tbody>\n"
      + rows.joined() + "</tbody>\n</table>\n</div>\n"
  }
}
