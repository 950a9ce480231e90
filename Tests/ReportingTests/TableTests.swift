import Reporting
import Testing

@Suite("Tables")
struct TableTests {
  private func table(_ texts: [[String]]) -> Table {
    Table(
      columns: [.init("name", "name"), .init("value_s", "value", .right)],
      rows: texts.map { $0.map { .words($0) } })
  }

  @Test("Columns line up, wide characters count twice, combining marks not at all")
  func alignment() {
    let text = table([["a", "1"], ["日本", "12"], ["e\u{301}tude", "3"], ["🚀", "4"]]).text()
    #expect(
      text == """
        name   value
        a          1
        日本      12
        e\u{301}tude      3
        🚀         4

        """)
    #expect("日本".displayWidth == 4)
    #expect("e\u{301}tude".displayWidth == 5)
  }

  @Test("Control characters cannot reach a terminal or break a row")
  func control() {
    let text = table([["a\u{1B}[31m\nb", "\u{202E}1"]]).text()
    #expect(text.split(separator: "\n").count == 2)
    #expect(!text.unicodeScalars.contains("\u{1B}"))
    #expect(!text.unicodeScalars.contains("\u{202E}"))
  }

  @Test("CSV reads back as what was written", arguments: [0, 1, 2, 3, 4, 5])
  func csv(seed: UInt64) {
    var state = seed &+ 1
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
    let alphabet = ["a", ",", "\"", "\r\n", "\n", "\r", " ", "é", "|", "<", "=", "日"]
    let rows = (0..<30).map { _ in
      (0..<2).map { _ in (0..<next(6)).map { _ in alphabet[next(alphabet.count)] }.joined() }
    }
    let read = CSVReader.rows(table(rows).csv)
    #expect(read == [["name", "value_s"]] + rows)
  }

  @Test("CSV leaves an unknown number empty and quotes nothing without need")
  func csvNumbers() {
    let table = Table(
      columns: [.init("a", "a"), .init("b", "b")],
      rows: [[.unknown, .number(0.25, "a quarter")], [.integer(1234), .number(.nan, "?")]])
    #expect(table.csv == "a,b\r\n,0.25\r\n1234,\r\n")
    #expect(table.json.line == "[{\"a\": null, \"b\": 0.25}, {\"a\": 1234, \"b\": null}]")
  }

  @Test("Markdown shows every character as it stands")
  func markdown() {
    let row = table([["a|b *c* <script> `x` [l](u) \\ &amp;", "snake_case _em_\nnext"]])
      .markdown.split(separator: "\n").last
    #expect(
      row
        == "| a\\|b \\*c\\* &lt;script&gt; \\`x\\` \\[l\\](u) \\\\ &amp;amp; | snake_case \\_em\\_ next |"
    )
  }
}

/// A reader of RFC 4180 that knows nothing of the writer.
enum CSVReader {
  static func rows(_ text: String) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field = ""
    var isQuoted = false
    let scalars = Array(text.unicodeScalars)
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      index += 1
      if isQuoted {
        if scalar == "\"", index < scalars.count, scalars[index] == "\"" {
          field.unicodeScalars.append("\"")
          index += 1
        } else if scalar == "\"" {
          isQuoted = false
        } else {
          field.unicodeScalars.append(scalar)
        }
      } else if scalar == "\"" {
        isQuoted = true
      } else if scalar == "," {
        row.append(field)
        field = ""
      } else if scalar == "\r", index < scalars.count, scalars[index] == "\n" {
        index += 1
        rows.append(row + [field])
        row = []
        field = ""
      } else {
        field.unicodeScalars.append(scalar)
      }
    }
    return rows
  }
}
