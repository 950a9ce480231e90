import Foundation

/// Why a checkpoint cannot be written, read or used.
public enum CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The system refuses to write; `code` is its error number. Earlier files are as they were.
  case cannotWrite(path: String, code: Int32)
  /// The system refuses to read.
  case cannotRead(path: String, code: Int32)
  /// The file does not begin as checkpoints do.
  case notACheckpoint(path: String)
  /// The file is shorter or longer than it says.
  case wrongLength(path: String, expected: Int, found: Int)
  /// A part of the file is not what was written.
  case damaged(path: String, part: String)
  /// A newer foretrain wrote it.
  case newerFormat(path: String, version: Int)
  /// Its parameters are those of another model.
  case otherModel(path: String, difference: String)
  /// It was saved under a scenario that says something else.
  case otherScenario(path: String, difference: String)
  /// There is none to resume from.
  case none(folder: String)

  /// Whether the file itself is broken, so that an older one may do.
  public var isDamage: Bool {
    switch self {
    case .notACheckpoint, .wrongLength, .damaged: true
    case .cannotWrite, .cannotRead, .newerFormat, .otherModel, .otherScenario, .none: false
    }
  }

  /// One sentence on what happened, one on what to do.
  public var description: String {
    switch self {
    case .cannotWrite(let path, let code):
      "cannot save the checkpoint \(path): \(Self.reason(code)); "
        + "nothing that was there has changed"
    case .cannotRead(let path, let code):
      "cannot read the checkpoint \(path): \(Self.reason(code))"
    case .notACheckpoint(let path):
      "\(path) is not a checkpoint of foretrain, or its start is damaged"
    case .wrongLength(let path, let expected, let found):
      "the checkpoint \(path) is damaged: it has \(found) bytes where it should have \(expected)"
    case .damaged(let path, let part):
      "the checkpoint \(path) is damaged: \(part) is not what was written"
    case .newerFormat(let path, let version):
      "the checkpoint \(path) has format \(version), which a newer foretrain wrote; update foretrain"
    case .otherModel(let path, let difference):
      "the checkpoint \(path) is one of another model: \(difference)"
    case .otherScenario(let path, let difference):
      "the checkpoint \(path) was saved under another scenario: \(difference); resume it with the "
        + "scenario and flags of then, or begin a new run without --resume"
    case .none(let folder): "there is no checkpoint in \(folder) to resume from"
    }
  }

  private static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
