/// Where a trainer gets its batches from: an endless, repeatable sequence.
///
/// A source that is restored to a saved state goes on with the same bytes as the one that was saved.
public protocol BatchSource: AnyObject, Sendable {
  /// The sizes of a batch.
  var shape: BatchShape { get }
  /// What pixels can be after normalisation; an attack clips to it.
  var normalization: PixelNormalization { get }
  /// Where the next batch starts.
  var state: BatchSourceState { get }

  /// Writes the next batch.
  ///
  /// `images` is [batch, patches, patchElements], normalised; `tokens` is [batch, tokens];
  /// `endPositions` holds the position of each text's end token. The two arrays are made as long as
  /// they must be.
  ///
  /// - Precondition: `images` has `shape.imageElements` elements.
  /// - Throws: `TrainingDataError` where there is no more usable data; the source is of no use then.
  func nextBatch(
    into images: inout MutableSpan<Float>, tokens: inout [Int32], endPositions: inout [Int32]
  ) throws(TrainingDataError)

  /// Goes to a saved place.
  ///
  /// - Throws: `TrainingDataError.stateOfAnotherSource` where settings differ that the data depend on.
  func restore(_ state: BatchSourceState) throws(TrainingDataError)
}

extension BatchSource {
  /// What pixels can be after normalisation, per channel.
  public var pixelRange: PixelRange { normalization.range }

  /// Writes the next batch into memory that the caller owns.
  ///
  /// - Precondition: `images` has `shape.imageElements` elements, initialised.
  @unsafe public func nextBatch(
    into images: UnsafeMutableBufferPointer<Float>, tokens: inout [Int32],
    endPositions: inout [Int32]
  ) throws(TrainingDataError) {
    var span = unsafe images.mutableSpan
    try nextBatch(into: &span, tokens: &tokens, endPositions: &endPositions)
  }
}

/// The sizes of a batch.
public struct BatchShape: Hashable, Sendable {
  /// Pairs of image and text.
  public let batch: Int
  /// Patches of an image.
  public let patches: Int
  /// Numbers of a patch.
  public let patchElements: Int
  /// Ids of a text, start, end and padding included.
  public let tokens: Int

  /// Numbers of all images of a batch.
  public var imageElements: Int { batch * patches * patchElements }
  /// Ids of all texts of a batch.
  public var tokenElements: Int { batch * tokens }

  /// Sizes of a batch of such images.
  ///
  /// - Throws: `TrainingDataError.unusableSetting` unless there is a pair, and room for a start and an
  ///   end token.
  public init(batch: Int, layout: PatchLayout, tokens: Int) throws(TrainingDataError) {
    guard batch >= 1 else { throw .unusableSetting("a batch of \(batch) pairs: at least 1") }
    guard tokens >= 2 else {
      throw .unusableSetting("texts of \(tokens) tokens: start and end need 2")
    }
    self.batch = batch
    self.patches = layout.patches
    self.patchElements = layout.patchElements
    self.tokens = tokens
  }
}

/// Where a source will go on: saved with a training run, so that it resumes bit for bit.
public enum BatchSourceState: Hashable, Codable, Sendable {
  /// A place in `ShapesDataset`.
  case shapes(ShapesPosition)
  /// A place in shards.
  case shards(ShardPosition)
}

/// The next sample of a `ShapesBatchSource`.
public struct ShapesPosition: Hashable, Codable, Sendable {
  /// What the data depend on, as text.
  public let settings: String
  /// The index of the next sample.
  public let next: UInt64
}

extension BatchSourceState {
  /// What the data depend on, as text.
  public var settings: String {
    switch self {
    case .shapes(let position): position.settings
    case .shards(let position): position.settings
    }
  }
}
