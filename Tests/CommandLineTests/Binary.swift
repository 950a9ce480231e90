import Foundation
import TestSupport

/// Runs the built `foretrain` as a user would.
struct Binary {
  /// What a run gave.
  struct Result {
    var status: Int32
    var output: String
    var errors: String

    /// stdout as one JSON object; nil where it is not one.
    var json: [String: Any]? {
      (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any]
    }

    /// What in stdout disagrees with a schema of `schemas/`, and keys that it does not name.
    func problems(with schema: String) throws -> [String] {
      try SchemaValidator(folder: project.appending(path: "schemas"))
        .problems(of: output, schema: schema + ".schema.json")
    }
  }

  /// An empty folder that stands for the user's home.
  let home: URL

  init() throws {
    home = FileManager.default.temporaryDirectory
      .appending(path: "foretrain-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
  }

  /// The project's root: where `models/` and `scenarios/` lie.
  static var project: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  /// The executable beside the test bundle.
  private static var executable: URL {
    let candidates = [
      URL(filePath: CommandLine.arguments.first ?? "").deletingLastPathComponent(),
      project.appending(path: ".build/debug"),
    ]
    return candidates.map { $0.appending(path: "foretrain") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
      ?? project.appending(path: ".build/debug/foretrain")
  }

  /// Runs the command and waits for its end.
  @discardableResult
  func run(_ arguments: [String]) throws -> Result {
    try run(Self.executable, arguments)
  }

  /// Runs the command through a shell, for redirections; its words need no quotes.
  func shell(_ arguments: String, after command: String = "true") throws -> Result {
    try run(
      URL(filePath: "/bin/sh"), ["-c", "\(command); '\(Self.executable.path)' " + arguments])
  }

  /// Runs the command and sends it a signal as soon as `isDue`.
  func run(
    _ arguments: [String], signalling signal: Int32, when isDue: () -> Bool
  ) throws -> Result {
    try run(Self.executable, arguments) { process in
      while process.isRunning, !isDue() { usleep(10_000) }
      if process.isRunning { kill(process.processIdentifier, signal) }
    }
  }

  private func run(
    _ executable: URL, _ arguments: [String], meanwhile: (Process) -> Void = { _ in }
  ) throws -> Result {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = Self.project
    var environment = ProcessInfo.processInfo.environment
    environment["HOME"] = home.path
    environment["XDG_DATA_HOME"] = home.appending(path: "data").path
    environment["XDG_CONFIG_HOME"] = home.appending(path: "config").path
    environment["FORETRAIN_DATA"] = nil
    process.environment = environment
    // Files instead of pipes: nothing can block on a full buffer.
    let output = home.appending(path: "out-\(UUID().uuidString)")
    let errors = home.appending(path: "err-\(UUID().uuidString)")
    for url in [output, errors] {
      _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    meanwhile(process)
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }

  /// Writes a file into the home folder and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    let url = home.appending(path: name)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  /// Text of a file of the project.
  static func projectFile(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: project.appending(path: path)), as: UTF8.self)
  }
}
