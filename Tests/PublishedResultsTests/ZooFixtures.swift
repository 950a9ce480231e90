import Foundation
import Scenarios
import Testing

/// The model files of the project and the tables that they are compared with.
enum Zoo {
  static let project = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  static let catalog = ModelCatalog(folders: [path(project.appending(path: "models"))])

  static func path(_ url: URL) -> String { url.path(percentEncoded: false) }

  /// The rows of a table, by column name.
  ///
  /// No field holds a comma.
  static func table(_ name: String) throws -> [[String: String]] {
    let text = try String(contentsOf: fixtures.appending(path: name), encoding: .utf8)
    let lines = text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try #require(lines.first)
    return try lines.dropFirst().map { fields in
      try #require(fields.count == header.count, "\(name): \(fields)")
      return Dictionary(uniqueKeysWithValues: zip(header, fields))
    }
  }

  static func integer(_ row: [String: String], _ column: String) throws -> Int {
    try #require(row[column].flatMap { Int($0) }, "\(column) in \(row)")
  }

  static func name(_ row: [String: String]) throws -> String { try #require(row["model"]) }
}
