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
  private let capacity: Int?
  /// Free stretches by offset, none empty, none touching another.
  private var free: [Region]
  private var holders: [Int: Int] = [:]
  /// Bytes of live regions, without the padding between them.
  private(set) var liveBytes = 0
  /// The most there were since `resetPeak`.
  private(set) var peakBytes = 0
  /// The end of the highest region so far, in elements.
  private(set) var extent = 0

  /// An arena of `capacity` elements; nil: no memory, as much room as is asked for.
  init(capacity: Int?) {
    self.capacity = capacity
    storage = capacity.map { FloatBuffer(count: $0) }
    // The stretch at the end is larger than any gap, as in planning: the same calls must find the
    // same places.
    free = [Region(offset: 0, count: .max / 2)]
  }

  /// Whether there is memory behind the regions.
  var isReal: Bool { storage != nil }

  /// Starts to look for a new peak.
  func resetPeak() { peakBytes = liveBytes }

  /// A region that nobody else has, held once.
  ///
  /// The smallest stretch that is large enough is taken, the first of several.
  ///
  /// - Precondition: there is room; a planned step of the same program has told how much.
  func allocate(_ count: Int) -> Region {
    let room = max(1, (count + Self.grain - 1) / Self.grain) * Self.grain
    var best: Int?
    for (index, stretch) in free.enumerated() where stretch.count >= room {
      if let found = best, free[found].count <= stretch.count { continue }
      best = index
    }
    guard let index = best, free[index].offset + room <= capacity ?? .max else {
      preconditionFailure("the arena has no room for \(count) elements")
    }
    let region = Region(offset: free[index].offset, count: count)
    free[index].offset += room
    free[index].count -= room
    if free[index].count == 0 { free.remove(at: index) }
    holders[region.offset] = 1
    liveBytes += count * MemoryLayout<Float>.stride
    peakBytes = max(peakBytes, liveBytes)
    extent = max(extent, region.offset + room)
    return region
  }

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
    let room = max(1, (region.count + Self.grain - 1) / Self.grain) * Self.grain
    insert(Region(offset: region.offset, count: room))
  }

  private func insert(_ stretch: Region) {
    var low = 0
    var high = free.count
    while low < high {
      let middle = (low + high) / 2
      if free[middle].offset < stretch.offset { low = middle + 1 } else { high = middle }
    }
    var joined = stretch
    if low < free.count, joined.offset + joined.count == free[low].offset {
      joined.count += free[low].count
      free.remove(at: low)
    }
    if low > 0, free[low - 1].offset + free[low - 1].count == joined.offset {
      free[low - 1].count += joined.count
    } else {
      free.insert(joined, at: low)
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
