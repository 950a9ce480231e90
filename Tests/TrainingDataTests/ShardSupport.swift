import TrainingData

/// Shards made of the shapes, so that every image and caption is known.
struct ShardMaker {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The two entries of one sample of the shapes.
  static func entries(_ index: UInt64) throws -> [(name: String, bytes: [UInt8])] {
    let sample = try shapes().sample(index)
    let name = name(index)
    return [
      ("\(name).png", ImageFiles.png(sample.image)), ("\(name).txt", Array(sample.caption.utf8)),
    ]
  }

  private static func name(_ index: UInt64) -> String {
    String(repeating: "0", count: max(0, 5 - String(index).count)) + String(index)
  }

  /// A shard of these samples.
  func shard(_ name: String, _ indices: some Sequence<UInt64>) throws -> String {
    try folder.tar(name, indices.flatMap { try Self.entries($0) })
  }

  /// Settings that neither shuffle nor crop.
  static func plain(_ files: [String], damageLimit: Int = 100) -> ShardSettings {
    ShardSettings(files: files, crop: .centre, shuffleWindow: 1, damageLimit: damageLimit)
  }

  static func source(
    _ settings: ShardSettings, batch: Int = 4,
    onPassedOver: @escaping @Sendable (PassedOver) -> Void = { _ in }
  ) throws -> ShardBatchSource {
    try ShardBatchSource(
      settings, layout: smallLayout(), tokenizer: WordTokenizer.shapes(modelVocabulary: 4096),
      batch: batch, tokens: 32, onPassedOver: onPassedOver)
  }

  /// Which samples of the shapes a batch shows, by their pixels and words.
  static func indices(_ batch: KeptBatch, among known: Range<UInt64>) throws -> [UInt64?] {
    let data = try shapes()
    let tokenizer = try WordTokenizer.shapes(modelVocabulary: 4096)
    let pairs = known.map { index -> (UInt64, [Float], [Int32]) in
      let sample = data.sample(index)
      return (
        index, data.layout.patches(of: sample.image),
        tokenizer.encode(sample.caption, length: 32).ids
      )
    }
    let size = data.layout.imageElements
    return batch.endPositions.indices.map { number in
      let image = batch.images[number * size..<(number + 1) * size]
      let ids = batch.tokens[number * 32..<(number + 1) * 32]
      return pairs.first { image.elementsEqual($0.1) && ids.elementsEqual($0.2) }?.0
    }
  }
}

extension ShardMaker {
  /// A whole image file.
  static var pngBytes: [UInt8] {
    ImageFiles.png(RGBImage(width: 9, height: 9, bytes: [UInt8](repeating: 5, count: 243)))
  }
}
