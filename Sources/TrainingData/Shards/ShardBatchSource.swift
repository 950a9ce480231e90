private import Foundation
private import Synchronization

/// Batches of images and captions from tar shards in WebDataset's form.
///
/// A shard is a `.tar` or `.tar.gz`. A sample is the entries that follow each other and share a name up
/// to its first dot: an image (`.jpg`, `.jpeg`, `.png`) and a caption (`.txt`, or `.json` with a string
/// "caption"). The sequence is endless: an epoch goes once through all shards, in an order of its own.
///
/// Samples that are damaged or not whole are passed over, counted and named; too many of them, and a
/// shard that cannot be read to its end, are errors.
public final class ShardBatchSource: BatchSource {
  /// Which shards, and how they are read.
  public let settings: ShardSettings
  /// The sizes of a batch.
  public let shape: BatchShape
  private let layout: PatchLayout
  private let tokenizer: any Tokenizer
  private let fingerprint: String
  private let stream: Mutex<ShardStream>

  /// Batches from these shards.
  ///
  /// - Parameters:
  ///   - settings: Which shards, and how they are read.
  ///   - layout: The size of images, and how they become numbers.
  ///   - tokenizer: Turns captions into ids.
  ///   - batch: Pairs of a batch.
  ///   - tokens: Ids of a caption.
  ///   - onPassedOver: Is told of every sample that is passed over, from the thread that reads.
  /// - Throws: `TrainingDataError`, with all files that are missing.
  public init(
    _ settings: ShardSettings, layout: PatchLayout, tokenizer: any Tokenizer, batch: Int,
    tokens: Int, onPassedOver: @escaping @Sendable (PassedOver) -> Void = { _ in }
  ) throws(TrainingDataError) {
    guard (1...ShardFiles.limit).contains(settings.files.count) else {
      throw .unusableSetting("\(settings.files.count) shards: 1 to \(ShardFiles.limit)")
    }
    guard settings.shuffleWindow >= 1, settings.damageLimit >= 0 else {
      throw .unusableSetting(
        "a window of \(settings.shuffleWindow) samples and a limit of \(settings.damageLimit) "
          + "damaged ones: at least 1, and 0")
    }
    if case .random(let areas) = settings.crop, areas.lowerBound <= 0 || areas.upperBound > 1 {
      throw .unusableSetting("crops of \(areas) of an image: more than 0, at most 1")
    }
    self.settings = settings
    self.layout = layout
    self.tokenizer = tokenizer
    shape = try BatchShape(batch: batch, layout: layout, tokens: tokens)
    fingerprint = try Self.fingerprint(settings, layout: layout, batch: batch)
    stream = Mutex(
      ShardStream(settings: settings, imageSize: layout.imageSize, onPassedOver: onPassedOver))
  }

  /// How bytes become numbers.
  public var normalization: PixelNormalization { layout.normalization }

  /// What was passed over so far, batches made ahead included.
  public var report: ShardReport { stream.withLock { $0.report } }

  /// Where the next batch starts.
  public var state: BatchSourceState {
    .shards(stream.withLock { $0.position(settings: fingerprint) })
  }

  /// Goes to a saved place: reads the shard up to it again, without its images.
  public func restore(_ state: BatchSourceState) throws(TrainingDataError) {
    guard case .shards(let position) = state, position.settings == fingerprint else {
      throw .stateOfAnotherSource(expected: fingerprint, found: state.settings)
    }
    try stream.withLock { stream throws(TrainingDataError) in try stream.restore(position) }
  }

  /// Reads, decodes, crops and writes the next samples.
  public func nextBatch(
    into images: inout MutableSpan<Float>, tokens: inout [Int32], endPositions: inout [Int32]
  ) throws(TrainingDataError) {
    var writer = BatchWriter(shape: shape, layout: layout, tokenizer: tokenizer)
    while writer.count < shape.batch {
      let sample = try stream.withLock { stream throws(TrainingDataError) in
        try stream.sample()
      }
      writer.append(sample.image, caption: sample.caption, to: &images)
    }
    writer.finish(tokens: &tokens, endPositions: &endPositions)
  }

  /// What the data depend on: settings, and the names and sizes of the files, not their folder.
  private static func fingerprint(
    _ settings: ShardSettings, layout: PatchLayout, batch: Int
  ) throws(TrainingDataError) -> String {
    var problems: [FileProblem] = []
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for file in settings.files {
      let url = URL(fileURLWithPath: file)
      let values = try? FileManager.default.attributesOfItem(atPath: file)
      let readable = FileManager.default.isReadableFile(atPath: file)
      guard readable, let size = values?[.size] as? Int else {
        problems.append(
          FileProblem(file: file, text: "there is no such file, or it is not readable"))
        continue
      }
      for byte in "\(url.lastPathComponent) \(size)\n".utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      }
    }
    guard problems.isEmpty else { throw .malformed(problems) }
    return "shards 1: seed \(settings.seed), \(settings.files.count) files "
      + "(\(String(hash, radix: 16))), \(settings.crop), window \(settings.shuffleWindow), "
      + "\(layout.imageSize) pixels, batch \(batch)"
  }
}

/// The next sample of a `ShardBatchSource`.
public struct ShardPosition: Hashable, Codable, Sendable {
  /// What the data depend on, as text.
  public let settings: String
  /// Counted from 0.
  public let epoch: Int
  /// Where the current window starts: the shard's place in the epoch's order.
  public let shard: Int
  /// Where the current window starts: samples of the shard before it.
  public let offset: Int
  /// The number of the window in its epoch; -1 before the first.
  public let window: Int
  /// Samples already taken from the window.
  public let taken: Int
  /// What was read and passed over in this epoch.
  public let counts: ShardCounts
}
