/// A command that cannot be carried out as it was typed.
///
/// Exit code 64.
public struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, one sentence without a full stop.
  public var message: String
  /// What to type instead; may be empty.
  public var help: String
  /// The flags that are wrong, each with its place among all flags.
  public var diagnostics: [Diagnostic]

  /// A usage error.
  public init(_ message: String, help: String = "") {
    self.message = message
    self.help = help
    diagnostics = []
  }

  /// Flags with values that no setting takes.
  ///
  /// - Parameter diagnostics: At least one.
  public init(_ diagnostics: [Diagnostic]) {
    let count = diagnostics.count == 1 ? "1 error" : "\(diagnostics.count) errors"
    message = count + " in the flags"
    help = ""
    self.diagnostics = diagnostics
  }

  /// All of it for people.
  public var description: String {
    guard diagnostics.isEmpty else {
      return diagnostics.map { "\($0)" }.joined(separator: "\n\n") + "\n\n" + message
    }
    return "error: " + message + (help.isEmpty ? "" : "\nhelp: " + help)
  }
}
