import GRDB
public import Measurement

/// A fit with the session that it rests on.
public struct StoredFit: Sendable, Hashable {
  /// The session.
  public let session: StoredSession
  /// The constants.
  public let fit: BenchFit
}

/// A profile as text.
public struct StoredProfile: Sendable, Hashable {
  /// Its id, for example `this-machine`.
  public let name: String
  /// `yaml` or `json`.
  public let format: String
  /// The file's content.
  public let text: String
}

extension RunStore {
  /// Keeps the constants that a session's samples gave.
  ///
  /// - Throws: `RunStoreError`.
  public func save(_ fit: BenchFit, of session: SessionID) throws(RunStoreError) {
    try write { database in
      try database.execute(
        sql: "INSERT INTO fits (session_id, constants_json, held_out_error) VALUES (?, ?, ?)",
        arguments: [session.number, try text(fit), fit.products.heldOutError])
    }
  }

  /// The newest fit of a machine; nil where there is none.
  ///
  /// - Parameters:
  ///   - machine: its fingerprint.
  ///   - threads: only sessions of so many workers, unless nil.
  ///   - backend: only fits of this library, unless nil.
  /// - Returns: the fit with its session.
  /// - Throws: `RunStoreError`.
  public func latestFit(
    of machine: MachineFingerprint, threads: Int? = nil, backend: String? = nil
  ) throws(RunStoreError) -> StoredFit? {
    try read { database in
      let newest = try Row.fetchOne(
        database,
        sql: """
          SELECT f.session_id, f.constants_json FROM fits f
          JOIN bench_sessions s ON s.id = f.session_id
          WHERE s.machine_id = :machine AND (:threads IS NULL OR s.threads = :threads)
            AND (:backend IS NULL OR s.backend = :backend)
          ORDER BY f.id DESC LIMIT 1
          """,
        arguments: ["machine": machine.id, "threads": threads, "backend": backend])
      guard let newest else { return nil }
      let number: Int64 = newest["session_id"]
      let session = try Row.fetchOne(
        database, sql: Self.sessionColumns + " WHERE s.id = ?", arguments: [number])
      guard let session else { return nil }
      return StoredFit(
        session: try storedSession(session),
        fit: try value(BenchFit.self, newest["constants_json"]))
    }
  }

  /// Keeps a profile's text.
  ///
  /// - Throws: `RunStoreError`.
  public func saveProfile(
    name: String, format: String, text: String, of session: SessionID
  ) throws(RunStoreError) {
    try write { database in
      try database.execute(
        sql: "INSERT INTO profiles (session_id, name, format, text) VALUES (?, ?, ?, ?)",
        arguments: [session.number, name, format, text])
    }
  }

  /// The newest profile of that name for a machine; nil where there is none.
  ///
  /// - Throws: `RunStoreError`.
  public func latestProfile(
    name: String, of machine: MachineFingerprint
  ) throws(RunStoreError) -> StoredProfile? {
    try read { database in
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT p.* FROM profiles p JOIN bench_sessions s ON s.id = p.session_id
          WHERE p.name = ? AND s.machine_id = ? ORDER BY p.id DESC LIMIT 1
          """,
        arguments: [name, machine.id])
      return row.map { StoredProfile(name: $0["name"], format: $0["format"], text: $0["text"]) }
    }
  }
}
