/// A report as a list of blocks, before it is known whether it becomes HTML or Markdown.
struct Document: Sendable {
  var title: String
  var blocks: [Block] = []

  /// What a banner says.
  enum Tone: String, Sendable { case good, warn, bad }

  /// One headline figure.
  struct Card: Sendable {
    var name: String
    var value: String
    /// Its unit; empty where the name says it.
    var unit = ""
    /// The 90 % range or what else belongs under the figure.
    var range: String
  }

  enum Block: Sendable {
    case section(String)
    case subsection(String)
    case paragraph(String)
    /// Small print.
    case note(String)
    case banner(Tone, String)
    case list([String])
    /// What was priced.
    case subject([String])
    case cards([Card])
    case table(Table)
    case chart(Chart)
  }

  /// The charts in order.
  var charts: [Chart] {
    blocks.compactMap { block in
      if case .chart(let chart) = block { return chart }
      return nil
    }
  }
}
