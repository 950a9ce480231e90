public import PublishedCases
import Quantities
import Scenarios

/// A fit to published steps: constants, errors on seen and unseen rows, spreads.
public struct RefitView: Sendable {
  private let refit: Refit

  /// A view of a fit.
  public init(_ refit: Refit) { self.refit = refit }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    tables.map { style.paint($0.title, .heading) + "\n" + $0.table.text(style: style) }
      .joined(separator: "\n\n") + "\n\n" + summary + "\n"
  }

  /// For a page.
  public var markdown: String {
    tables.map { "## \($0.title)\n\n\($0.table.markdown)" }.joined(separator: "\n") + "\n"
      + summary + "\n"
  }

  /// Errors by series.
  public var csv: String { errors.csv }

  /// Everything as one object.
  public func json(provenance: Provenance) -> String {
    JSONValue.object([
      .init("schema_version", .string(Schema.version)), .init("series", errors.json),
      .init("constants", constants.json),
      .init("spreads", spreads(refit.constants.spreads, "kind").json),
      .init("memory_spreads", spreads(refit.constants.memory, "reading").json),
      .init("provenance", provenance.json),
    ]).text
  }

  var tables: [(title: String, table: Table)] {
    [
      ("Constants", constants), ("Mean and largest error of time by series", errors),
      ("True over predicted time, 90 %, by kind of run", spreads(refit.constants.spreads, "kind")),
      (
        "True over predicted peak memory, 90 %, by reading",
        spreads(refit.constants.memory, "reading")
      ),
    ]
  }

  private var constants: Table {
    let fit = refit.fit
    let thetas = fit.constants.sorted { $0.key < $1.key }.map { name, value in
      let rows = refit.rows.filter { $0.seconds[name] != nil }
      return [
        Table.Cell.words(name), .number(value, Format.fixed(value, digits: 3)),
        .integer(rows.count), .words(Self.names(rows.map(\.series))),
      ]
    }
    let stacks = fit.stacks.sorted { $0.key < $1.key }.map { name, value in
      let rows = refit.rows.filter { $0.stack == name }
      return [
        Table.Cell.words("whole step, \(name)"), .number(value, Format.fixed(value, digits: 3)),
        .integer(rows.count), .words(Self.names(rows.map(\.series))),
      ]
    }
    return Table(
      columns: [
        .init("constant", "constant"), .init("value", "value", .right),
        .init("rows", "rows", .right), .init("series", "pinned by"),
      ], rows: thetas + stacks)
  }

  private static func names(_ series: [String]) -> String {
    Set(series).sorted().joined(separator: ", ")
  }

  private var errors: Table {
    let rows = refit.rows
    let validation = refit.validation
    let series = Set(rows.map(\.series)).sorted()
    func line(_ name: String, _ places: [Int]) -> [Table.Cell] {
      var cells: [Table.Cell] = [.words(name), .integer(places.count)]
      for errors in [
        validation.fit, validation.leaveOneRunOut, validation.leaveOneSeriesOut,
        validation.constantShare,
      ] {
        let own = places.map { abs(errors[$0]) }
        let mean = own.reduce(0, +) / Double(max(1, own.count))
        cells.append(.number(mean, Figures.percent(mean)))
        let worst = own.max() ?? 0
        cells.append(.number(worst, Figures.percent(worst)))
      }
      return cells
    }
    let lines = series.map { name in line(name, rows.indices.filter { rows[$0].series == name }) }
    func mean(_ errors: [Double]) -> Table.Cell {
      let means = series.map { name -> Double in
        let own = rows.indices.filter { rows[$0].series == name }.map { abs(errors[$0]) }
        return own.reduce(0, +) / Double(max(1, own.count))
      }
      let value = means.reduce(0, +) / Double(max(1, means.count))
      return .number(value, Figures.percent(value))
    }
    return Table(
      columns: [
        .init("series", "series"), .init("rows", "rows", .right),
        .init("fit_mean", "fit", .right), .init("fit_max", "max", .right),
        .init("loro_mean", "run left out", .right), .init("loro_max", "max", .right),
        .init("loso_mean", "series left out", .right), .init("loso_max", "max", .right),
        .init("share_mean", "one MFU", .right), .init("share_max", "max", .right),
      ],
      rows: lines + [
        line("all rows", Array(rows.indices)),
        [
          .words("mean over series"), .integer(series.count), mean(validation.fit), .empty,
          mean(validation.leaveOneRunOut), .empty, mean(validation.leaveOneSeriesOut), .empty,
          mean(validation.constantShare), .empty,
        ],
      ])
  }

  private func spreads(_ spreads: [String: StepConstants.Spread], _ kind: String) -> Table {
    Table(
      columns: [
        .init(kind, kind), .init("runs", "runs", .right), .init("low", "low", .right),
        .init("high", "high", .right), .init("unseen_low", "unseen series, low", .right),
        .init("unseen_high", "high", .right),
      ],
      rows: spreads.sorted { $0.key < $1.key }.map { kind, spread in
        [.words(kind), .integer(spread.runs)]
          + [spread.low, spread.high, spread.unseenLow, spread.unseenHigh].map {
            Table.Cell.number($0, Figures.ratio($0))
          }
      })
  }

  private var summary: String {
    "basis: \(refit.constants.basis); Calculon publishes 3.65 % mean, 8.9 % max on its own validation set"
  }
}
