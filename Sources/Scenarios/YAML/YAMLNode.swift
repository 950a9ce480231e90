/// A value of a YAML file and where it stands.
///
/// Scalars stay text: what they mean is the reader's question, so that no `no` turns into a
/// Boolean.
public struct YAMLNode: Sendable {
  /// A key with its value.
  public struct Entry: Sendable {
    /// The key.
    public let key: String
    /// Where the key starts.
    public let keyLocation: SourceLocation
    /// The value.
    public let value: YAMLNode
  }

  /// What a node holds.
  public enum Content: Sendable {
    /// Text; `isQuoted` tells `"null"` from `null`.
    case scalar(String, isQuoted: Bool)
    /// Keys with values, in the order of the file.
    case mapping([Entry])
    /// Values in order.
    case list([YAMLNode])
  }

  /// What it holds.
  public let content: Content
  /// Where it starts.
  public let location: SourceLocation

  /// The text of a scalar; nil for mappings and lists.
  public var scalar: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  /// The entries of a mapping; nil otherwise.
  public var entries: [Entry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  /// The items of a list; nil otherwise.
  public var items: [YAMLNode]? {
    if case .list(let items) = content { items } else { nil }
  }

  /// Whether nothing is written: `key:` or `key: null` or `key: ~`.
  public var isNull: Bool {
    if case .scalar(let text, isQuoted: false) = content {
      text.isEmpty || text == "null" || text == "~"
    } else {
      false
    }
  }

  /// What it is, for messages: `a list`, `a mapping`, `'text'`, `nothing`.
  public var kind: String {
    switch content {
    case .scalar(let text, _): isNull ? "nothing" : "'\(text)'"
    case .mapping: "a mapping"
    case .list: "a list"
    }
  }
}
