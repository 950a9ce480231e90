import GRDB

/// The tables of the store, as a history that only grows.
enum Migrations {
  /// Marks a file as ours: `fore` in ASCII.
  static let applicationID: Int32 = 0x666f_7265

  /// All migrations, oldest first.
  ///
  /// A published one never changes.
  static var all: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1") { database in
      try database.execute(sql: version1)
      try database.execute(sql: "PRAGMA application_id = \(applicationID)")
    }
    migrator.registerMigration("v2") { try $0.execute(sql: version2) }
    return migrator
  }

  /// Strict tables: SQLite itself refuses a text where a number belongs.
  private static let version1 = """
    CREATE TABLE machines (
      id TEXT NOT NULL PRIMARY KEY,
      processor TEXT NOT NULL,
      vectors TEXT NOT NULL,
      cores INTEGER NOT NULL,
      memory_bytes INTEGER NOT NULL,
      operating_system TEXT NOT NULL
    ) STRICT;

    CREATE TABLE bench_sessions (
      id INTEGER NOT NULL PRIMARY KEY,
      machine_id TEXT NOT NULL REFERENCES machines(id),
      backend TEXT NOT NULL,
      libraries_json TEXT NOT NULL,
      threads INTEGER NOT NULL,
      quick INTEGER NOT NULL,
      seed INTEGER NOT NULL,
      started_at TEXT NOT NULL,
      resident_bytes INTEGER,
      elapsed_seconds REAL,
      interrupted INTEGER
    ) STRICT;
    CREATE INDEX bench_sessions_by_machine ON bench_sessions(machine_id);

    CREATE TABLE samples (
      session_id INTEGER NOT NULL REFERENCES bench_sessions(id) ON DELETE CASCADE,
      sequence INTEGER NOT NULL,
      kernel TEXT NOT NULL,
      shape TEXT NOT NULL,
      backend TEXT NOT NULL,
      role TEXT NOT NULL,
      item_json TEXT NOT NULL,
      calls INTEGER NOT NULL,
      seconds REAL NOT NULL,
      start_seconds REAL NOT NULL,
      reference_before_seconds REAL NOT NULL,
      reference_after_seconds REAL NOT NULL,
      PRIMARY KEY (session_id, sequence)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE fits (
      id INTEGER NOT NULL PRIMARY KEY,
      session_id INTEGER NOT NULL REFERENCES bench_sessions(id) ON DELETE CASCADE,
      constants_json TEXT NOT NULL,
      held_out_error REAL NOT NULL
    ) STRICT;
    CREATE INDEX fits_by_session ON fits(session_id);

    CREATE TABLE profiles (
      id INTEGER NOT NULL PRIMARY KEY,
      session_id INTEGER NOT NULL REFERENCES bench_sessions(id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      format TEXT NOT NULL,
      text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX profiles_by_session ON profiles(session_id);

    CREATE TABLE runs (
      id INTEGER NOT NULL PRIMARY KEY,
      machine_id TEXT NOT NULL REFERENCES machines(id),
      kind TEXT NOT NULL,
      scenario TEXT NOT NULL,
      started_at TEXT NOT NULL,
      elapsed_seconds REAL,
      status TEXT NOT NULL,
      detail_json TEXT NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_kind ON runs(kind, started_at);
    """

  /// Steps of training runs.
  private static let version2 = """
    CREATE TABLE run_steps (
      run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      seconds REAL NOT NULL,
      loss REAL NOT NULL,
      gradient_norm REAL NOT NULL,
      learning_rate REAL NOT NULL,
      gamma REAL NOT NULL,
      detail_json TEXT NOT NULL,
      PRIMARY KEY (run_id, step)
    ) STRICT, WITHOUT ROWID;
    """
}
