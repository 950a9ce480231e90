import Synchronization
import TrainingData

/// A few painted batches, made once and handed out in turn.
///
/// Painting on a second thread would take a core from the kernels that are timed.
final class RepeatingBatchSource: BatchSource {
  let shape: BatchShape
  let normalization: PixelNormalization
  /// Where the other source stood when the batches were drawn.
  let state: BatchSourceState
  private let batches: [Batch]
  private let next = Mutex(0)

  private struct Batch: Sendable {
    var images: [Float]
    var tokens: [Int32]
    var endPositions: [Int32]
  }

  /// Draws so many batches from a source.
  ///
  /// - Throws: `TrainingDataError` of the source.
  init(_ source: some BatchSource, batches count: Int = 2) throws(TrainingDataError) {
    shape = source.shape
    normalization = source.normalization
    state = source.state
    var batches: [Batch] = []
    for _ in 0..<count {
      var images = [Float](repeating: 0, count: source.shape.imageElements)
      var (tokens, endPositions): ([Int32], [Int32]) = ([], [])
      var span = images.mutableSpan
      try source.nextBatch(into: &span, tokens: &tokens, endPositions: &endPositions)
      batches.append(Batch(images: images, tokens: tokens, endPositions: endPositions))
    }
    self.batches = batches
  }

  func restore(_ state: BatchSourceState) throws(TrainingDataError) {
    throw .stateOfAnotherSource(expected: "repeated batches", found: state.settings)
  }

  func nextBatch(
    into images: inout MutableSpan<Float>, tokens: inout [Int32], endPositions: inout [Int32]
  ) throws(TrainingDataError) {
    let index = next.withLock { next in
      defer { next += 1 }
      return next % batches.count
    }
    let batch = batches[index]
    for place in 0..<batch.images.count { images[place] = batch.images[place] }
    tokens = batch.tokens
    endPositions = batch.endPositions
  }
}
