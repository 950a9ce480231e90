import PublishedCases
import Quantities

/// Goals with what was reached.
struct GoalTable {
  let checks: [GoalCheck]

  /// "14 of 18 goals are met".
  var summary: String { "\(checks.filter(\.isMet).count) of \(checks.count) goals are met" }

  var table: Table {
    Table(
      columns: [
        .init("goal", "goal"), .init("figure", "figure"), .init("left_out", "left out"),
        .init("statistic", "statistic"), .init("cases", "figures", .right),
        .init("at_least", "at least", .right), .init("at_most", "at most", .right),
        .init("value", "reached", .right), .init("verdict", "verdict"),
      ],
      rows: checks.map { check in
        let goal = check.goal
        func share(_ value: Double?) -> Table.Cell {
          value.map { .number($0, Figures.percent($0)) } ?? .empty
        }
        return [
          .words(goal.title), .words(goal.figure.rawValue), .words(goal.leftOut.rawValue),
          .words(goal.statistic.rawValue), .integer(check.count), share(goal.atLeast),
          share(goal.atMost), check.value.map { share($0) } ?? .unknown,
          .words(check.isMet ? "met" : "missed"),
        ]
      })
  }
}
