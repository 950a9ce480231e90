/// Everything that is wrong in one file, in reading order.
///
/// Exit code 65.
public struct FileErrors: Error, Sendable, Hashable, CustomStringConvertible {
  /// At least one diagnostic, sorted by place.
  public let diagnostics: [Diagnostic]

  /// Collects diagnostics; sorts them, and drops repetitions.
  public init(_ diagnostics: [Diagnostic]) {
    var seen: Set<Diagnostic> = []
    let unique = diagnostics.filter { seen.insert($0).inserted }
    let ordered = unique.enumerated().sorted { left, right in
      (left.element.location, left.offset) < (right.element.location, right.offset)
    }
    self.diagnostics = ordered.map(\.element)
  }

  /// All diagnostics, and how many they are.
  public var description: String {
    let count = diagnostics.count == 1 ? "1 error" : "\(diagnostics.count) errors"
    let file = diagnostics.first?.file ?? "the file"
    return diagnostics.map { "\($0)" }.joined(separator: "\n\n") + "\n\n\(count) in \(file)"
  }
}

/// A file that is not there or cannot be opened.
///
/// Exit code 66.
public struct MissingFile: Error, Sendable, Hashable, CustomStringConvertible {
  /// The path as the user wrote it.
  public var path: String
  /// Why it cannot be read.
  public var reason: String

  /// A missing file.
  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// One sentence for people.
  public var description: String { "\(path): error: cannot read the file: \(reason)" }
}
