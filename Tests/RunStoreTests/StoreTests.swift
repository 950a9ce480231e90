import Foundation
import Measurement
import RunStore
import Testing

@Suite("The store keeps what it is given")
struct StoreTests {
  @Test("sessions and samples come back bit for bit, also after reopening")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let written = samples(0..<20)
    let id: SessionID
    do {
      let store = try RunStore(path: folder.database)
      id = try store.begin(session())
      try store.append(Array(written[..<7]), to: id)
      try store.append(Array(written[7...]), to: id)
      try store.finish(id, elapsedSeconds: 2.5, interrupted: false)
    }
    let store = try RunStore(path: folder.database)
    #expect(try store.samples(of: id) == written)
    let sessions = try store.sessions(of: machine)
    #expect(sessions.map(\.id) == [id])
    #expect(sessions[0].session == session())
    #expect(sessions[0].elapsedSeconds == 2.5)
    #expect(sessions[0].interrupted == false)
  }

  @Test("migrations run once, however often the store is opened")
  func migrations() throws {
    let folder = try TemporaryFolder()
    for _ in 0..<3 {
      let store = try RunStore(path: folder.database)
      #expect(try store.schemaVersions() == ["v1", "v2"])
      _ = try store.begin(session())
    }
    #expect(try RunStore(path: folder.database).sessions(of: machine).count == 3)
  }

  @Test("the newest fit of this machine is found, by threads and library, and no other machine's")
  func latestFit() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.database)
    #expect(try store.latestFit(of: machine) == nil)
    var other = machine
    other.cores = 64
    let cases = [
      (session(), 1e-11), (session(threads: 1), 2e-11), (session(backend: "onednn"), 3e-12),
      (session(on: other), 9e-13),
    ]
    var results: [BenchResult] = []
    for (session, perFlop) in cases {
      let result = try result(for: session, perFlop: perFlop)
      try store.finish(store.begin(session), with: result)
      results.append(result)
    }
    #expect(try store.latestFit(of: machine)?.fit == results[2].fit)
    #expect(try store.latestFit(of: machine, threads: 1)?.fit == results[1].fit)
    #expect(try store.latestFit(of: machine, backend: "openblas")?.fit == results[1].fit)
    #expect(
      try store.latestFit(of: machine, threads: 2, backend: "openblas")?.fit == results[0].fit)
    #expect(try store.latestFit(of: machine, threads: 7) == nil)
    let found = try #require(try store.latestFit(of: other))
    #expect(found.fit == results[3].fit)
    #expect(found.session.session.machine == other)
    let short = try result(for: session(), perFlop: 5e-10, interrupted: true)
    try store.finish(store.begin(session()), with: short)
    #expect(try store.latestFit(of: machine)?.fit == results[2].fit, "a bench that was cut short")
  }

  @Test("profiles and runs come back")
  func profilesAndRuns() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.database)
    let id = try store.begin(session())
    try store.saveProfile(name: "this-machine", format: "yaml", text: "old", of: id)
    try store.saveProfile(name: "this-machine", format: "yaml", text: "id: x\n", of: id)
    let newest = try #require(try store.latestProfile(name: "this-machine", of: machine))
    #expect(newest.text == "id: x\n" && newest.format == "yaml")
    #expect(newest.name == "this-machine")
    #expect(try store.latestProfile(name: "other", of: machine) == nil)

    var run = RunRecord(
      kind: "train", scenario: "tiny", startedAt: "2026-01-02T03:04:05Z", status: .started)
    let row = try store.add(run, on: machine)
    #expect(try store.runs(kind: "train") == [run])
    run.status = .finished
    run.elapsedSeconds = 12.5
    run.detail = #"{"steps": 10}"#
    try store.update(row, to: run)
    #expect(try store.runs(kind: "train") == [run])
    #expect(try store.runs(kind: "plan").isEmpty)
  }

  @Test("steps of a run come back as they were, and a step that runs again replaces its row")
  func steps() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.database)
    let run = try store.add(
      RunRecord(kind: "train", scenario: "tiny", startedAt: "2026", status: .started),
      on: machine)
    var steps = (1...3).map {
      RunStep(
        step: $0, seconds: 0.25, loss: 1 / Double($0), gradientNorm: 2, learningRate: 1e-3,
        gamma: 1, terms: ["clean contrastive": 0.1 + 0.2], comparison: [0: 0.5, 11: 1e-9],
        selection: [3, 11])
    }
    try store.append(Array(steps.prefix(2)), to: run)
    try store.append([steps[2]], to: run)
    #expect(try store.steps(of: run) == steps)
    steps[1].loss = 9
    try store.append([steps[1]], to: run)
    #expect(try RunStore(path: folder.database).steps(of: run) == steps)
    #expect(try store.steps(of: RunID(number: run.number + 1)).isEmpty)
  }

  @Test("a bench writes its samples while it runs: an interruption loses none")
  func interruption() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.database)
    var sink = StoringSink(store)
    try sink.begin(session())
    let id = try #require(sink.session)
    for start in stride(from: 0, to: 30, by: 10) {
      try sink.record(samples(start..<start + 10))
      // Another process sees every committed sample while the first still runs.
      let reader = try RunStore(path: folder.database)
      #expect(try reader.samples(of: id).count == start + 10)
    }
    let reader = try RunStore(path: folder.database)
    #expect(try reader.sessions(of: machine).first?.interrupted == nil)
  }
}

@Suite("The data folder")
struct DataFolderTests {
  @Test("follows XDG_DATA_HOME, ignores a relative one, falls back to the home folder")
  func paths() throws {
    func path(_ environment: [String: String]) -> String {
      DataFolder(environment: environment, home: "/home/nobody").database
    }
    #expect(path(["XDG_DATA_HOME": "/data/"]) == "/data/foretrain/foretrain.sqlite")
    #expect(
      path(["XDG_DATA_HOME": "data", "HOME": "/home/ada"])
        == "/home/ada/.local/share/foretrain/foretrain.sqlite")
    #expect(path([:]) == "/home/nobody/.local/share/foretrain/foretrain.sqlite")
    let folder = try TemporaryFolder()
    let data = DataFolder(environment: ["XDG_DATA_HOME": folder.url.path + "/a/b"])
    try data.create()
    try data.create()
    #expect(FileManager.default.fileExists(atPath: data.path))
    try Data().write(to: folder.url.appendingPathComponent("file"))
    #expect(throws: RunStoreError.self) {
      try DataFolder(environment: ["XDG_DATA_HOME": folder.url.path + "/file"]).create()
    }
  }
}
