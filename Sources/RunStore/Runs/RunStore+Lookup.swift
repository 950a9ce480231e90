import GRDB
public import Measurement

/// A run as stored.
public struct StoredRun: Sendable, Hashable {
  /// Its row.
  public let id: RunID
  /// What it was.
  public let record: RunRecord
  /// The machine that it ran on.
  public let machine: MachineFingerprint
}

extension RunStore {
  /// A run by its number; nil where there is none.
  ///
  /// - Throws: `RunStoreError`.
  public func run(_ id: RunID) throws(RunStoreError) -> StoredRun? {
    try lookUp("WHERE r.id = ?", [id.number]).first
  }

  /// The newest runs of any kind, newest first.
  ///
  /// - Throws: `RunStoreError`.
  public func latestRuns(_ count: Int) throws(RunStoreError) -> [StoredRun] {
    try lookUp("ORDER BY r.id DESC LIMIT ?", [Int64(count)])
  }

  private func lookUp(_ clause: String, _ arguments: [Int64]) throws(RunStoreError) -> [StoredRun] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT r.*, m.processor, m.vectors, m.cores, m.memory_bytes, m.operating_system
          FROM runs r JOIN machines m ON m.id = r.machine_id
          """ + " " + clause, arguments: StatementArguments(arguments)
      ).map { row in
        let status: String = row["status"]
        guard let known = RunRecord.Status(rawValue: status) else {
          throw RunStoreError.unreadableRow(path: path, detail: "run status '\(status)'")
        }
        return StoredRun(
          id: RunID(number: row["id"]),
          record: RunRecord(
            kind: row["kind"], scenario: row["scenario"], startedAt: row["started_at"],
            elapsedSeconds: row["elapsed_seconds"], status: known, detail: row["detail_json"]),
          machine: MachineFingerprint(
            processor: row["processor"], vectors: row["vectors"], cores: row["cores"],
            memoryBytes: row["memory_bytes"], operatingSystem: row["operating_system"]))
      }
    }
  }
}
