extension TowerPath {
  /// Blocks of each kind, in the order in which the kinds first occur.
  var blockGroups: [Int] { kinds.map(\.count) }

  /// The kind of the block entry at `index`, blocks of that kind before it, and of the whole path.
  func group(at index: Int) -> (group: Int, first: Int, of: Int) {
    let kinds = kinds
    let own = kinds.firstIndex { $0.entries.contains(index) }
    guard let own else { return (0, 0, 0) }
    let before = kinds[own].entries.filter { $0 < index }.reduce(0) { $0 + entries[$1].count }
    return (own, before, kinds[own].count)
  }

  /// Number of blocks.
  var blocks: Int { entries.reduce(0) { $0 + ($1.spec.isBlock ? $1.count : 0) } }

  /// Block entries that are alike: trained ones first, then the first of them, then frozen ones, as
  /// they do not keep the same.
  private var kinds: [(entries: [Int], count: Int)] {
    var kinds: [(entries: [Int], count: Int)] = []
    func rank(_ entry: Entry) -> Int {
      entry.trained == nil ? 2 : entry.endsGradients ? 1 : 0
    }
    for wanted in 0...2 {
      for (index, entry) in entries.enumerated()
      where entry.spec.isBlock && rank(entry) == wanted {
        let known = kinds.firstIndex {
          let first = entries[$0.entries[0]]
          return rank(first) == wanted && first.spec == entry.spec
            && first.trained == entry.trained
        }
        if let known {
          kinds[known].entries.append(index)
          kinds[known].count += entry.count
        } else {
          kinds.append(([index], entry.count))
        }
      }
    }
    return kinds
  }
}
