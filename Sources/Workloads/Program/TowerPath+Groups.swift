extension TowerPath {
  /// Blocks of each kind, in the order in which the kinds first occur.
  var blockGroups: [Int] {
    var specs: [SegmentSpec] = []
    var counts: [Int] = []
    for entry in entries where entry.spec.isBlock {
      if let group = specs.firstIndex(of: entry.spec) {
        counts[group] += entry.count
      } else {
        specs.append(entry.spec)
        counts.append(entry.count)
      }
    }
    return counts
  }

  /// The kind of the block entry at `index`, blocks of that kind before it, and of the whole path.
  func group(at index: Int) -> (group: Int, first: Int, of: Int) {
    let spec = entries[index].spec
    var kinds: [SegmentSpec] = []
    var (first, total) = (0, 0)
    for (position, entry) in entries.enumerated() where entry.spec.isBlock {
      if !kinds.contains(entry.spec) { kinds.append(entry.spec) }
      guard entry.spec == spec else { continue }
      if position < index { first += entry.count }
      total += entry.count
    }
    return (kinds.firstIndex(of: spec) ?? 0, first, total)
  }

  /// Number of blocks.
  var blocks: Int { entries.reduce(0) { $0 + ($1.spec.isBlock ? $1.count : 0) } }
}
