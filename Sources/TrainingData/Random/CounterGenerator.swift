/// Philox4x32-10: random numbers as a function of a key and a counter, nothing remembered.
///
/// Every sample of a data set owns one sequence, named by (seed, stream, index), so it does not
/// matter who draws samples, or in which order.
/// The mappings to numbers below are part of the format: they never change with the library.
///
/// Source: Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011.
public struct CounterGenerator: RandomNumberGenerator, Sendable {
  private let key: (UInt32, UInt32)
  private let index: UInt64
  private let stream: UInt32
  private var block: UInt32 = 0
  private var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  private var used: Int = 4

  /// The sequence that belongs to (seed, stream, index).
  public init(seed: UInt64, stream: UInt32, index: UInt64) {
    key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.stream = stream
    self.index = index
  }

  /// The function itself: ten rounds over one counter.
  public static func block(
    counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var (a, b, c, d) = counter
    var (k, l) = key
    for _ in 0..<10 {
      let first = UInt64(a) &* 0xd251_1f53
      let second = UInt64(c) &* 0xcd9e_8d57
      a = UInt32(truncatingIfNeeded: second >> 32) ^ b ^ k
      b = UInt32(truncatingIfNeeded: second)
      c = UInt32(truncatingIfNeeded: first >> 32) ^ d ^ l
      d = UInt32(truncatingIfNeeded: first)
      k &+= 0x9e37_79b9
      l &+= 0xbb67_ae85
    }
    return (a, b, c, d)
  }

  /// The next 32 bits.
  public mutating func next32() -> UInt32 {
    if used == 4 {
      let low = UInt32(truncatingIfNeeded: index)
      let high = UInt32(truncatingIfNeeded: index >> 32)
      words = Self.block(counter: (low, high, stream, block), key: key)
      block &+= 1
      used = 0
    }
    used += 1
    switch used {
    case 1: return words.0
    case 2: return words.1
    case 3: return words.2
    default: return words.3
    }
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    let low = next32()
    return UInt64(next32()) << 32 | UInt64(low)
  }

  /// A whole number from 0 to `count - 1`; its odds are equal to within `count / 2^32`.
  ///
  /// - Precondition: `0 < count < 2^31`.
  public mutating func below(_ count: Int) -> Int {
    precondition(count > 0 && count < 1 << 31, "a number below \(count)")
    return Int((UInt64(next32()) &* UInt64(count)) >> 32)
  }

  /// A number in [0, 1), a multiple of 2^-24.
  public mutating func unit() -> Float { Float(next32() >> 8) * 0x1p-24 }

  /// A number between two bounds.
  public mutating func between(_ low: Float, _ high: Float) -> Float {
    low + (high - low) * unit()
  }

  /// True with the given odds.
  public mutating func chance(_ odds: Float) -> Bool { unit() < odds }

  /// One of the elements.
  ///
  /// - Precondition: there is one.
  public mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }

  /// Fisher and Yates' shuffle.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, below(last + 1))
    }
  }
}
