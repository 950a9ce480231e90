import Foundation
import Testing
import TrainingData

@Suite("Batches of shapes")
struct BatchSourceTests {
  private func source(
    seed: UInt64 = 1, split: ShapesSplit = .train, batch: Int = 5
  ) throws -> ShapesBatchSource {
    try ShapesBatchSource(
      dataset: try shapes(split, seed: seed),
      tokenizer: WordTokenizer.shapes(modelVocabulary: 4096), batch: batch, tokens: 32)
  }

  @Test("A batch holds the samples in order")
  func content() throws {
    let source = try source()
    #expect(source.shape.batch == 5 && source.shape.patches == 64)
    #expect(source.shape.patchElements == 192)
    _ = try source.keptBatch()
    let batch = try source.keptBatch()
    let data = source.dataset
    for offset in 0..<5 {
      let sample = data.sample(UInt64(5 + offset))
      let size = data.layout.imageElements
      #expect(
        Array(batch.images[offset * size..<(offset + 1) * size])
          == data.layout.patches(of: sample.image))
      let text = source.tokenizer.encode(sample.caption, length: 32)
      #expect(Array(batch.tokens[offset * 32..<(offset + 1) * 32]) == text.ids)
      #expect(batch.endPositions[offset] == Int32(text.endPosition))
    }
    #expect(batch.tokens.count == source.shape.tokenElements && batch.endPositions.count == 5)
  }

  @Test("Memory that the caller owns gets the same batch")
  func pointers() throws {
    let (one, two) = (try source(), try source())
    let kept = try one.keptBatch()
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: two.shape.imageElements)
    defer { unsafe memory.deallocate() }
    unsafe memory.initialize(repeating: 0)
    var tokens: [Int32] = []
    var ends: [Int32] = []
    try unsafe two.nextBatch(into: memory, tokens: &tokens, endPositions: &ends)
    #expect(unsafe Array(memory) == kept.images)
    #expect(tokens == kept.tokens && ends == kept.endPositions)
  }

  @Test("A restored source goes on with the same bytes")
  func resume() throws {
    let source = try source()
    for _ in 0..<3 { _ = try source.keptBatch() }
    let saved = try JSONEncoder().encode(source.state)
    let wanted = try (0..<3).map { _ in try source.keptBatch() }
    let other = try self.source()
    try other.restore(JSONDecoder().decode(BatchSourceState.self, from: saved))
    #expect(try (0..<3).map { _ in try other.keptBatch() } == wanted)
  }

  @Test("A state of other settings is refused, naming both")
  func otherSettings() throws {
    let source = try source()
    for other in [
      try self.source(seed: 2), try self.source(split: .test), try self.source(batch: 6),
    ] {
      #expect(
        throws: TrainingDataError.stateOfAnotherSource(
          expected: source.state.settings, found: other.state.settings)
      ) { try source.restore(other.state) }
    }
    #expect(throws: TrainingDataError.self) { try self.source(batch: 0) }
  }

  @Test("Batches made ahead are the same, and so are the states between them", arguments: [1, 3])
  func prefetch(depth: Int) throws {
    let (plain, ahead) = (
      try source(), try PrefetchingBatchSource(try source(), depth: depth)
    )
    for _ in 0..<6 {
      #expect(ahead.state == plain.state)
      #expect(try ahead.keptBatch() == plain.keptBatch())
    }
    let state = plain.state
    let wanted = try (0..<4).map { _ in try plain.keptBatch() }
    _ = try ahead.keptBatch()
    try ahead.restore(state)
    #expect(ahead.state == state)
    #expect(try (0..<4).map { _ in try ahead.keptBatch() } == wanted)
    #expect(ahead.pixelRange == plain.pixelRange)
  }

  @Test("A state that is refused leaves the batches as they were")
  func refusedRestore() throws {
    let (plain, ahead) = (try source(), try PrefetchingBatchSource(try source()))
    #expect(throws: TrainingDataError.self) { try ahead.restore(self.source(seed: 2).state) }
    #expect(try ahead.keptBatch() == plain.keptBatch())
    #expect(throws: TrainingDataError.self) {
      try PrefetchingBatchSource(self.source(), depth: 0)
    }
  }

  @Test("An error ends the batches made ahead, after those that came before it")
  func failure() throws {
    let ahead = try PrefetchingBatchSource(FailingSource(try source(), after: 2), depth: 3)
    _ = try ahead.keptBatch()
    _ = try ahead.keptBatch()
    for _ in 0..<3 {
      #expect(throws: TrainingDataError.unusableSetting("no more")) { try ahead.keptBatch() }
    }
  }
}

/// A source that fails after some batches.
private final class FailingSource: BatchSource {
  let inner: ShapesBatchSource
  let last: UInt64

  init(_ inner: ShapesBatchSource, after count: UInt64) {
    self.inner = inner
    last = count * UInt64(inner.shape.batch)
  }

  var shape: BatchShape { inner.shape }
  var normalization: PixelNormalization { inner.normalization }
  var state: BatchSourceState { inner.state }
  func restore(_ state: BatchSourceState) throws(TrainingDataError) { try inner.restore(state) }

  func nextBatch(
    into images: inout MutableSpan<Float>, tokens: inout [Int32], endPositions: inout [Int32]
  ) throws(TrainingDataError) {
    guard case .shapes(let position) = state, position.next < last else {
      throw .unusableSetting("no more")
    }
    try inner.nextBatch(into: &images, tokens: &tokens, endPositions: &endPositions)
  }
}
