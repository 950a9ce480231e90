import GRDB

/// Why the store cannot be read or written, and what to do about it.
public enum RunStoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file is damaged, or is no SQLite database at all.
  case corrupt(path: String, detail: String)
  /// The file is an SQLite database of some other program.
  case foreign(path: String)
  /// Another process holds the file and did not let go in time.
  case locked(path: String)
  /// A newer foretrain wrote the file; this one does not know its tables.
  case newerSchema(path: String, unknown: [String])
  /// The disk or the quota is full; what was written before is kept.
  case diskFull(path: String)
  /// The file or its folder may not be written.
  case readOnly(path: String)
  /// The file or its folder cannot be opened or made.
  case cannotOpen(path: String, detail: String)
  /// A row does not hold what this program writes there.
  case unreadableRow(path: String, detail: String)
  /// Anything else that SQLite reports.
  case database(path: String, detail: String)

  /// One sentence on what happened, one on what to do.
  public var description: String {
    switch self {
    case .corrupt(let path, let detail):
      "the database '\(path)' is damaged (\(detail)); move it away, and foretrain starts a new one"
    case .foreign(let path):
      "'\(path)' is a database of another program; choose another path"
    case .locked(let path):
      "the database '\(path)' is in use by another process; wait for it to finish, and try again"
    case .newerSchema(let path, let unknown):
      "the database '\(path)' was written by a newer foretrain (it knows "
        + unknown.joined(separator: ", ") + "); update foretrain, or use another data folder"
    case .diskFull(let path):
      "there is no space left for the database '\(path)'; what was written before is kept: "
        + "free some space, and try again"
    case .readOnly(let path):
      "the database '\(path)' may not be written; check its permissions, or set XDG_DATA_HOME"
    case .cannotOpen(let path, let detail):
      "the database '\(path)' cannot be opened (\(detail)); check the path, or set XDG_DATA_HOME"
    case .unreadableRow(let path, let detail):
      "the database '\(path)' holds a row that foretrain did not write: \(detail)"
    case .database(let path, let detail): "the database '\(path)' failed: \(detail)"
    }
  }

  /// What an error of SQLite or of the file system means for the store at `path`.
  init(_ error: any Error, path: String) {
    if let known = error as? RunStoreError {
      self = known
      return
    }
    guard let error = error as? DatabaseError else {
      self = .cannotOpen(path: path, detail: "\(error)")
      return
    }
    let detail = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(path: path, detail: detail)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(path: path)
    case .SQLITE_FULL: self = .diskFull(path: path)
    case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(path: path)
    case .SQLITE_CANTOPEN: self = .cannotOpen(path: path, detail: detail)
    default: self = .database(path: path, detail: detail)
    }
  }
}
