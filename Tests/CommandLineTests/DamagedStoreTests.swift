import Foundation
import Testing

/// A database that is damaged or in use is said clearly, and nothing in it is lost.
struct DamagedStoreTests {
  /// A home whose database holds `bytes`.
  private func home(_ bytes: Data) throws -> (binary: Binary, file: URL) {
    let binary = try Binary()
    let folder = binary.home.appending(path: "data/foretrain")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: "foretrain.sqlite")
    try bytes.write(to: file)
    return (binary, file)
  }

  private let damaged = Data("SQLite format 3\u{0}".utf8 + [UInt8](repeating: 7, count: 9000))

  @Test(arguments: [["explain", "1"], ["bench", "--quick", "--budget", "1"]])
  func commandsThatNeedItFail(arguments: [String]) throws {
    let (binary, file) = try home(damaged)
    let result = try binary.run(arguments)
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.errors.contains("is damaged"), "\(result.errors)")
    #expect(result.errors.contains("move it away"), "\(result.errors)")
    #expect(try Data(contentsOf: file) == damaged)
  }

  @Test func trainingGoesOnWithoutIt() throws {
    let (binary, file) = try home(damaged)
    let result = try binary.run(["train", "tiny-clip", "--steps", "1", "--format", "json"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("is damaged"), "\(result.errors)")
    #expect(result.json?["steps"] as? Int == 1)
    #expect(try Data(contentsOf: file) == damaged)
  }

  @Test func commandsThatDoNotNeedItAreUntouched() throws {
    let (binary, file) = try home(damaged)
    for arguments in [
      ["estimate", "eva02-clip-b16"], ["explain", "eva02-clip-b16", "mfu"], ["list", "hardware"],
    ] {
      #expect(try binary.run(arguments).status == 0, "\(arguments)")
    }
    #expect(try Data(contentsOf: file) == damaged)
  }
}
