/// What a reader of a case's prediction must know: names that were matched with what is nearest.
struct CaseNotes: Sendable, Hashable {
  /// Sentences in order.
  private(set) var lines: [String] = []
  /// Whether the software is known.
  var knownStack = true
  /// Whether the accelerator is known.
  var knownAccelerator = true
  /// Whether the machine around it is known.
  var knownCluster = true

  mutating func add(_ line: String) {
    if !line.isEmpty, !lines.contains(line) { lines.append(line) }
  }
}
