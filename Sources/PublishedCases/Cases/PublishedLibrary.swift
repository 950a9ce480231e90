import Foundation
public import Scenarios

/// The published cases that come with the program.
public struct PublishedLibrary: Sendable {
  private let loader: ScenarioLoader

  /// The library in the loader's data folders.
  public init(loader: ScenarioLoader) { self.loader = loader }

  /// The cases of a file, or of all files of `scenarios/published/` in the order of their names.
  ///
  /// - Throws: `MissingFile` where there is no such file, `FileErrors` where one cannot be read.
  public func cases(at path: String?) throws -> [PublishedCase] {
    if let path { return try CaseReader.read(path: path) }
    for folder in loader.data.folders("scenarios/published") {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let files = names.filter { $0.hasSuffix(".jsonl") }.sorted()
      guard !files.isEmpty else { continue }
      return try files.flatMap { try CaseReader.read(path: folder + "/" + $0) }
    }
    throw MissingFile(
      path: "scenarios/published", reason: "no data folder holds it; name a file with --cases")
  }
}
