extension Table {
  /// A GitHub-flavoured Markdown table.
  public var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    return line(columns.map { Markdown.escaped($0.title) })
      + line(columns.map { $0.alignment == .left ? ":---" : "---:" })
      + rows.map { line($0.map { Markdown.escaped($0.text.withoutTrailingSpaces) }) }.joined()
  }
}

/// Markdown's special characters.
enum Markdown {
  /// Text that Markdown shows as it stands, on one line, whatever it contains.
  static func escaped(_ text: String) -> String {
    var output = ""
    let characters = Array(text.singleLine)
    for (offset, character) in characters.enumerated() {
      switch character {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\\", "`", "*", "[", "]", "|", "~", "#", "$": output += "\\" + String(character)
      case "_":
        // Within a word an underscore is plain text: keys such as `site.pue_low` stay readable.
        let inWord =
          offset > 0 && offset + 1 < characters.count && characters[offset - 1].isWordCharacter
          && characters[offset + 1].isWordCharacter
        output += inWord ? "_" : "\\_"
      default: output.append(character)
      }
    }
    return output
  }
}

extension Character {
  fileprivate var isWordCharacter: Bool { isLetter || isNumber }
}
