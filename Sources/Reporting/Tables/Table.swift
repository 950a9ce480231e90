/// Rows and columns of a report, before it is known whether they become text, Markdown or CSV.
///
/// Every cell holds both forms: what people read (`4.52 s`) and what programs read (`4.5213`, with
/// the unit in the column's key).
public struct Table: Sendable, Hashable {
  /// Side on which the cells of a column line up.
  public enum Alignment: Sendable, Hashable {
    /// Words.
    case left
    /// Numbers.
    case right
  }

  /// A column.
  public struct Column: Sendable, Hashable {
    /// The name in CSV and JSON: snake case with the unit as suffix, for example `step_s`.
    public var key: String
    /// The heading for people.
    public var title: String
    /// Side on which cells line up.
    public var alignment: Alignment

    /// A column.
    public init(_ key: String, _ title: String, _ alignment: Alignment = .left) {
      self.key = key
      self.title = title
      self.alignment = alignment
    }
  }

  /// A cell.
  public struct Cell: Sendable, Hashable {
    /// For people.
    public var text: String
    /// For programs; `null` where unknown.
    public var value: JSONValue

    /// A cell from both forms.
    public init(text: String, value: JSONValue) {
      self.text = text
      self.value = value
    }

    /// Words.
    public static func words(_ text: String) -> Cell { Cell(text: text, value: .string(text)) }
    /// A whole number.
    public static func integer(_ value: Int) -> Cell {
      Cell(text: Figures.count(value), value: .integer(value))
    }
    /// A number and how people read it.
    public static func number(_ value: Double, _ text: String) -> Cell {
      Cell(text: text, value: .number(value))
    }
    /// Not known, which is not 0.
    public static let unknown = Cell(text: "unknown", value: .null)
    /// Nothing to say.
    public static let empty = Cell(text: "", value: .null)
  }

  /// The columns.
  public var columns: [Column]
  /// The rows, each with one cell per column.
  public var rows: [[Cell]]

  /// A table.
  ///
  /// - Precondition: every row has one cell per column.
  public init(columns: [Column], rows: [[Cell]]) {
    precondition(
      rows.allSatisfy { $0.count == columns.count }, "every row needs one cell per column")
    self.columns = columns
    self.rows = rows
  }

  /// Whether all rows say the same in a column; of unknown columns nothing is said.
  public func isConstant(_ key: String) -> Bool {
    guard let index = columns.firstIndex(where: { $0.key == key }) else { return true }
    return Set(rows.map { $0[index].text }).count <= 1
  }

  /// The table without some columns.
  public func dropping(_ keys: [String]) -> Table {
    let kept = columns.indices.filter { !keys.contains(columns[$0].key) }
    return Table(
      columns: kept.map { columns[$0] }, rows: rows.map { row in kept.map { row[$0] } })
  }

  /// The rows as objects, keyed by column.
  public var json: JSONValue {
    .array(
      rows.map { row in .object(zip(columns, row).map { .init($0.key, $1.value) }) })
  }
}
