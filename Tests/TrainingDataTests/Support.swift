import TrainingData

/// 64-bit FNV-1a: a short name for many bytes.
///
/// Source: Fowler, Noll, Vo and Eastlake, draft-eastlake-fnv.
func fingerprint(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

/// 64 x 64 images in patches of 8.
func smallLayout(_ normalization: PixelNormalization = .shapes) throws -> PatchLayout {
  try PatchLayout(imageSize: 64, patchSize: 8, normalization: normalization)
}

func shapes(_ split: ShapesSplit = .train, seed: UInt64 = 1) throws -> ShapesDataset {
  ShapesDataset(seed: seed, split: split, layout: try smallLayout())
}

/// One batch, kept.
struct KeptBatch: Equatable {
  var images: [Float]
  var tokens: [Int32] = []
  var endPositions: [Int32] = []
}

extension BatchSource {
  /// The next batch, in memory of its own.
  func keptBatch() throws -> KeptBatch {
    var images = [Float](repeating: .nan, count: shape.imageElements)
    var tokens: [Int32] = []
    var ends: [Int32] = []
    var span = images.mutableSpan
    try nextBatch(into: &span, tokens: &tokens, endPositions: &ends)
    return KeptBatch(images: images, tokens: tokens, endPositions: ends)
  }
}
