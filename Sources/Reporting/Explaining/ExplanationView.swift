public import CostModel
import Quantities

/// One figure of an estimate: its formula, what it is made of, and what it rests on.
public struct ExplanationView: Sendable {
  private let subject: String
  private let figure: Figure
  private let book: FigureBook
  private let influences: [Influence]
  private let basis: [MeasuredBasis]
  private let depth: Int

  /// A view of a figure.
  ///
  /// - Parameters:
  ///   - subject: the scenario.
  ///   - figure: one of `book`.
  ///   - book: all figures.
  ///   - influences: of the inputs, each on this figure.
  ///   - basis: samples and fits behind measured inputs.
  ///   - depth: how many levels of figures are shown.
  public init(
    subject: String, figure: Figure, book: FigureBook, influences: [Influence],
    basis: [MeasuredBasis] = [], depth: Int = 2
  ) {
    self.subject = subject
    self.figure = figure
    self.book = book
    self.influences = influences.sorted(by: Influence.isStronger)
    self.basis = basis
    self.depth = depth
  }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    var output = style.paint("\(figure.path) = \(Self.value(figure))", .heading) + "\n"
    output += "  \(figure.meaning), of \(subject)\n\n"
    output += "  = \(Self.cut(figure.expression.symbols))\n"
    output += "  = \(Self.cut(figure.expression.numbers))\n"
    if !parts.rows.isEmpty {
      output += "\n" + style.paint("Made of", .heading) + "\n"
      output += parts.text(style: style, indentation: 2)
    }
    output += "\n" + style.paint("Rests on", .heading) + "\n"
    output +=
      influences.isEmpty
      ? "  no number of the profile, the stack or the scenario moves it\n"
      : restsOn(least: Self.leastEffect).text(style: style, indentation: 2) + fainter
        + "  Effect: per cent of the figure for one per cent of the input; * is assumed.\n"
    for line in basis { output += "  measured: \(line.line)\n" }
    return output
  }

  /// For a page.
  public var markdown: String {
    var output = "## \(Markdown.escaped(figure.path)) = \(Markdown.escaped(Self.value(figure)))\n\n"
    output += Markdown.escaped("\(figure.meaning), of \(subject)") + "\n\n"
    output += "- " + Markdown.escaped("= " + Self.cut(figure.expression.symbols)) + "\n"
    output += "- " + Markdown.escaped("= " + Self.cut(figure.expression.numbers)) + "\n"
    if !parts.rows.isEmpty { output += "\n### Made of\n\n" + parts.markdown }
    if !influences.isEmpty { output += "\n### Rests on\n\n" + restsOn().markdown }
    return output
  }

  /// What the figure rests on, one row for each input.
  public var csv: String { restsOn().csv }

  /// The object of `--format json`.
  public func json(provenance: Provenance) -> String {
    JSONValue.object([
      .init("schema_version", .string(Schema.version)), .init("subject", .string(subject)),
      .init("path", .string(figure.path)), .init("value", .number(figure.value)),
      .init("unit", .string(figure.unit)), .init("meaning", .string(figure.meaning)),
      .init("formula", .string(figure.expression.symbols)),
      .init("numbers", .string(figure.expression.numbers)),
      .init("made_of", .array(tree(of: figure, depth: depth).map(\.json))),
      .init("rests_on", .array(influences.map(\.json))),
      .init("measured", .array(basis.map(\.json))), .init("provenance", provenance.json),
    ]).text
  }

  // MARK: Tables

  private struct Row {
    var level: Int
    var name: String
    var value: Double
    var unit: String
    var formula: String

    var json: JSONValue {
      [
        "level": .integer(level), "name": .string(name), "value": .number(value),
        "unit": .string(unit), "formula": .string(formula),
      ]
    }
  }

  /// The parts of a figure, and theirs.
  private func tree(of figure: Figure, depth: Int, level: Int = 0) -> [Row] {
    guard depth > 0 else { return [] }
    return figure.expression.leaves.flatMap { leaf -> [Row] in
      let name = leaf.name ?? ""
      guard case .figure = leaf, let part = book[name] else {
        let isInput = if case .input = leaf { true } else { false }
        return [
          Row(
            level: level, name: name, value: leaf.value, unit: "",
            formula: isInput ? said(of: name) : "counted in the step program")
        ]
      }
      return [
        Row(
          level: level, name: name, value: part.value, unit: part.unit,
          formula: "= " + part.expression.symbols)
      ] + tree(of: part, depth: depth - 1, level: level + 1)
    }
  }

  /// What the file says of an input.
  private func said(of name: String) -> String {
    guard let found = influences.first(where: { $0.input == name }) else { return "base units" }
    return "\(found.markedText), \(found.origin.rawValue)"
  }

  /// Most rows of a table for people: a step has hundreds of kernels.
  private static let mostRows = 40

  private var parts: Table {
    let all = tree(of: figure, depth: depth)
    // The largest of each level are worth reading.
    let shown =
      all.count <= Self.mostRows
      ? all : Array(tree(of: figure, depth: 1).sorted { $0.value > $1.value }.prefix(Self.mostRows))
    var rows = shown.map { row -> [Table.Cell] in
      [
        .words(String(repeating: "  ", count: row.level) + row.name),
        .number(row.value, Self.number(row.value, row.unit)), .words(Self.cut(row.formula, 72)),
      ]
    }
    if shown.count < all.count {
      rows.append([.words("... \(all.count - shown.count) more"), .empty, .words("--format json")])
    }
    return Table(
      columns: [
        .init("part", "part"), .init("value", "value", .right), .init("formula", "formula"),
      ], rows: rows)
  }

  /// Weaker effects stand in JSON and CSV alone.
  private static let leastEffect = 0.0005

  private var fainter: String {
    let count = influences.count { $0.elasticity.magnitude < Self.leastEffect }
    return count == 0 ? "" : "  \(count) more with an effect below 0.0005: see --format json.\n"
  }

  private func restsOn(least: Double = 0) -> Table {
    Table(
      columns: [
        .init("elasticity", "effect", .right), .init("input", "input"), .init("value", "value"),
        .init("origin", "origin"), .init("source", "source"),
      ],
      rows: influences.filter { $0.elasticity.magnitude >= least }.map {
        [
          .number($0.elasticity, $0.elasticityText), .words($0.input), .words($0.markedText),
          .words($0.origin.rawValue), .words(Self.cut($0.source, 60)),
        ]
      })
  }

  // MARK: Text

  private static func value(_ figure: Figure) -> String { number(figure.value, figure.unit) }

  static func number(_ value: Double, _ unit: String) -> String {
    switch unit {
    case "s": Seconds(value).formatted(digits: 4)
    case "B": Bytes(value).formatted(digits: 4)
    case "FLOP": Flops(value).formatted(digits: 4)
    default:
      (Expression.constant(value).numbers + " " + unit).withoutTrailingSpaces
    }
  }

  /// A formula of many terms is cut: its parts stand in the table.
  private static func cut(_ text: String, _ limit: Int = 160) -> String {
    text.count <= limit ? text.singleLine : String(text.singleLine.prefix(limit)) + " ..."
  }
}
