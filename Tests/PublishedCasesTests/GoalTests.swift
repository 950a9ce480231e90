import Foundation
import PublishedCases
import Scenarios
import Testing

@Suite("Goals for predictions of published runs")
struct GoalTests {
  @Test("the project's goals read, and each names series that there are")
  func shipped() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path(percentEncoded: false)
    let loader = ScenarioLoader(
      data: DataFolders(roots: [String(root.dropLast())], userData: root + "no-such-folder"))
    let goals = try PublishedGoal.shipped(loader)
    let tools = try OtherTool.shipped(loader)
    #expect(goals.count == 18 && tools.count == 13)
    let series = Set(try PublishedLibrary(loader: loader).cases(at: nil).map(\.series))
    for name in goals.flatMap(\.series) + tools.flatMap(\.series) {
      #expect(series.contains(name), "\(name)")
    }
  }

  private func goals(_ lines: String) throws -> [PublishedGoal] {
    try PublishedGoal.read(
      SourceFile(
        name: "goals.yaml",
        text: "schema: foretrain/published-goals/1\ngoals:\n" + lines))
  }

  @Test("both ends count as met")
  func ends() throws {
    let goal = try #require(
      try goals(
        "  - {title: a, figure: coverage, left_out: run, statistic: share, at_least: 85 %, at_most: 95 %}\n"
      ).first)
    #expect(goal.isMet(by: 0.85) && goal.isMet(by: 0.95))
    #expect(!goal.isMet(by: 0.849) && !goal.isMet(by: 0.951))
  }

  @Test("everything that is wrong is told in one pass, with its place")
  func wrong() throws {
    let errors = try #require(throws: FileErrors.self) {
      try goals(
        """
          - {title: a, figure: tim, left_out: run, statistic: mean, at_most: 5 %}
          - {title: b, figure: time, left_out: run, statistic: mean}
          - {title: c, figure: time, left_out: run, statistic: mean, at_most: 5 %, kinds: [many-node]}
        """ + "\n")
    }
    #expect(errors.diagnostics.map(\.location.line) == [3, 4, 5])
    #expect("\(errors)".contains("goals.yaml:3:24"))
    #expect("\(errors)".contains("at_least"))
    #expect("\(errors)".contains("many-nodes"))
  }
}
