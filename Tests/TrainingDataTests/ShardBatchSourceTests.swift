import Foundation
import Testing
import TrainingData

@Suite("Batches of shards")
struct ShardBatchSourceTests {
  private let maker: ShardMaker
  private var folder: TemporaryFolder { maker.folder }

  init() throws { maker = try ShardMaker() }

  @Test("Without shuffling, samples come in the order of the shards, again and again")
  func order() throws {
    let files = [try maker.shard("a.tar", 0..<5), try maker.shard("b.tar.gz", 5..<7)]
    let source = try ShardMaker.source(ShardMaker.plain(files))
    var found: [UInt64?] = []
    for _ in 0..<4 { found += try ShardMaker.indices(source.keptBatch(), among: 0..<7) }
    #expect(found == (0..<16).map { UInt64($0 % 7) })
    #expect(source.report.counts.delivered == 2 && source.report.examples.isEmpty)
  }

  @Test("Shuffled epochs each show every sample once, in orders of their own", arguments: [3, 50])
  func shuffle(window: Int) throws {
    let files = try (0..<3 as Range<UInt64>).map { number in
      try maker.shard("\(number).tar", number * 4..<number * 4 + 4)
    }
    var epochs: [[UInt64?]] = []
    for seed in [1, 2, 1] as [UInt64] {
      let settings = ShardSettings(
        files: files, seed: seed, crop: .centre, shuffleWindow: window)
      let source = try ShardMaker.source(settings)
      var found: [UInt64?] = []
      for _ in 0..<6 { found += try ShardMaker.indices(source.keptBatch(), among: 0..<12) }
      epochs += [Array(found[..<12]), Array(found[12...])]
    }
    for epoch in epochs { #expect(Set(epoch) == Set((0..<12).map { UInt64($0) })) }
    #expect(epochs[0] != epochs[1], "epochs differ")
    #expect(epochs[0] != epochs[2], "seeds differ")
    #expect(epochs[0] == epochs[4] && epochs[1] == epochs[5], "the same seed does not")
    #expect(epochs[0] != (0..<12).map { UInt64($0) })
  }

  /// Shards with every kind of fault between good samples.
  private func faultyShards() throws -> [String] {
    var entries = try ShardMaker.entries(0) + ShardMaker.entries(1)
    entries += [("bad1.png", Array("no image".utf8)), ("bad1.txt", Array("a ring".utf8))]
    entries += try ShardMaker.entries(2)
    entries += [("lonely.png", try ShardMaker.entries(3)[0].bytes)]
    entries += try ShardMaker.entries(4) + ShardMaker.entries(5)
    return [
      try folder.tar("faulty.tar", entries), try maker.shard("whole.tar.gz", 6..<9),
    ]
  }

  @Test("A source restored at any batch goes on with the same bytes, counts and states")
  func resume() throws {
    let files = try faultyShards()
    for (window, batch) in [(1, 3), (4, 3), (4, 1), (100, 5)] {
      let settings = ShardSettings(files: files, seed: 3, shuffleWindow: window)
      let source = try ShardMaker.source(settings, batch: batch)
      var states: [Data] = []
      var batches: [KeptBatch] = []
      var counts: [ShardCounts] = []
      for _ in 0..<9 {
        states.append(try JSONEncoder().encode(source.state))
        batches.append(try source.keptBatch())
        counts.append(source.report.counts)
      }
      for (number, state) in states.enumerated() {
        let other = try ShardMaker.source(settings, batch: batch)
        _ = try other.keptBatch()
        try other.restore(JSONDecoder().decode(BatchSourceState.self, from: state))
        for later in number..<9 {
          let saved = try JSONDecoder().decode(BatchSourceState.self, from: states[later])
          #expect(other.state == saved)
          let same = try other.keptBatch() == batches[later]
          #expect(same, "window \(window): batch \(later) from \(number)")
          #expect(other.report.counts == counts[later])
        }
      }
    }
  }

  @Test("Batches made ahead are the same")
  func prefetch() throws {
    let settings = ShardSettings(files: try faultyShards(), seed: 3, shuffleWindow: 4)
    let plain = try ShardMaker.source(settings)
    let ahead = try PrefetchingBatchSource(try ShardMaker.source(settings), depth: 3)
    for _ in 0..<6 {
      #expect(ahead.state == plain.state)
      #expect(try ahead.keptBatch() == plain.keptBatch())
    }
  }

  @Test("A state of other shards or settings is refused; another folder is none")
  func otherSettings() throws {
    let files = [try maker.shard("a.tar", 0..<5)]
    let source = try ShardMaker.source(ShardMaker.plain(files))
    var settings = ShardMaker.plain(files)
    settings.seed = 9
    let others = [
      try ShardMaker.source(settings),
      try ShardMaker.source(ShardMaker.plain([try maker.shard("b.tar", 0..<5)])),
    ]
    for other in others {
      #expect(throws: TrainingDataError.self) { try source.restore(other.state) }
    }
    let elsewhere = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: files[0], toPath: elsewhere.path("a.tar"))
    let moved = try ShardMaker.source(ShardMaker.plain([elsewhere.path("a.tar")]))
    _ = try source.keptBatch()
    try moved.restore(source.state)
    #expect(try moved.keptBatch() == source.keptBatch())
  }

  @Test("Missing files are all named at once; settings that cannot be are refused")
  func missing() throws {
    let good = try maker.shard("a.tar", 0..<1)
    let (one, two) = (folder.path("one.tar"), folder.path("two.tar"))
    let error = #expect(throws: TrainingDataError.self) {
      try ShardMaker.source(ShardMaker.plain([one, good, two]))
    }
    #expect(
      error?.description == """
        \(one): there is no such file, or it is not readable
        \(two): there is no such file, or it is not readable
        """)
    #expect(throws: TrainingDataError.self) { try ShardMaker.source(ShardMaker.plain([])) }
    for change in [{ $0.shuffleWindow = 0 }, { $0.crop = .random(areas: 0...1) }]
      as [(inout ShardSettings) -> Void]
    {
      var settings = ShardMaker.plain([good])
      change(&settings)
      #expect(throws: TrainingDataError.self) { try ShardMaker.source(settings) }
    }
  }

  @Test("Random crops of a sample differ between epochs, and not between runs")
  func crops() throws {
    let settings = ShardSettings(
      files: [try maker.shard("a.tar", 0..<1)], crop: .random(areas: 0.3...0.6), shuffleWindow: 1)
    let (one, two) = (
      try ShardMaker.source(settings, batch: 1), try ShardMaker.source(settings, batch: 1)
    )
    let first = try one.keptBatch()
    #expect(try two.keptBatch() == first)
    #expect(try one.keptBatch().images != first.images)
  }
}
