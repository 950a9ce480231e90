import GRDB
public import Measurement

/// The row of a bench session.
public struct SessionID: Sendable, Hashable {
  /// The row's number.
  public let number: Int64
}

/// A bench session as stored.
public struct StoredSession: Sendable, Hashable {
  /// Its row.
  public let id: SessionID
  /// What its samples share.
  public let session: BenchSession
  /// Seconds from start to end; nil where it never ended.
  public let elapsedSeconds: Double?
  /// Whether it was cut short; nil where the process was killed before it could say so.
  public let interrupted: Bool?
}

extension RunStore {
  /// Opens a session and registers its machine.
  ///
  /// - Throws: `RunStoreError`.
  public func begin(_ session: BenchSession) throws(RunStoreError) -> SessionID {
    try write { database in
      try register(session.machine, database)
      try database.execute(
        sql: """
          INSERT INTO bench_sessions
            (machine_id, backend, libraries_json, threads, quick, seed, started_at, resident_bytes)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          session.machine.id, session.backend, try text(session.libraries), session.threads,
          session.quick, Int64(bitPattern: session.seed), session.startedAt, session.residentBytes,
        ])
      return SessionID(number: database.lastInsertedRowID)
    }
  }

  /// Adds samples to a session, all of them or none.
  ///
  /// - Throws: `RunStoreError`; `diskFull` leaves what was added before.
  public func append(
    _ samples: [BenchSample], to session: SessionID
  ) throws(RunStoreError) {
    try write { database in
      let statement = try database.makeStatement(
        sql: "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      for sample in samples {
        try statement.execute(arguments: [
          session.number, sample.sequence, sample.item.kernel.name, sample.item.kernel.shape,
          sample.item.backend, sample.item.role.rawValue, try text(sample.item), sample.calls,
          sample.seconds, sample.start, sample.referenceBefore, sample.referenceAfter,
        ])
      }
    }
  }

  /// Closes a session.
  ///
  /// - Throws: `RunStoreError`.
  public func finish(
    _ session: SessionID, elapsedSeconds: Double, interrupted: Bool
  ) throws(RunStoreError) {
    try write { database in
      try database.execute(
        sql: "UPDATE bench_sessions SET elapsed_seconds = ?, interrupted = ? WHERE id = ?",
        arguments: [elapsedSeconds, interrupted, session.number])
    }
  }

  /// The sessions of a machine, oldest first.
  ///
  /// - Throws: `RunStoreError`.
  public func sessions(of machine: MachineFingerprint) throws(RunStoreError) -> [StoredSession] {
    try read { database in
      try Row.fetchAll(
        database, sql: Self.sessionColumns + " WHERE s.machine_id = ? ORDER BY s.id",
        arguments: [machine.id]
      ).map(storedSession)
    }
  }

  /// The samples of a session, in the order they were taken.
  ///
  /// - Throws: `RunStoreError`.
  public func samples(of session: SessionID) throws(RunStoreError) -> [BenchSample] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM samples WHERE session_id = ? ORDER BY sequence",
        arguments: [session.number]
      ).map { row in
        BenchSample(
          sequence: row["sequence"], item: try value(BenchItem.self, row["item_json"]),
          calls: row["calls"], seconds: row["seconds"], start: row["start_seconds"],
          referenceBefore: row["reference_before_seconds"],
          referenceAfter: row["reference_after_seconds"])
      }
    }
  }

  func register(_ machine: MachineFingerprint, _ database: Database) throws {
    try database.execute(
      sql: "INSERT OR IGNORE INTO machines VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [
        machine.id, machine.processor, machine.vectors, machine.cores, machine.memoryBytes,
        machine.operatingSystem,
      ])
  }

  /// Columns that `storedSession` reads, of sessions `s` and machines `m`.
  static let sessionColumns = """
    SELECT s.*, m.processor, m.vectors, m.cores, m.memory_bytes, m.operating_system
    FROM bench_sessions s JOIN machines m ON m.id = s.machine_id
    """

  func storedSession(_ row: Row) throws -> StoredSession {
    let seed: Int64 = row["seed"]
    return StoredSession(
      id: SessionID(number: row["id"]),
      session: BenchSession(
        machine: MachineFingerprint(
          processor: row["processor"], vectors: row["vectors"], cores: row["cores"],
          memoryBytes: row["memory_bytes"], operatingSystem: row["operating_system"]),
        backend: row["backend"],
        libraries: try value([String: String].self, row["libraries_json"]),
        threads: row["threads"], quick: row["quick"], seed: UInt64(bitPattern: seed),
        startedAt: row["started_at"], residentBytes: row["resident_bytes"]),
      elapsedSeconds: row["elapsed_seconds"], interrupted: row["interrupted"])
  }
}
