import Clusters
import PublishedCases
import Quantities
import Scenarios
import Strategies

/// A fit to published steps as tables.
struct RefitTables {
  let refit: Refit

  var constants: Table {
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

  var errors: Table {
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

  var spreads: Table {
    func line(_ name: String, _ runs: Table.Cell, _ ends: [Range90?]) -> [Table.Cell] {
      [.words(name), runs]
        + ends.flatMap { range -> [Table.Cell] in
          guard let range else { return [.empty, .empty] }
          return [range.low, range.high].map { .number($0, Figures.ratio($0)) }
        }
    }
    let constants = refit.constants
    return Table(
      columns: [
        .init("kind", "kind"), .init("runs", "runs", .right), .init("low", "low", .right),
        .init("high", "high", .right), .init("unseen_low", "unseen series, low", .right),
        .init("unseen_high", "high", .right),
      ],
      rows: constants.spreads.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, spread in
        line(kind.rawValue, .integer(spread.runs), [spread.seen, spread.unseen])
      } + [
        line("further for unknown software", .empty, [nil, constants.unknownSoftware]),
        line("further for an unknown architecture", .empty, [nil, constants.unknownDevice]),
      ])
  }

  /// True over predicted peaks by reading.
  var memorySpreads: Table {
    Table(
      columns: [
        .init("reading", "reading"), .init("runs", "peaks", .right), .init("low", "low", .right),
        .init("high", "high", .right), .init("unseen_low", "unseen series, low", .right),
        .init("unseen_high", "high", .right),
      ],
      rows: refit.constants.memory.sorted { $0.key < $1.key }.map { reading, spread in
        [.words(reading), .integer(spread.runs)]
          + [spread.low, spread.high, spread.unseenLow, spread.unseenHigh].map {
            Table.Cell.number($0, Figures.ratio($0))
          }
      })
  }

  /// One row per fitted step: seconds, and the error under every fold.
  var rows: Table {
    let validation = refit.validation
    return Table(
      columns: [
        .init("id", "case"), .init("group", "group"), .init("kind", "kind"),
        .init("stack", "stack"), .init("architecture", "architecture"),
        .init("measured_s", "measured", .right), .init("fit", "fit", .right),
        .init("run_left_out", "run left out", .right),
        .init("series_left_out", "series left out", .right),
        .init("stack_left_out", "software left out", .right),
        .init("device_left_out", "architecture left out", .right),
        .init("one_mfu", "one MFU", .right),
      ],
      rows: refit.rows.enumerated().map { place, row in
        [
          .words(row.id), .words(row.group), .words(row.kind.rawValue), .words(row.stack),
          .words(row.architecture.rawValue), .number(row.measured, Figures.rounded(row.measured)),
        ]
          + [
            validation.fit, validation.leaveOneRunOut, validation.leaveOneSeriesOut,
            validation.leaveOneStackOut, validation.leaveOneDeviceOut, validation.constantShare,
          ].map { Table.Cell.number($0[place], Figures.percent($0[place])) }
      })
  }
}
