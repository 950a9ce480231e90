import Foundation
import Planning
import Reporting
import Testing

@Suite("Writing files completely or not at all")
struct AtomicWriterTests {
  /// A fresh folder, removed afterwards.
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("foretrain-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  /// Names and contents of a folder's files.
  private func contents(_ folder: String) throws -> [String: String] {
    var all: [String: String] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      all[name] = (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)) ?? "(folder)"
    }
    return all
  }

  @Test("A report arrives whole, beside files that are not its own")
  func writes() throws {
    try withFolder { folder in
      try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/notes.txt"))
      let report = Samples.report()
      let paths = try report.write(to: folder)
      #expect(paths == report.files.map { folder + "/" + $0.name })
      var expected = Dictionary(
        uniqueKeysWithValues: report.files.map { ($0.name, $0.contents) })
      expected["notes.txt"] = "mine"
      #expect(try contents(folder) == expected)
    }
  }

  @Test("The folder and its parents are made")
  func makesFolders() throws {
    try withFolder { folder in
      let paths = try Samples.report().write(to: folder + "/a/b")
      #expect(paths.allSatisfy { FileManager.default.fileExists(atPath: $0) })
    }
  }

  @Test("Charts of an earlier report that this one lacks are removed")
  func stale() throws {
    try withFolder { folder in
      _ = try Samples.report().write(to: folder)
      let bare = Report(
        scenario: Samples.scenario(), estimate: Samples.estimate(), plan: nil, baselines: [],
        comparison: [], provenance: Samples.provenance)
      _ = try bare.write(to: folder)
      #expect(try contents(folder).keys.sorted() == bare.files.map(\.name).sorted())
    }
  }

  @Test("A failure in the middle puts every old file back and leaves nothing behind")
  func rollsBack() throws {
    try withFolder { folder in
      _ = try Samples.report().write(to: folder)
      // A folder in the place of a late file: its rename fails after others have worked.
      let blocked = folder + "/plans.svg"
      try FileManager.default.removeItem(atPath: blocked)
      try FileManager.default.createDirectory(
        atPath: blocked + "/full", withIntermediateDirectories: true)
      let before = try contents(folder)
      let other = Samples.report(title: "another title")
      #expect {
        try other.write(to: folder)
      } throws: { error in
        let error = error as? WriteError
        return error?.step == .replace && error?.path == blocked
      }
      #expect(try contents(folder) == before)
    }
  }

  @Test("A first report that fails leaves an empty folder")
  func nothingNew() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "/memory.svg/full", withIntermediateDirectories: true)
      #expect(throws: WriteError.self) { try Samples.report().write(to: folder) }
      #expect(try contents(folder).keys.sorted() == ["memory.svg"])
    }
  }

  @Test("A folder that cannot be made is a typed error with the system's reason")
  func noFolder() throws {
    try withFolder { folder in
      let file = folder + "/file"
      try AtomicWriter.write("text", to: file)
      #expect {
        try Samples.report().write(to: file + "/below")
      } throws: { error in
        let error = error as? WriteError
        return error?.step == .makeFolder && error?.path == file + "/below"
          && error?.description.contains("cannot make the folder") == true
      }
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "text")
    }
  }

  @Test(
    "An unwritable folder is a typed error",
    .enabled(if: getuid() != 0, "the superuser may write everywhere"))
  func unwritable() throws {
    try withFolder { folder in
      _ = try Samples.report().write(to: folder)
      let before = try contents(folder)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o555], ofItemAtPath: folder)
      defer {
        try? FileManager.default.setAttributes(
          [.posixPermissions: 0o755], ofItemAtPath: folder)
      }
      #expect(throws: WriteError.self) {
        try Samples.report(title: "other").write(to: folder)
      }
      #expect(try contents(folder) == before)
    }
  }

  @Test("A file system that takes no files is a typed error")
  func noWrites() throws {
    #expect(throws: WriteError.self) {
      try AtomicWriter.write("text", to: "/proc/foretrain.txt")
    }
  }

  @Test("A name that the file system refuses leaves nothing behind")
  func refusedName() throws {
    try withFolder { folder in
      #expect {
        try AtomicWriter.write(
          "text", to: folder + "/" + String(repeating: "n", count: 300))
      } throws: { ($0 as? WriteError)?.step == .write }
      let left = try contents(folder)
      #expect(left.isEmpty)
    }
  }

  @Test("What a killed process left is swept away, what a living one is writing is not")
  func sweeps() throws {
    try withFolder { folder in
      // No process has the largest number; process 1 always lives.
      for owner in ["2147483646", "1", "x"] {
        try FileManager.default.createDirectory(
          atPath: folder + "/.foretrain-\(owner)", withIntermediateDirectories: true)
      }
      try AtomicWriter.write("text", to: folder + "/out.json")
      #expect(try contents(folder).keys.sorted() == [".foretrain-1", ".foretrain-x", "out.json"])
    }
  }

  @Test("A file is replaced in one step")
  func replaces() throws {
    try withFolder { folder in
      let path = folder + "/out.json"
      try AtomicWriter.write("first", to: path)
      try AtomicWriter.write("second", to: path)
      #expect(try contents(folder) == ["out.json": "second"])
    }
  }
}
