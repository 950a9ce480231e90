private import Synchronization

/// Batches of `ShapesDataset`: its samples from 0 on, in order, none twice.
public final class ShapesBatchSource: BatchSource {
  /// The data.
  public let dataset: ShapesDataset
  /// Turns captions into ids.
  public let tokenizer: any Tokenizer
  /// The sizes of a batch.
  public let shape: BatchShape
  private let next = Mutex<UInt64>(0)

  /// Batches of so many samples, captions cut to so many tokens.
  ///
  /// - Throws: `TrainingDataError.unusableSetting` for an empty batch or texts without room.
  public init(
    dataset: ShapesDataset, tokenizer: any Tokenizer, batch: Int, tokens: Int
  ) throws(TrainingDataError) {
    self.dataset = dataset
    self.tokenizer = tokenizer
    shape = try BatchShape(batch: batch, layout: dataset.layout, tokens: tokens)
  }

  /// How bytes become numbers.
  public var normalization: PixelNormalization { dataset.layout.normalization }

  /// Where the next batch starts.
  public var state: BatchSourceState {
    .shapes(ShapesPosition(settings: settings, next: next.withLock { $0 }))
  }

  private var settings: String {
    let layout = dataset.layout
    return "shapes 1: seed \(dataset.seed), \(dataset.split.rawValue), \(layout.imageSize) pixels, "
      + "batch \(shape.batch)"
  }

  /// Goes to a saved place.
  public func restore(_ state: BatchSourceState) throws(TrainingDataError) {
    guard case .shapes(let position) = state else {
      throw .stateOfAnotherSource(expected: settings, found: state.settings)
    }
    guard position.settings == settings else {
      throw .stateOfAnotherSource(expected: settings, found: position.settings)
    }
    next.withLock { $0 = position.next }
  }

  /// Paints, describes and writes the next samples.
  public func nextBatch(
    into images: inout MutableSpan<Float>, tokens: inout [Int32], endPositions: inout [Int32]
  ) throws(TrainingDataError) {
    let first = next.withLock { next in
      defer { next += UInt64(shape.batch) }
      return next
    }
    var writer = BatchWriter(shape: shape, layout: dataset.layout, tokenizer: tokenizer)
    for offset in 0..<shape.batch {
      let sample = dataset.sample(first + UInt64(offset))
      writer.append(sample.image, caption: sample.caption, to: &images)
    }
    writer.finish(tokens: &tokens, endPositions: &endPositions)
  }
}
