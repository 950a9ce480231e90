import Foundation
import Testing

/// Texts that are compared byte by byte with files of this folder.
///
/// `RECORD_GOLDENS=1` writes them anew and fails, so that nobody records by accident.
enum Goldens {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Goldens")
  static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func expect(
    _ text: String, equals name: String, location: SourceLocation = #_sourceLocation
  ) throws {
    let file = folder.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] != nil {
      try Data(text.utf8).write(to: file)
      Issue.record("recorded \(name)", sourceLocation: location)
      return
    }
    let golden = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    guard golden != text else { return }
    let pair = zip(golden.split(separator: "\n"), text.split(separator: "\n")).first { $0 != $1 }
    Issue.record(
      "\(name) differs, first here:\n- \(pair?.0 ?? "(length)")\n+ \(pair?.1 ?? "(length)")",
      sourceLocation: location)
  }
}
