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

  /// A block of `count` zeros.
  ///
  /// - Precondition: `count` is not negative.
  public init(count: Int) {
    precondition(count >= 0, "a buffer of \(count) elements")
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    unsafe storage = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: Self.alignment)
    unsafe storage.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
  }

  deinit { unsafe storage.deallocate() }

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
