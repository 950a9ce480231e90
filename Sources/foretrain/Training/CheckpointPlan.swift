import Foundation
import RunStore
import Scenarios
import Training

/// Where a run saves, and where it goes on.
struct CheckpointPlan {
  /// Where new checkpoints go.
  let folder: CheckpointFolder
  /// Steps between two of them; 0: only when the user stops the run.
  let interval: Int
  /// What the run resumes from; nil where it begins.
  let resumed: Checkpoint?

  /// How a command was told to resume.
  static let latest = "latest"

  /// Reads what a run resumes from, and chooses its folder.
  ///
  /// Without a folder of the user's choice every run has its own, named after its start.
  init(
    scenario: String, folder chosen: String?, interval: Int, resume: String?, keeping kept: Int
  ) throws {
    self.interval = interval
    let home = chosen ?? DataFolder().path + "/runs/" + scenario
    guard let resume else {
      let path = chosen ?? home + "/" + Self.name(of: Date())
      folder = CheckpointFolder(path: path, keeping: kept)
      resumed = nil
      if let newest = folder.newest {
        throw UsageError(
          "'\(path)' holds checkpoints of another run, the newest is \(newest)",
          help: "write --resume to go on with it, or name another folder")
      }
      return
    }
    let file: String
    if resume == Self.latest {
      guard let newest = Self.newest(in: home) else {
        throw CheckpointError.none(folder: home)
      }
      file = newest
    } else {
      guard FileManager.default.fileExists(atPath: resume) else {
        throw MissingFile(path: resume, reason: "there is no such checkpoint")
      }
      file = resume
    }
    let parent = URL(fileURLWithPath: file).deletingLastPathComponent().path
    do {
      resumed = try Checkpoint(path: file)
    } catch let error as CheckpointError where error.isDamage {
      throw DamagedCheckpoint(
        error: error, older: CheckpointFolder(path: parent).older(than: file))
    }
    folder = CheckpointFolder(path: chosen ?? parent, keeping: kept)
  }

  /// The newest checkpoint of a folder, or of the newest run in it that has one.
  private static func newest(in home: String) -> String? {
    if let own = CheckpointFolder(path: home).newest { return own }
    let runs = (try? FileManager.default.contentsOfDirectory(atPath: home)) ?? []
    return runs.sorted().reversed().lazy
      .compactMap { CheckpointFolder(path: home + "/" + $0).newest }.first
  }

  /// A name that sorts by time: `20260102T030405Z-1234`.
  private static func name(of date: Date) -> String {
    let stamp = date.formatted(.iso8601).split { "-:".contains($0) }.joined()
    return stamp + "-\(ProcessInfo.processInfo.processIdentifier)"
  }
}

/// A checkpoint that is broken, and the one before it.
struct DamagedCheckpoint: Error, CustomStringConvertible {
  var error: CheckpointError
  /// The next older one; nil where there is none.
  var older: String?

  var description: String {
    guard let older else { return "error: \(error)\nhelp: there is no older one beside it" }
    return "error: \(error)\nhelp: the one before it is \(older); go on from there with\n  "
      + CommandLineText.resuming(from: older)
  }
}
