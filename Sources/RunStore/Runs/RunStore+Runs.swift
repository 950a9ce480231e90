import GRDB
public import Measurement

/// One real run, a plan or a check that was worth keeping.
public struct RunRecord: Sendable, Hashable {
  /// What became of a run.
  public enum Status: String, Sendable, Hashable, CaseIterable {
    /// Still running, or killed.
    case started
    /// Ended by itself.
    case finished
    /// Stopped by the user.
    case interrupted
    /// Ended with an error.
    case failed
  }

  /// For example `train`, `validate`, `plan`.
  public var kind: String
  /// The scenario's id.
  public var scenario: String
  /// When it began, ISO 8601, UTC.
  public var startedAt: String
  /// Seconds it took; nil while it runs.
  public var elapsedSeconds: Double?
  /// What became of it.
  public var status: Status
  /// Whatever its kind keeps, as one JSON object.
  public var detail: String

  /// A record.
  public init(
    kind: String, scenario: String, startedAt: String, elapsedSeconds: Double? = nil,
    status: Status, detail: String = "{}"
  ) {
    self.kind = kind
    self.scenario = scenario
    self.startedAt = startedAt
    self.elapsedSeconds = elapsedSeconds
    self.status = status
    self.detail = detail
  }
}

/// The row of a run.
public struct RunID: Sendable, Hashable {
  /// The row's number.
  public let number: Int64

  /// The run in that row.
  public init(number: Int64) { self.number = number }
}

extension RunStore {
  /// Adds a run.
  ///
  /// - Throws: `RunStoreError`.
  public func add(
    _ run: RunRecord, on machine: MachineFingerprint
  ) throws(RunStoreError) -> RunID {
    try write { database in
      try register(machine, database)
      try database.execute(
        sql: """
          INSERT INTO runs
            (machine_id, kind, scenario, started_at, elapsed_seconds, status, detail_json)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          machine.id, run.kind, run.scenario, run.startedAt, run.elapsedSeconds,
          run.status.rawValue, run.detail,
        ])
      return RunID(number: database.lastInsertedRowID)
    }
  }

  /// Says what became of a run.
  ///
  /// - Throws: `RunStoreError`.
  public func update(_ id: RunID, to run: RunRecord) throws(RunStoreError) {
    try write { database in
      try database.execute(
        sql: """
          UPDATE runs SET kind = ?, scenario = ?, started_at = ?, elapsed_seconds = ?, status = ?,
            detail_json = ? WHERE id = ?
          """,
        arguments: [
          run.kind, run.scenario, run.startedAt, run.elapsedSeconds, run.status.rawValue,
          run.detail, id.number,
        ])
    }
  }

  /// The runs of a kind on any machine, oldest first.
  ///
  /// - Throws: `RunStoreError`.
  public func runs(kind: String) throws(RunStoreError) -> [RunRecord] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM runs WHERE kind = ? ORDER BY started_at, id",
        arguments: [kind]
      ).map { row in
        let status: String = row["status"]
        guard let known = RunRecord.Status(rawValue: status) else {
          throw RunStoreError.unreadableRow(path: path, detail: "run status '\(status)'")
        }
        return RunRecord(
          kind: row["kind"], scenario: row["scenario"], startedAt: row["started_at"],
          elapsedSeconds: row["elapsed_seconds"], status: known, detail: row["detail_json"])
      }
    }
  }
}
