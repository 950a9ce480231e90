/// A stretch of an arena.
struct Region: Sendable, Hashable {
  /// First element.
  var offset: Int
  /// Number of elements.
  var count: Int
}

/// One block of memory that a training step lives in: allocated once, handed out in regions.
///
/// Regions are counted: whoever holds one retains it, and it is free when nobody does. The arena
/// counts live bytes as regions come and go; that is the peak that a run reports. Without memory
/// behind it, it plans: the same calls say how much room a step needs.
final class Arena {
  /// Elements that every region is aligned to: 64 bytes.
  static let grain = FloatBuffer.alignment / MemoryLayout<Float>.stride

  private var storage: FloatBuffer?
  /// Free stretches below `top` by offset, none empty, none touching another or `top`.
  private var holes: [Region] = []
  /// Nothing lives from here on.
  private var top = 0
  private var holders: [Int: Int] = [:]
  /// Bytes of live regions, without the padding between them.
  private(set) var liveBytes = 0
  /// The most there were since `resetPeak`.
  private(set) var peakBytes = 0
  /// The end of the highest region so far, in elements.
  private(set) var extent = 0

  /// An arena of `capacity` elements; nil: no memory, as much room as is asked for.
  init(capacity: Int?) {
    storage = capacity.map { FloatBuffer(count: $0) }
  }

  /// Elements that there is memory for; regions are placed alike whatever it is.
  var capacity: Int { storage?.count ?? .max }

  /// More memory, with everything where it was.
  func grow(to capacity: Int) {
    guard let old = storage, capacity > old.count else { return }
    let new = FloatBuffer(count: capacity)
    unsafe new.all.pointer.update(from: old.all.pointer, count: old.count)
    storage = new
  }

  /// Whether there is memory behind the regions.
  var isReal: Bool { storage != nil }

  /// Starts to look for a new peak.
  func resetPeak() { peakBytes = liveBytes }

  /// A region that nobody else has, held once.
  ///
  /// The smallest hole that is large enough is taken, the first of several, else room at the top.
  ///
  /// - Precondition: there is room; a planned step of the same program has told how much.
  func allocate(_ count: Int) -> Region {
    let room = Self.room(count)
    var best: Int?
    for (index, hole) in holes.enumerated() where hole.count >= room {
      if let found = best, holes[found].count <= hole.count { continue }
      best = index
    }
    let region: Region
    if let index = best {
      region = Region(offset: holes[index].offset, count: count)
      holes[index].offset += room
      holes[index].count -= room
      if holes[index].count == 0 { holes.remove(at: index) }
    } else {
      precondition(top + room <= capacity, "the arena has no room for \(count) elements")
      region = Region(offset: top, count: count)
      top += room
    }
    holders[region.offset] = 1
    liveBytes += count * MemoryLayout<Float>.stride
    peakBytes = max(peakBytes, liveBytes)
    extent = max(extent, region.offset + room)
    return region
  }

  private static func room(_ count: Int) -> Int { max(1, (count + grain - 1) / grain) * grain }

  /// One holder more.
  func retain(_ region: Region) { holders[region.offset, default: 0] += 1 }

  /// One holder less; with the last the region is free.
  func release(_ region: Region) {
    guard let count = holders[region.offset] else {
      preconditionFailure("a region at \(region.offset) is released twice")
    }
    guard count == 1 else {
      holders[region.offset] = count - 1
      return
    }
    holders[region.offset] = nil
    liveBytes -= region.count * MemoryLayout<Float>.stride
    insert(Region(offset: region.offset, count: Self.room(region.count)))
  }

  private func insert(_ stretch: Region) {
    var low = 0
    var high = holes.count
    while low < high {
      let middle = (low + high) / 2
      if holes[middle].offset < stretch.offset { low = middle + 1 } else { high = middle }
    }
    var joined = stretch
    if low < holes.count, joined.offset + joined.count == holes[low].offset {
      joined.count += holes[low].count
      holes.remove(at: low)
    }
    if low > 0, holes[low - 1].offset + holes[low - 1].count == joined.offset {
      joined.offset = holes[low - 1].offset
      joined.count += holes[low - 1].count
      holes.remove(at: low - 1)
      low -= 1
    }
    if joined.offset + joined.count == top {
      top = joined.offset
    } else {
      holes.insert(joined, at: low)
    }
  }

  /// The memory behind a region.
  ///
  /// - Precondition: the arena is real.
  func floats(_ region: Region) -> Floats {
    guard let storage else { preconditionFailure("a planning arena has no memory") }
    return storage.all.part(region.offset, region.count)
  }
}
