/// How text for a terminal looks.
public struct Style: Sendable, Hashable {
  /// Whether ANSI colours are written.
  public var isColored: Bool

  /// A style.
  public init(isColored: Bool) { self.isColored = isColored }

  /// No escape sequence at all: for files, pipes and `NO_COLOR`.
  public static let plain = Style(isColored: false)
  /// ANSI colours, for a terminal.
  public static let ansi = Style(isColored: true)

  /// What a piece of text means; the colour follows from it.
  enum Role {
    case heading, good, warning, bad, faint

    var code: String {
      switch self {
      case .heading: "1"
      case .good: "32"
      case .warning: "33"
      case .bad: "31"
      case .faint: "2"
      }
    }
  }

  func paint(_ text: String, _ role: Role) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(role.code)m\(text)\u{1B}[0m" : text
  }
}
