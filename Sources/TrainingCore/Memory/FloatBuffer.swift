private import Glibc

/// Owns one block of fp32 memory, aligned to 64 bytes, zeroed and therefore already mapped.
///
/// Kernels see it through `Floats`. Mapping pages on first use costs more than most kernels, so a
/// buffer touches all of its pages once, at birth.
@safe public final class FloatBuffer: @unchecked Sendable {
  /// Bytes that every block, and every part handed out by `split`, is aligned to.
  public static let alignment: Int = 64

  /// Number of elements.
  public let count: Int
  fileprivate let storage: UnsafeMutableRawPointer
  /// Whether the pages are this block's own, not the allocator's.
  private let isMapped: Bool

  /// From so many bytes on a block has pages of its own: they go back to the system with it, and the
  /// system may make them large ones.
  private static let mappedBytes = 1 << 20

  /// A block of `count` zeros.
  ///
  /// - Precondition: `count` is not negative.
  public init(count: Int) {
    precondition(count >= 0, "a buffer of \(count) elements")
    self.count = count
    let bytes = Self.bytes(of: count)
    let pages = bytes >= Self.mappedBytes ? unsafe Self.map(bytes) : nil
    isMapped = unsafe pages != nil
    unsafe storage =
      pages ?? UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
    unsafe storage.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
  }

  deinit {
    if isMapped {
      unsafe munmap(storage, Self.bytes(of: count))
    } else {
      unsafe storage.deallocate()
    }
  }

  private static func bytes(of count: Int) -> Int { max(count, 1) * MemoryLayout<Float>.stride }

  /// Fresh pages; nil where there are none.
  private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let pages = unsafe mmap(
      nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let pages = unsafe pages, unsafe pages != MAP_FAILED else { return nil }
    // Fewer pages are fewer misses of the address cache; where that is not to be had, none is lost.
    unsafe madvise(pages, bytes, MADV_HUGEPAGE)
    return unsafe pages
  }

  /// The whole block.
  public var all: Floats { Floats(buffer: self, offset: 0, count: count) }

  fileprivate var base: UnsafeMutablePointer<Float> {
    unsafe storage.assumingMemoryBound(to: Float.self)
  }
}

/// A part of a `FloatBuffer`, which kernels read and write.
///
/// It keeps the buffer alive.
/// Concurrent use is sound as long as no part that is written overlaps a part in use elsewhere:
/// that is up to the caller, as it is with any shared array.
public struct Floats: Sendable {
  private let buffer: FloatBuffer
  private let offset: Int
  /// Number of elements.
  public let count: Int

  fileprivate init(buffer: FloatBuffer, offset: Int, count: Int) {
    self.buffer = buffer
    self.offset = offset
    self.count = count
  }

  /// A new buffer that holds these values.
  public init(_ values: [Float]) {
    self = FloatBuffer(count: values.count).all
    assign(values)
  }

  /// `count` elements from `start` on.
  ///
  /// - Precondition: they lie inside this part.
  public func part(_ start: Int, _ count: Int) -> Floats {
    precondition(
      start >= 0 && count >= 0 && start + count <= self.count,
      "elements \(start) to \(start + count) of \(self.count)")
    return Floats(buffer: buffer, offset: offset + start, count: count)
  }

  /// The elements, copied.
  public var values: [Float] {
    unsafe Array(UnsafeBufferPointer(start: pointer, count: count))
  }

  /// Overwrites the elements.
  ///
  /// - Precondition: as many values as elements.
  public func assign(_ values: [Float]) {
    precondition(values.count == count, "\(values.count) values for \(count) elements")
    for (index, value) in values.enumerated() { unsafe pointer[index] = value }
  }

  /// Overwrites the elements with those of another part, which does not overlap this one.
  ///
  /// - Precondition: equally long.
  public func copy(_ other: Floats) {
    precondition(other.count == count, "\(other.count) values for \(count) elements")
    unsafe pointer.update(from: other.pointer, count: count)
  }

  /// Overwrites every element with one value.
  public func fill(_ value: Float) {
    unsafe pointer.update(repeating: value, count: count)
  }

  /// One element.
  ///
  /// - Precondition: `0 <= index < count`.
  public subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "element \(index) of \(count)")
      return unsafe pointer[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "element \(index) of \(count)")
      unsafe pointer[index] = newValue
    }
  }

  /// Where the elements lie.
  ///
  /// Valid while this value, or any part of its buffer, is alive.
  @unsafe var pointer: UnsafeMutablePointer<Float> { unsafe buffer.base + offset }
}
