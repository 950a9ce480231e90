import Foundation
import GRDB

/// The user's database: machines, bench sessions with every sample, fits, profiles and runs.
///
/// One SQLite file in WAL mode: a killed process loses nothing that was committed, and readers do
/// not wait for a writer. Every method is one transaction: it happens whole or not at all.
public final class RunStore: Sendable {
  /// Path of the file.
  public let path: String
  private let queue: DatabaseQueue

  /// Opens the store, making file and folder where they are missing, and brings its tables up to
  /// date.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - patience: seconds to wait for another process before `locked` is thrown.
  /// - Throws: `RunStoreError`. The file is never deleted or repaired behind the user's back.
  public convenience init(path: String, patience: Double = 5) throws(RunStoreError) {
    try self.init(path: path, patience: patience, mostPages: nil)
  }

  /// Opens a store that refuses to grow beyond so many pages, as on a full disk.
  package init(path: String, patience: Double, mostPages: Int?) throws(RunStoreError) {
    self.path = path
    var configuration = Configuration()
    configuration.label = "foretrain store"
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(patience)
    configuration.foreignKeysEnabled = true
    do {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try Self.check(queue, path: path)
      try Migrations.all.migrate(queue)
      if let mostPages {
        try queue.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = \(mostPages)") }
      }
      self.queue = queue
    } catch {
      throw RunStoreError(error, path: path)
    }
  }

  /// Refuses files of other programs and of newer versions before anything is changed in them.
  private static func check(_ queue: DatabaseQueue, path: String) throws {
    let migrator = Migrations.all
    try queue.read { database in
      let tables = try Int.fetchOne(
        database, sql: "SELECT count(*) FROM sqlite_master WHERE type = 'table'")
      let owner = try Int32.fetchOne(database, sql: "PRAGMA application_id")
      guard (tables ?? 0) > 0 else { return }
      guard owner == Migrations.applicationID else { throw RunStoreError.foreign(path: path) }
      let unknown = try migrator.appliedIdentifiers(database).subtracting(migrator.migrations)
      guard unknown.isEmpty else {
        throw RunStoreError.newerSchema(path: path, unknown: unknown.sorted())
      }
    }
  }

  /// The migrations that this file has been through.
  ///
  /// - Throws: `RunStoreError`.
  public func schemaVersions() throws(RunStoreError) -> [String] {
    try read { try Migrations.all.appliedMigrations($0) }
  }

  // MARK: Transactions

  func read<Value>(_ body: (Database) throws -> Value) throws(RunStoreError) -> Value {
    do { return try queue.read(body) } catch { throw RunStoreError(error, path: path) }
  }

  func write<Value>(_ body: (Database) throws -> Value) throws(RunStoreError) -> Value {
    do { return try queue.write(body) } catch { throw RunStoreError(error, path: path) }
  }

  // MARK: Values in columns

  func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  func value<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw RunStoreError.unreadableRow(path: path, detail: "\(error)")
    }
  }
}
