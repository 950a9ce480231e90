private import Foundation

/// The lines of a merges file.
struct MergesFile {
  struct Merge {
    var line: Int
    var left: String
    var right: String
  }

  var merges: [Merge] = []

  /// Reads the header and at most `limit` merges; lines without text are passed over.
  init(path: String, limit: Int) throws(TrainingDataError) {
    let lines = try TextFile.lines(of: path)
    var problems = FileProblems(file: path)
    if !(lines.first?.contains("#version") ?? false) {
      problems.add(line: 1, "the first line must be the header, with \"#version\"")
    }
    var seen: Set<String> = []
    for (index, line) in lines.enumerated().dropFirst() where merges.count < limit {
      guard !line.isEmpty else { continue }
      let parts = line.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
        problems.add(line: index + 1, "a merge is two symbols with a space between: \"\(line)\"")
        continue
      }
      guard seen.insert(line).inserted else {
        problems.add(line: index + 1, "the merge \"\(line)\" stands here for the second time")
        continue
      }
      merges.append(Merge(line: index + 1, left: String(parts[0]), right: String(parts[1])))
    }
    try problems.check()
  }
}

/// A `vocab.json`.
enum VocabularyFile {
  /// Symbols and their ids: every id from 0 on once, every byte in both forms, start and end.
  static func symbols(of path: String) throws(TrainingDataError) -> [String: Int32] {
    let bytes = try TextFile.bytes(of: path)
    let ids: [String: Int32]
    do {
      ids = try JSONDecoder().decode([String: Int32].self, from: Data(bytes))
    } catch {
      throw .malformed([
        FileProblem(file: path, text: "not a JSON object from symbol to id: \(Self.reason(error))")
      ])
    }
    var problems = FileProblems(file: path)
    var owners: [Int32: String] = [:]
    for (symbol, id) in ids.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
      if id < 0 || Int(id) >= ids.count {
        problems.add("\"\(symbol)\" has id \(id); \(ids.count) symbols need 0 to \(ids.count - 1)")
      }
      if let owner = owners.updateValue(symbol, forKey: id) {
        problems.add("\"\(owner)\" and \"\(symbol)\" both have id \(id)")
      }
    }
    let bytesNeeded = BytePairs.alphabet.map { String($0.character) }
    let needed = bytesNeeded + bytesNeeded.map { $0 + BytePairs.wordEnd }
    for symbol in needed + [CLIPWords.start, CLIPWords.end] where ids[symbol] == nil {
      problems.add("\"\(symbol)\" is missing")
    }
    try problems.check()
    return ids
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context), .dataCorrupted(let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      let cause = context.underlyingError.map { " (\($0))" } ?? ""
      return (path.isEmpty ? "" : "\"\(path)\": ") + context.debugDescription + cause
    @unknown default: return "\(error)"
    }
  }
}
