import Foundation
import Testing
import TrainingData

@Suite("Damaged archives")
struct ShardDamageTests {
  private let maker: ShardMaker
  private var folder: TemporaryFolder { maker.folder }

  init() throws { maker = try ShardMaker() }

  /// Reads to the end of the first epoch; the number of samples in it.
  private func epoch(_ file: String, samples: Int) throws -> Int {
    let source = try ShardMaker.source(ShardMaker.plain([file]), batch: 1)
    for _ in 0...samples { _ = try source.keptBatch() }
    guard case .shards(let position) = source.state else { return -1 }
    // One sample more than the archive has: it is the first of the second epoch.
    return position.epoch == 1 && position.counts.delivered == 1 ? samples : -1
  }

  @Test("An archive cut anywhere is an error that says where, never a shorter archive")
  func truncation() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: maker.shard("t.tar", 0..<3)))
    // The end-of-archive mark: zeros to the end.
    let end = try #require(whole.lastIndex { $0 != 0 }) / 512 * 512 + 512
    #expect(try epoch(folder.write("w.tar", whole), samples: 3) == 3)
    #expect(try epoch(folder.write("m.tar", whole.prefix(end + 512)), samples: 3) == 3)
    let cuts = Array(stride(from: 512, through: end, by: 512)) + [1, 511, 700, 1333, end + 100]
    for length in cuts {
      let file = try folder.write("c.tar", whole.prefix(length))
      let error = #expect(throws: TrainingDataError.self, "cut to \(length) of \(whole.count)") {
        try epoch(file, samples: 3)
      }
      guard case .unreadable(let named, let reason) = error else {
        Issue.record("cut to \(length): \(error?.description ?? "no error")")
        continue
      }
      #expect(named == file)
      if length > 512 { #expect(reason.hasPrefix("after \"0000"), "\(reason)") }
    }
  }

  @Test(
    "Sizes near the end of 64 bits are errors",
    arguments: [Int64.max, Int64.max - 1, Int64.max - 100, Int64.max - 511, Int64(1) << 61])
  func hugeSizes(_ size: Int64) throws {
    let file = try folder.write("h.tar", HandMadeTar.claiming(size))
    #expect(throws: TrainingDataError.self) { try epoch(file, samples: 1) }
  }

  @Test("A compressed archive cut anywhere is an error")
  func compressedTruncation() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: maker.shard("t.tar.gz", 0..<2)))
    for length in stride(from: 0, to: whole.count - 8, by: 401) {
      let file = try folder.write("c.tar.gz", whole.prefix(length))
      #expect(throws: TrainingDataError.self, "cut to \(length) of \(whole.count)") {
        try epoch(file, samples: 2)
      }
    }
  }

  @Test("Files that are no archives are errors")
  func noArchive() throws {
    var generator = CounterGenerator(seed: 1, stream: 0, index: 0)
    let noise = (0..<4000).map { _ in UInt8(generator.below(256)) }
    for (name, bytes) in [("r.tar", noise), ("e.tar", []), ("p.tar", ShardMaker.pngBytes)] {
      let file = try folder.write(name, bytes)
      let error = #expect(throws: TrainingDataError.self) { try epoch(file, samples: 1) }
      #expect(error?.description.hasPrefix("\(file): ") == true, "\(name)")
    }
  }

  @Test(
    "Changed bytes never do worse than pass samples over or stop", arguments: ["f.tar", "f.tar.gz"])
  func mutation(name: String) throws {
    let whole = try Array(Data(contentsOf: URL(fileURLWithPath: maker.shard(name, 0..<3))))
    var generator = CounterGenerator(seed: 7, stream: 0, index: 0)
    var outcomes: (whole: Int, stopped: Int) = (0, 0)
    for _ in 0..<250 {
      var bytes = whole
      for _ in 0...generator.below(3) {
        // Half of the changes hit headers: the first 512 bytes of an entry.
        let place = generator.below(bytes.count)
        let hit = generator.chance(0.5) ? place / 512 * 512 + generator.below(200) : place
        bytes[min(hit, bytes.count - 1)] = UInt8(generator.below(256))
      }
      let source = try ShardMaker.source(
        ShardMaker.plain([folder.write("m-\(name)", bytes)]), batch: 2)
      do {
        for _ in 0..<3 { _ = try source.keptBatch() }
        outcomes.whole += 1
      } catch {
        #expect(!error.localizedDescription.isEmpty)
        outcomes.stopped += 1
      }
    }
    #expect(outcomes.whole > 0 && outcomes.stopped > 0, "\(outcomes)")
  }

  @Test("A saved place beyond the data is refused, not trusted")
  func impossibleState() throws {
    let source = try ShardMaker.source(ShardMaker.plain([try maker.shard("s.tar", 0..<3)]))
    let text = try String(decoding: JSONEncoder().encode(source.state), as: UTF8.self)
    for (field, value) in [("taken", 9), ("shard", 7), ("offset", -1), ("epoch", -2)] {
      let changed = text.replacing("\"\(field)\":0", with: "\"\(field)\":\(value)")
        .replacing("\"window\":-1", with: "\"window\":0")
      #expect(changed != text)
      let state = try JSONDecoder().decode(BatchSourceState.self, from: Data(changed.utf8))
      #expect(throws: TrainingDataError.self, "\(field)") { try source.restore(state) }
    }
  }
}
