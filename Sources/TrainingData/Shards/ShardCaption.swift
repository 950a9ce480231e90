private import Foundation

extension ShardGroup {
  /// What a group's caption is.
  enum Caption {
    /// There is one; at most `ShardSettings.captionCharacters` long.
    case text(String)
    /// There is none.
    case missing
    /// The file that should hold it does not.
    case damaged(entry: String, reason: String)
  }

  /// The text file, or "caption" in the JSON file where there is no text file.
  var caption: Caption {
    if let text {
      guard let words = String(validating: text.bytes, as: UTF8.self) else {
        return .damaged(entry: text.entry, reason: "not UTF-8")
      }
      return Self.trimmed(words)
    }
    guard let json else { return .missing }
    guard let object = try? JSONSerialization.jsonObject(with: Data(json.bytes)),
      let fields = object as? [String: Any]
    else { return .damaged(entry: json.entry, reason: "not a JSON object") }
    switch fields["caption"] {
    case nil, is NSNull: return .missing
    case let words as String: return Self.trimmed(words)
    default: return .damaged(entry: json.entry, reason: "\"caption\" is not a string")
    }
  }

  private static func trimmed(_ text: String) -> Caption {
    let words = text.trimmingCharacters(in: .whitespacesAndNewlines)
    let kept = String(words.prefix(ShardSettings.captionCharacters))
    return kept.isEmpty ? .missing : .text(kept)
  }
}
