import Foundation
import GRDB
import Measurement
import RunStore
import Testing

@Suite("A store that cannot be used says why, and is left as it is")
struct DamageTests {
  @Test("a file that is no database")
  func notADatabase() throws {
    let folder = try TemporaryFolder()
    let garbage = Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) })
    try garbage.write(to: URL(fileURLWithPath: folder.database))
    let error = #expect(throws: RunStoreError.self) { try RunStore(path: folder.database) }
    guard case .corrupt(folder.database, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.database)) == garbage)
  }

  @Test("a database with overwritten pages")
  func corruptPages() throws {
    let folder = try TemporaryFolder()
    let id: SessionID
    do {
      let store = try RunStore(path: folder.database)
      id = try store.begin(session())
      try store.append(samples(0..<500), to: id)
    }
    // The log is folded into the file when the last connection closes.
    var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.database))
    try #require(bytes.count > 100_000)
    bytes.replaceSubrange(
      65_536..<bytes.count, with: repeatElement(0xa5, count: bytes.count - 65_536))
    try bytes.write(to: URL(fileURLWithPath: folder.database))
    let error = #expect(throws: RunStoreError.self) {
      let store = try RunStore(path: folder.database)
      _ = try store.samples(of: id)
    }
    guard case .corrupt = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("a database that another process holds")
  func locked() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.database, patience: 0.05)
    let id = try store.begin(session())
    let other = try DatabaseQueue(path: folder.database)
    try other.inDatabase { database in
      try database.execute(sql: "BEGIN IMMEDIATE")
      #expect(throws: RunStoreError.locked(path: folder.database)) {
        try store.append(samples(0..<1), to: id)
      }
      try database.execute(sql: "COMMIT")
    }
    try store.append(samples(0..<1), to: id)
    #expect(try store.samples(of: id).count == 1)
  }

  @Test("a database of a newer version")
  func newerSchema() throws {
    let folder = try TemporaryFolder()
    _ = try RunStore(path: folder.database)
    try DatabaseQueue(path: folder.database).write { database in
      try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('v8'), ('v9')")
    }
    #expect(throws: RunStoreError.newerSchema(path: folder.database, unknown: ["v8", "v9"])) {
      try RunStore(path: folder.database)
    }
  }

  @Test("a database of another program")
  func foreign() throws {
    let folder = try TemporaryFolder()
    try DatabaseQueue(path: folder.database).write { database in
      try database.execute(sql: "CREATE TABLE recipes (name TEXT)")
    }
    #expect(throws: RunStoreError.foreign(path: folder.database)) {
      try RunStore(path: folder.database)
    }
    let tables = try DatabaseQueue(path: folder.database).read { database in
      try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    #expect(tables == ["recipes"])
  }

  @Test("a full disk keeps what was written before")
  func fullDisk() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.database, patience: 1, mostPages: 40)
    let id = try store.begin(session())
    try store.append(samples(0..<50), to: id)
    #expect(throws: RunStoreError.diskFull(path: folder.database)) {
      try store.append(samples(50..<5000), to: id)
    }
    #expect(try store.samples(of: id) == samples(0..<50))
    let again = try RunStore(path: folder.database)
    #expect(try again.samples(of: id) == samples(0..<50))
  }

  @Test("a path that cannot be opened, and a row that nobody here wrote")
  func others() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: folder.url.appendingPathComponent("file"))
    #expect(throws: RunStoreError.self) {
      try RunStore(path: folder.url.path + "/file/store.sqlite")
    }
    let store = try RunStore(path: folder.database)
    let id = try store.begin(session())
    try store.append(samples(0..<1), to: id)
    try DatabaseQueue(path: folder.database).write { database in
      try database.execute(sql: "UPDATE samples SET item_json = '{}'")
    }
    let error = #expect(throws: RunStoreError.self) { try store.samples(of: id) }
    guard case .unreadableRow = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("every message names the file and says what to do")
  func messages() {
    let all: [RunStoreError] = [
      .corrupt(path: "/p", detail: "d"), .foreign(path: "/p"), .locked(path: "/p"),
      .newerSchema(path: "/p", unknown: ["v9"]), .diskFull(path: "/p"), .readOnly(path: "/p"),
      .cannotOpen(path: "/p", detail: "d"), .unreadableRow(path: "/p", detail: "d"),
      .database(path: "/p", detail: "d"),
    ]
    #expect(all.allSatisfy { $0.description.contains("'/p'") })
    #expect(Set(all.map(\.description)).count == all.count)
    #expect(all[3].description.contains("v9"))
  }
}
