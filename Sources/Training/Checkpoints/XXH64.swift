/// XXH64: a fast 64-bit checksum, not for security.
///
/// Source: Collet, xxHash fast digest algorithm, version 0.1.1,
/// github.com/Cyan4973/xxHash, doc/xxhash_spec.md.
public struct XXH64: Sendable {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  private var lanes: (UInt64, UInt64, UInt64, UInt64)
  private var waiting: [UInt8] = []
  private var total: UInt64 = 0
  private let seed: UInt64

  /// A checksum of nothing yet.
  public init(seed: UInt64 = 0) {
    self.seed = seed
    lanes = (
      seed &+ Self.prime1 &+ Self.prime2, seed &+ Self.prime2, seed, seed &- Self.prime1
    )
  }

  /// The checksum of some bytes.
  public static func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
    var hash = XXH64(seed: seed)
    unsafe bytes.withUnsafeBytes { unsafe hash.update($0) }
    return hash.value
  }

  /// Adds bytes.
  @unsafe public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    total &+= UInt64(bytes.count)
    var start = 0
    if !waiting.isEmpty {
      let taken = min(32 - waiting.count, bytes.count)
      for index in 0..<taken { waiting.append(unsafe bytes[index]) }
      start = taken
      guard waiting.count == 32 else { return }
      let stripe = waiting
      waiting.removeAll(keepingCapacity: true)
      unsafe stripe.withUnsafeBytes { unsafe consume($0, from: 0, stripes: 1) }
    }
    let stripes = (bytes.count - start) / 32
    unsafe consume(bytes, from: start, stripes: stripes)
    for index in (start + 32 * stripes)..<bytes.count { waiting.append(unsafe bytes[index]) }
  }

  private mutating func consume(
    _ bytes: UnsafeRawBufferPointer, from start: Int, stripes: Int
  ) {
    var (a, b, c, d) = lanes
    var offset = start
    for _ in 0..<stripes {
      a = Self.round(a, unsafe Self.word(bytes, offset))
      b = Self.round(b, unsafe Self.word(bytes, offset + 8))
      c = Self.round(c, unsafe Self.word(bytes, offset + 16))
      d = Self.round(d, unsafe Self.word(bytes, offset + 24))
      offset += 32
    }
    lanes = (a, b, c, d)
  }

  /// The checksum of all bytes so far.
  public var value: UInt64 {
    var hash: UInt64
    if total >= 32 {
      hash =
        Self.rotated(lanes.0, 1) &+ Self.rotated(lanes.1, 7) &+ Self.rotated(lanes.2, 12)
        &+ Self.rotated(lanes.3, 18)
      for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
        hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
      }
    } else {
      hash = seed &+ Self.prime5
    }
    hash &+= total
    unsafe waiting.withUnsafeBytes { rest in
      var offset = 0
      while offset + 8 <= rest.count {
        hash ^= Self.round(0, unsafe Self.word(rest, offset))
        hash = Self.rotated(hash, 27) &* Self.prime1 &+ Self.prime4
        offset += 8
      }
      if offset + 4 <= rest.count {
        let half = unsafe UInt32(
          littleEndian: rest.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        hash ^= UInt64(half) &* Self.prime1
        hash = Self.rotated(hash, 23) &* Self.prime2 &+ Self.prime3
        offset += 4
      }
      while offset < rest.count {
        hash ^= UInt64(unsafe rest[offset]) &* Self.prime5
        hash = Self.rotated(hash, 11) &* Self.prime1
        offset += 1
      }
    }
    hash = (hash ^ (hash >> 33)) &* Self.prime2
    hash = (hash ^ (hash >> 29)) &* Self.prime3
    return hash ^ (hash >> 32)
  }

  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotated(lane &+ word &* prime2, 31) &* prime1
  }

  private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
    (value << count) | (value >> (64 - count))
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
