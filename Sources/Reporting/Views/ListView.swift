/// A list of things that can be looked up: what `foretrain list` and `show` print.
public struct ListView: Sendable {
  private let kind: String
  private let table: Table

  /// A list of `kind`, for example `hardware`, as a table with a column of ids.
  public init(kind: String, table: Table) {
    self.kind = kind
    self.table = table
  }

  /// For a terminal.
  public func text(style: Style = .plain) -> String { table.text(style: style) }
  /// For a page.
  public var markdown: String { table.markdown }
  /// One row per thing.
  public var csv: String { table.csv }
  /// `{"schema_version", "<kind>": [{...}], "provenance"}`.
  public func json(provenance: Provenance) -> String {
    JSONValue.object([
      .init("schema_version", .string(Schema.version)), .init(kind, table.json),
      .init("provenance", provenance.json),
    ]).text
  }
}
