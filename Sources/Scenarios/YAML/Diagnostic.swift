/// One thing that is wrong in a file: where, what, and what to write instead.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
  /// The file's name as the user wrote it.
  public var file: String
  /// Where the offending text starts.
  public var location: SourceLocation
  /// What is wrong, one sentence without a full stop.
  public var message: String
  /// What to write instead; may be empty.
  public var help: String
  /// The line of the file; nil where the text could not be read.
  public var sourceLine: String?

  /// A diagnostic from its parts.
  public init(
    file: String, location: SourceLocation, message: String, help: String, sourceLine: String?
  ) {
    self.file = file
    self.location = location
    self.message = message
    self.help = help
    self.sourceLine = sourceLine
  }

  /// `file:line:column: error: message`, the source line, a caret below it, and the help.
  public var description: String {
    let message = Self.printable(message, limit: Self.textLimit)
    var text = "\(file):\(location.line):\(location.column): error: \(message)"
    // Under an empty line a caret would point at nothing.
    if let sourceLine, !sourceLine.isEmpty || location.column > 1 {
      text += "\n" + quote(sourceLine)
    }
    if !help.isEmpty { text += "\nhelp: " + Self.printable(help, limit: Self.textLimit) }
    return text
  }

  /// The most characters of a source line that are quoted.
  public static let quoteLimit = 160
  /// The most characters of a message: those that quote a value of the file must not flood.
  private static let textLimit = 1000

  /// The line, or the part of a long one around the column, with a caret below.
  ///
  /// Tabs are kept, so that the caret stands under its character.
  private func quote(_ line: String) -> String {
    let scalars = Array(line.unicodeScalars)
    let column = max(0, location.column - 1)
    let start = scalars.count <= Self.quoteLimit ? 0 : max(0, column - Self.quoteLimit / 2)
    let end = min(scalars.count, start + Self.quoteLimit)
    let shown = start < end ? scalars[start..<end] : []
    var caret = start > 0 ? "..." : ""
    var text = caret
    caret = caret.isEmpty ? "" : "   "
    for (offset, scalar) in shown.enumerated() {
      text.unicodeScalars.append(Self.printable(scalar))
      if start + offset < column { caret.unicodeScalars.append(scalar == "\t" ? "\t" : " ") }
    }
    // Columns beyond the end of the line, as those of a missing bracket.
    if start == 0, column > shown.count, column <= Self.quoteLimit {
      caret += String(repeating: " ", count: column - shown.count)
    }
    return text + (end < scalars.count ? "..." : "") + "\n" + caret + "^"
  }

  /// A text of bounded length that does nothing to a terminal.
  private static func printable(_ text: String, limit: Int) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(limit) {
      result.unicodeScalars.append(printable(scalar))
    }
    return result + (text.unicodeScalars.count > limit ? "..." : "")
  }

  /// Control characters of a file stand as `�`: an escape sequence must not reach a terminal.
  private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x09: scalar
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: "\u{FFFD}"
    default: scalar
    }
  }
}
