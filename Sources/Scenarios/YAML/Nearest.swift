/// Finds the word that somebody probably meant.
public enum Nearest {
  /// The candidate nearest to a word, where one is near enough to be worth suggesting.
  ///
  /// Near enough: at most a third of the longer word's letters have to change, or the word begins
  /// a single candidate. Letter case does not count; ties go to the first in alphabetical order.
  public static func suggestion(for word: String, among candidates: some Sequence<String>)
    -> String?
  {
    let sorted = candidates.sorted()
    let wanted = normalized(word)
    guard !wanted.isEmpty else { return nil }
    let ranked = sorted.map { (text: $0, distance: editDistance(wanted, normalized($0))) }
    if let best = ranked.min(by: { $0.distance < $1.distance }),
      best.distance * 3 <= max(wanted.count, best.text.count)
    {
      return best.text
    }
    let longer = sorted.filter { normalized($0).starts(with: wanted) }
    return longer.count == 1 && wanted.count >= 3 ? longer[0] : nil
  }

  /// A help text: the suggestion, else the candidates that share most with the word, else all.
  ///
  /// What a candidate shares are parts between `-`, `_`, `.` and spaces: `siglip-so400m` finds
  /// `ViT-SO400M-14-SigLIP` however many others there are.
  public static func help(for word: String, among candidates: some Sequence<String>) -> String {
    let sorted = candidates.sorted()
    if let near = suggestion(for: word, among: sorted) { return "did you mean '\(near)'?" }
    guard !sorted.isEmpty else { return "" }
    let wanted = parts(word)
    let shared = sorted.map { parts($0).filter(wanted.contains).count }
    if let most = shared.max(), most > 0 {
      let alike = zip(sorted, shared).filter { $0.1 == most }.map(\.0)
      if alike.count < sorted.count {
        return "did you mean one of \(listed(alike))?"
      }
    }
    return "use one of " + listed(sorted)
  }

  private static func listed(_ words: [String]) -> String {
    let shown = words.prefix(30).joined(separator: ", ")
    return shown + (words.count > 30 ? ", and \(words.count - 30) more" : "")
  }

  /// The parts of a word; single letters and digits say nothing.
  private static func parts(_ word: String) -> Set<String> {
    let parts = String(normalized(word)).split { "-. ".contains($0) }.map(String.init)
    return Set(parts.filter { $0.count > 1 })
  }

  /// How many letters have to change to make one word the other; see `suggestion`.
  public static func distance(_ first: String, _ second: String) -> Int {
    editDistance(Array(first), Array(second))
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
  ///
  /// Words longer than 64 letters are compared by their first 64.
  static func editDistance(_ first: [Character], _ second: [Character]) -> Int {
    let a = Array(first.prefix(64))
    let b = Array(second.prefix(64))
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
    for column in 0...b.count { rows[0][column] = column }
    for row in 1...a.count {
      rows[row][0] = row
      for column in 1...b.count {
        let change = a[row - 1] == b[column - 1] ? 0 : 1
        var best = min(
          rows[row - 1][column] + 1, rows[row][column - 1] + 1,
          rows[row - 1][column - 1] + change)
        if row > 1, column > 1, a[row - 1] == b[column - 2], a[row - 2] == b[column - 1] {
          best = min(best, rows[row - 2][column - 2] + 1)
        }
        rows[row][column] = best
      }
    }
    return rows[a.count][b.count]
  }

  /// Lower case, with `_` read as `-`: people mix them up.
  private static func normalized(_ word: String) -> [Character] {
    word.lowercased().map { $0 == "_" ? "-" : $0 }
  }
}
