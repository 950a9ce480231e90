import PublishedCases
import Quantities

/// What other tools are said to reach, beside this model on the same series.
struct OtherToolTable {
  let tools: [OtherTool]
  let refit: Refit

  var table: Table {
    Table(
      columns: [
        .init("tool", "tool"), .init("cases", "cases"), .init("tool_mean", "its mean", .right),
        .init("tool_max", "its max", .right), .init("rows", "rows here", .right),
        .init("loro_mean", "here, run left out", .right), .init("loro_max", "max", .right),
        .init("loso_mean", "here, series left out", .right), .init("source", "its figures"),
      ],
      rows: tools.map { tool in
        let places = refit.rows.indices.filter { tool.covers(refit.rows[$0]) }
        func cell(_ value: Double?) -> Table.Cell {
          value.map { .number($0, Figures.percent($0)) } ?? .empty
        }
        func own(_ errors: [Double]) -> [Double] { places.map { errors[$0].magnitude } }
        func mean(_ errors: [Double]) -> Double? {
          errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
        }
        let (run, series) = (
          own(refit.validation.leaveOneRunOut), own(refit.validation.leaveOneSeriesOut)
        )
        return [
          .words(tool.tool), .words(tool.cases), cell(tool.meanError), cell(tool.maxError),
          .integer(places.count), cell(mean(run)), cell(run.max()), cell(mean(series)),
          .words(tool.source),
        ]
      })
  }
}
