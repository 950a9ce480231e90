private import Dispatch
private import Synchronization

/// Makes batches of another source ahead of time, on one background thread.
///
/// The sequence of batches and states is that of the other source. At most `depth` batches wait.
/// Nobody else may use the other source meanwhile.
public final class PrefetchingBatchSource: BatchSource {
  /// How many batches are made ahead.
  public let depth: Int
  /// The sizes of a batch.
  public var shape: BatchShape { work.source.shape }
  /// How bytes become numbers.
  public var normalization: PixelNormalization { work.source.normalization }
  private let work: PrefetchWork
  private let current: Mutex<BatchSourceState>

  /// A source that keeps `depth` batches of another one ready.
  ///
  /// - Throws: `TrainingDataError.unusableSetting` unless 1 <= `depth` <= 64.
  public init(_ source: any BatchSource, depth: Int = 2) throws(TrainingDataError) {
    guard (1...64).contains(depth) else {
      throw .unusableSetting("\(depth) batches ahead: 1 to 64")
    }
    self.depth = depth
    current = Mutex(source.state)
    work = PrefetchWork(source: source)
    for _ in 0..<depth { work.order() }
  }

  /// Where the next batch that is handed out starts.
  public var state: BatchSourceState { current.withLock { $0 } }

  /// Copies a batch that is ready, or waits for it.
  public func nextBatch(
    into images: inout MutableSpan<Float>, tokens: inout [Int32], endPositions: inout [Int32]
  ) throws(TrainingDataError) {
    precondition(
      images.count == shape.imageElements, "\(images.count) numbers for \(shape.imageElements)")
    let batch = try work.take()
    unsafe images.withUnsafeMutableBufferPointer { _ = unsafe $0.update(from: batch.images) }
    tokens = batch.tokens
    endPositions = batch.endPositions
    current.withLock { $0 = batch.stateAfter }
    work.order(reusing: batch)
  }

  /// Throws away what was made ahead, and goes to a saved place.
  public func restore(_ state: BatchSourceState) throws(TrainingDataError) {
    work.discard()
    defer { for _ in 0..<depth { work.order() } }
    do {
      try work.source.restore(state)
      current.withLock { $0 = state }
    } catch {
      // The batches made ahead are gone: make them again.
      try work.source.restore(self.state)
      throw error
    }
  }
}

/// A batch that was made ahead.
private struct Batch {
  var images: [Float]
  var tokens: [Int32] = []
  var endPositions: [Int32] = []
  var stateAfter: BatchSourceState
}

extension BatchSource {
  fileprivate func fill(_ batch: inout Batch) throws(TrainingDataError) {
    var (tokens, ends) = (batch.tokens, batch.endPositions)
    var span = batch.images.mutableSpan
    try nextBatch(into: &span, tokens: &tokens, endPositions: &ends)
    (batch.tokens, batch.endPositions) = (tokens, ends)
    batch.stateAfter = state
  }
}

/// The background thread's side: a serial queue that makes batches, and the finished ones.
private final class PrefetchWork: Sendable {
  let source: any BatchSource
  private let queue = DispatchQueue(label: "foretrain.prefetch")
  private let finished = DispatchSemaphore(value: 0)
  private let results = Mutex<[Result<Batch, TrainingDataError>]>([])

  init(source: any BatchSource) { self.source = source }

  /// Asks for one more batch.
  func order(reusing batch: Batch? = nil) {
    queue.async { [self] in
      var next =
        batch
        ?? Batch(
          images: [Float](repeating: 0, count: source.shape.imageElements),
          stateAfter: source.state)
      let result: Result<Batch, TrainingDataError>
      do throws(TrainingDataError) {
        try source.fill(&next)
        result = .success(next)
      } catch {
        result = .failure(error)
      }
      results.withLock { $0.append(result) }
      finished.signal()
    }
  }

  /// The oldest finished batch; an error is the end and stays in place.
  func take() throws(TrainingDataError) -> Batch {
    finished.wait()
    let first = results.withLock { results -> Result<Batch, TrainingDataError> in
      if case .failure = results[0] { return results[0] }
      return results.removeFirst()
    }
    if case .failure = first { finished.signal() }
    return try first.get()
  }

  /// Waits until nothing is being made, and drops what was.
  func discard() {
    queue.sync {}
    let count = results.withLock { results in
      defer { results = [] }
      return results.count
    }
    for _ in 0..<count { finished.wait() }
  }
}
