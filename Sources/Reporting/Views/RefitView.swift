public import PublishedCases
import Quantities
import Scenarios

/// A fit to published steps: goals, constants, errors on seen and unseen rows, spreads, coverage.
public struct RefitView: Sendable {
  private let refit: Refit
  private let goals: GoalTable
  private let tools: [OtherTool]

  /// A view of a fit.
  ///
  /// - Parameters:
  ///   - refit: The fit.
  ///   - goals: What should be reached, judged; may be empty.
  ///   - tools: What other tools are said to reach; may be empty.
  public init(_ refit: Refit, goals: [GoalCheck] = [], tools: [OtherTool] = []) {
    self.refit = refit
    self.goals = GoalTable(checks: goals)
    self.tools = tools
  }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    tables.map { style.paint($0.title, .heading) + "\n" + $0.table.text(style: style) }
      .joined(separator: "\n\n") + "\n\n" + summary.joined(separator: "\n") + "\n"
  }

  /// For a page.
  public var markdown: String {
    tables.map { "## \($0.title)\n\n\($0.table.markdown)" }.joined(separator: "\n") + "\n"
      + summary.map { "- \($0)\n" }.joined()
  }

  /// Errors by series.
  public var csv: String { RefitTables(refit: refit).errors.csv }

  /// Everything as one object.
  public func json(provenance: Provenance) -> String {
    JSONValue.object(
      [.init("schema_version", .string(Schema.version))] + members
        + [.init("provenance", provenance.json)]
    ).text
  }

  /// What the fit says, as members of an object.
  var members: [JSONValue.Member] {
    let tables = RefitTables(refit: refit)
    return [
      .init("series", tables.errors.json), .init("goals", goals.table.json),
      .init(
        "coverage",
        .object(
          refit.coverage.map {
            .init(
              $0.fold == .nothing ? "fit" : "\($0.fold.rawValue)_left_out",
              CoverageTable(coverage: $0).table.json)
          })),
      .init("constants", tables.constants.json), .init("spreads", tables.spreads.json),
      .init("memory_spreads", tables.memorySpreads.json),
      .init("other_tools", OtherToolTable(tools: tools, refit: refit).table.json),
      .init("rows", tables.rows.json),
    ]
  }

  /// All tables with their titles, in the order of reading.
  var tables: [(title: String, table: Table)] {
    let tables = RefitTables(refit: refit)
    return [
      ("Goals", goals.table), ("Mean and largest error of time by series", tables.errors),
      ("Other tools", OtherToolTable(tools: tools, refit: refit).table),
      ("Constants", tables.constants),
      ("True over predicted time, 90 %, by kind of run", tables.spreads),
      ("True over predicted peak memory, 90 %, by reading", tables.memorySpreads),
    ].filter { !$0.1.rows.isEmpty }
      + refit.coverage.map(CoverageTable.init).map { ($0.title, $0.table) }
  }

  /// How the intervals of memory do without a series.
  var memoryNote: String {
    let found = refit.memory.leftOut
    return
      "\(found.inside) of \(found.all) peaks lie in the interval that is made without their series; no factor of the memory model is fitted to them, but what software keeps was looked up with them in view."
  }

  /// What sums it up.
  var summary: [String] {
    (goals.checks.isEmpty ? [] : [goals.summary])
      + ["basis: \(refit.constants.basis); errors are of seconds per step"]
  }
}
