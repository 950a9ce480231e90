import PublishedCases
import Quantities
import Strategies

/// How often measured steps lie in their 90 % interval, by kind of run, with a test of each share.
struct CoverageTable {
  let coverage: Coverage

  /// What stands above it.
  var title: String {
    switch coverage.fold {
    case .nothing: "Times in their 90 % interval, as fitted"
    case .run: "Times in their 90 % interval, run left out"
    case .series: "Times in their 90 % interval, series left out"
    }
  }

  var table: Table {
    Table(
      columns: [
        .init("kind", "kind"), .init("steps", "steps", .right), .init("inside", "inside", .right),
        .init("share", "share", .right), .init("p_value", "p of 90 %", .right),
        .init("verdict", "90 %"), .init("median_width", "median high/low", .right),
      ],
      rows: coverage.lines.map { line in
        let test = line.test
        return [
          .words(line.kind?.rawValue ?? "all"), .integer(line.count), .integer(line.inside),
          .number(line.share, Figures.percent(line.share)),
          .number(test.pValue, Format.fixed(test.pValue, digits: 3)),
          .words(test.isConsistent ? "consistent" : "not consistent"),
          .number(line.medianWidth, Figures.ratio(line.medianWidth)),
        ]
      })
  }
}
