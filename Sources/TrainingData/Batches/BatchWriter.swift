/// Lays samples into a batch, one after the other.
struct BatchWriter {
  private let shape: BatchShape
  private let layout: PatchLayout
  private let tokenizer: any Tokenizer
  private var ids: [Int32] = []
  private var ends: [Int32] = []

  init(shape: BatchShape, layout: PatchLayout, tokenizer: any Tokenizer) {
    self.shape = shape
    self.layout = layout
    self.tokenizer = tokenizer
    ids.reserveCapacity(shape.tokenElements)
    ends.reserveCapacity(shape.batch)
  }

  /// Samples so far.
  var count: Int { ends.count }

  /// - Precondition: the batch is not full; `images` has room for it.
  mutating func append(_ image: RGBImage, caption: String, to images: inout MutableSpan<Float>) {
    precondition(count < shape.batch, "a batch of \(shape.batch) is full")
    precondition(
      images.count == shape.imageElements, "\(images.count) numbers for \(shape.imageElements)")
    let start = count * layout.imageElements
    unsafe images.withUnsafeMutableBufferPointer { all in
      let part = unsafe UnsafeMutableBufferPointer(
        rebasing: all[start..<start + layout.imageElements])
      unsafe layout.write(image, into: part)
    }
    let text = tokenizer.encode(caption, length: shape.tokens)
    ids += text.ids
    ends.append(Int32(text.endPosition))
  }

  /// - Precondition: the batch is full.
  func finish(tokens: inout [Int32], endPositions: inout [Int32]) {
    precondition(count == shape.batch, "\(count) of \(shape.batch) samples")
    tokens = ids
    endPositions = ends
  }
}
