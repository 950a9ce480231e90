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
    var text = "\(file):\(location.line):\(location.column): error: \(message)"
    if let sourceLine {
      text += "\n" + sourceLine + "\n" + caretLine(below: sourceLine)
    }
    if !help.isEmpty { text += "\nhelp: " + help }
    return text
  }

  /// Spaces up to the column, keeping tabs so that the caret stands under its character.
  private func caretLine(below line: String) -> String {
    var caret = ""
    for scalar in line.unicodeScalars.prefix(max(0, location.column - 1)) {
      caret.unicodeScalars.append(scalar == "\t" ? "\t" : " ")
    }
    return caret + "^"
  }
}
