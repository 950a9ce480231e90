import Foundation
import Testing
import Training
import TrainingCore
import TrainingData
import Workloads

@Suite("Checkpoints")
struct CheckpointTests {
  static let scenario = CheckpointHeader.Scenario(id: "small", hash: "0", text: "id: small\n")

  /// A folder that is gone after the test.
  final class Folder {
    let path: String
    init() throws {
      path = NSTemporaryDirectory() + "foretrain-checkpoints-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  @Test(
    "a run that was saved and resumed has the same losses and weights, bit for bit",
    arguments: [
      CalibrationMethod.none, .lossReweight, .layerProbe, .atLR, .lsaITC, .lsaITCSequential,
    ],
    [false, true])
  func resuming(_ method: CalibrationMethod, _ prefetching: Bool) throws {
    let folder = try Folder()
    let whole = try SmallRun.trainer(method, steps: 9, prefetching: prefetching)
    var losses: [Double] = []
    for _ in 0..<9 {
      losses.append(try whole.advance().loss)
      if whole.step == 4 {
        try whole.save(to: folder.path + "/a", tool: "test", scenario: Self.scenario)
      }
    }
    let rest = try SmallRun.trainer(method, steps: 9, prefetching: prefetching)
    try rest.restore(try Checkpoint(path: folder.path + "/a"))
    #expect(rest.step == 4)
    for number in 4..<9 {
      let metrics = try rest.advance()
      #expect(metrics.loss == losses[number], "step \(number + 1)")
    }
    #expect(rest.executor.allValues.values == whole.executor.allValues.values)
    #expect(rest.executor.allMoments?.second.values == whole.executor.allMoments?.second.values)
    #expect(rest.executor.gamma == whole.executor.gamma)
    #expect(rest.selection == whole.selection)
  }

  @Test("a flipped bit anywhere is found, and it is said where")
  func damage() throws {
    let folder = try Folder()
    let trainer = try SmallRun.trainer(.lsaITC)
    _ = try trainer.advance()
    let path = folder.path + "/whole"
    try trainer.save(to: path, tool: "test", scenario: Self.scenario)
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(try Checkpoint(path: path).header.step == 1)
    var parts: Set<String> = []
    // Every 397th byte, and every one of the preamble: a prime, so that all of a word's bytes occur.
    let places = Array(0..<24) + Array(stride(from: 24, to: bytes.count, by: 397))
    let damaged = folder.path + "/damaged"
    for place in places {
      var copy = bytes
      copy[place] ^= 1 << UInt8(place % 8)
      try Data(copy).write(to: URL(fileURLWithPath: damaged))
      do {
        _ = try Checkpoint(path: damaged)
        Issue.record("byte \(place) was flipped and nobody noticed")
      } catch let error as CheckpointError {
        #expect(error.isDamage, "\(error)")
        if case .damaged(_, let part) = error { parts.insert(part) }
      }
    }
    #expect(parts.contains("the header"))
    #expect(parts.contains("the values of text.embedding.token_embedding"))
    #expect(parts.contains("the second moments of image.blocks.2.fc2.weight"))
    for length in [0, 7, 23, 24, bytes.count / 2, bytes.count - 1] {
      try Data(bytes.prefix(length)).write(to: URL(fileURLWithPath: damaged))
      #expect(throws: CheckpointError.self) { try Checkpoint(path: damaged) }
    }
    try Data(bytes + [0]).write(to: URL(fileURLWithPath: damaged))
    #expect(throws: CheckpointError.self) { try Checkpoint(path: damaged) }
  }

  @Test("a newer form of the file is refused, and so is another model's")
  func foreign() throws {
    let folder = try Folder()
    let trainer = try SmallRun.trainer()
    let path = folder.path + "/plain"
    try trainer.save(to: path, tool: "test", scenario: Self.scenario)
    let conditioned = try SmallRun.trainer(.lsaITC)
    let error = #expect(throws: CheckpointError.self) {
      try conditioned.restore(try Checkpoint(path: path))
    }
    #expect(error?.description.contains("robust_class_token") == true)
    #expect(error?.isDamage == false)
    #expect(throws: CheckpointError.cannotRead(path: folder.path + "/none", code: ENOENT)) {
      try Checkpoint(path: folder.path + "/none")
    }
    let other = try SmallRun.trainer { $0.seed = 1 }
    let source = try SmallRun.source(SmallRun.model(), seed: 2)
    #expect(throws: TrainingDataError.self) { try source.restore(other.source.state) }
  }

  @Test("the newest checkpoints are kept, others go, strangers stay")
  func pruning() throws {
    let folder = try Folder()
    let checkpoints = CheckpointFolder(path: folder.path + "/", keeping: 2)
    #expect(checkpoints.newest == nil)
    let stranger = folder.path + "/step-notes.txt"
    try Data().write(to: URL(fileURLWithPath: stranger))
    let trainer = try SmallRun.trainer()
    for step in [2, 9, 10] {
      try trainer.save(
        to: checkpoints.file(ofStep: step), tool: "test", scenario: Self.scenario)
      checkpoints.prune(written: step)
    }
    #expect(checkpoints.steps == [9, 10])
    #expect(checkpoints.newest == folder.path + "/step-00000010.checkpoint")
    let newest = try #require(checkpoints.newest)
    #expect(checkpoints.older(than: newest) == checkpoints.file(ofStep: 9))
    #expect(checkpoints.older(than: checkpoints.file(ofStep: 9)) == nil)
    // A run that goes on from an earlier step: what it writes is not the oldest to go.
    CheckpointFolder(path: folder.path, keeping: 1).prune(written: 9)
    #expect(checkpoints.steps == [9, 10])
    let aside = checkpoints.setAside(after: 9)
    #expect(aside == [newest + ".abandoned"])
    #expect(checkpoints.steps == [9] && checkpoints.setAside(after: 9).isEmpty)
    #expect(FileManager.default.fileExists(atPath: newest + ".abandoned"))
    #expect(FileManager.default.fileExists(atPath: stranger))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3)
  }

  @Test("a save that fails leaves what was there, and nothing unfinished")
  func failing() throws {
    let folder = try Folder()
    let trainer = try SmallRun.trainer()
    let path = folder.path + "/a"
    try trainer.save(to: path, tool: "test", scenario: Self.scenario)
    // A folder has the name already: the last step, the rename, fails.
    let taken = folder.path + "/taken"
    try FileManager.default.createDirectory(atPath: taken + "/x", withIntermediateDirectories: true)
    #expect(throws: CheckpointError.cannotWrite(path: taken, code: EISDIR)) {
      try trainer.save(to: taken, tool: "test", scenario: Self.scenario)
    }
    #expect(throws: CheckpointError.self) {
      try trainer.save(to: path + "/b", tool: "test", scenario: Self.scenario)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["a", "taken"])
    #expect(try Checkpoint(path: path).header.step == 0)
    // What a killed process has left goes with the next save.
    let left = folder.path + "/.foretrain-unfinished-999999999"
    try Data([1]).write(to: URL(fileURLWithPath: left))
    try trainer.save(to: path, tool: "test", scenario: Self.scenario)
    #expect(!FileManager.default.fileExists(atPath: left))
  }
}
