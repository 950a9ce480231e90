extension String {
  /// Columns that the text takes in a terminal: wide characters two, combining marks none.
  ///
  /// Ranges after Unicode's East Asian Width (UAX #11, `W` and `F`) and emoji presentation.
  public var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

  /// The text with line breaks and tabs as spaces and other control characters made visible.
  ///
  /// Titles come from files: an escape sequence in one must not reach the terminal.
  public var singleLine: String {
    var output = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control:
        let isSpace = scalar == "\n" || scalar == "\r" || scalar == "\t"
        output.unicodeScalars.append(isSpace ? " " : "\u{FFFD}")
      case .lineSeparator, .paragraphSeparator: output.unicodeScalars.append(" ")
      // Marks that turn the reading direction would reorder a whole table row.
      case .format where scalar != "\u{200D}": output.unicodeScalars.append("\u{FFFD}")
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }

  /// The text with spaces on one side up to `width` columns.
  func padded(to width: Int, _ alignment: Table.Alignment) -> String {
    let spaces = String(repeating: " ", count: max(0, width - displayWidth))
    return alignment == .left ? self + spaces : spaces + self
  }

  /// The text without spaces at its end.
  var withoutTrailingSpaces: String {
    var view = Substring(self)
    while view.last == " " { view.removeLast() }
    return String(view)
  }

  /// Lines of at most `width` columns, broken at spaces.
  func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ") {
      if line.isEmpty {
        line = String(word)
      } else if line.displayWidth + 1 + String(word).displayWidth <= width {
        line += " " + word
      } else {
        lines.append(line)
        line = String(word)
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}

extension Character {
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
  ]

  var displayWidth: Int {
    guard let first = unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .control, .format: return 0
    default: break
    }
    if first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}") { return 2 }
    return Self.wideRanges.contains { $0.contains(first.value) } ? 2 : 1
  }
}
