import Clusters
import Quantities
import Strategies

extension Spreads {
  /// How often rows lie in their intervals: as fitted, and with interval and prediction from the other
  /// runs, or the other series, alone.
  func coverage(_ validation: CrossValidation) -> [Coverage] {
    let all = byKind()
    let runs = Dictionary(
      uniqueKeysWithValues: Set(rows.map(\.group)).map { group in
        (group, byKind { $0.group != group })
      })
    let series = Dictionary(
      uniqueKeysWithValues: Set(rows.map(\.series)).map { name in
        (name, Stranger(self, without: name))
      })
    return [
      Coverage(.nothing, rows: rows, errors: validation.fit) {
        Self.joined(all, $0, \.seen)
      },
      Coverage(.run, rows: rows, errors: validation.leaveOneRunOut) {
        Self.joined(runs[$0.group] ?? [:], $0, \.seen)
      },
      Coverage(.series, rows: rows, errors: validation.leaveOneSeriesOut) {
        series[$0.series]?.range($0) ?? Range90(exactly: 1)
      },
    ]
  }

  /// The ends of a row's kind, and of the kind that it would be if input did not set the pace.
  private static func joined(
    _ kinds: [RunKind: StepSpreads.Spread], _ row: FitRow,
    _ ends: (StepSpreads.Spread) -> Range90
  ) -> Range90 {
    let own = kinds[row.kind].map(ends) ?? Range90(exactly: 1)
    return kinds[row.freeKind].map { own.joined(with: ends($0)) } ?? own
  }

  /// Intervals for a series, from the other series.
  private struct Stranger {
    let kinds: [RunKind: StepSpreads.Spread]
    let unknownSoftware: Range90
    let unknownDevice: Range90
    let stacks: Set<String>
    let architectures: Set<String>

    init(_ spreads: Spreads, without series: String) {
      func isOther(_ row: FitRow) -> Bool { row.series != series }
      kinds = spreads.byKind(of: isOther)
      unknownSoftware = spreads.unknownSoftware(of: isOther)
      unknownDevice = spreads.unknownDevice(of: isOther)
      let others = spreads.rows.filter(isOther)
      stacks = Set(others.map(\.stack))
      architectures = Set(others.map(\.architecture.rawValue))
    }

    func range(_ row: FitRow) -> Range90 {
      var range = Spreads.joined(kinds, row, \.unseen)
      if !stacks.contains(row.stack) { range = range.widened(by: unknownSoftware) }
      if !architectures.contains(row.architecture.rawValue) {
        range = range.widened(by: unknownDevice)
      }
      return range
    }
  }
}
