public import Planning
public import Strategies

/// A fixed strategy that breaks rules: there is no estimate, only what is wrong with it.
public struct RejectionView: Sendable {
  private let scenario: Scenario
  private let rejections: [Rejection]

  /// A view of broken rules.
  ///
  /// - Parameters:
  ///   - scenario: whose strategy it is.
  ///   - rejections: at least one.
  public init(scenario: Scenario, _ rejections: [Rejection]) {
    self.scenario = scenario
    self.rejections = rejections
  }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    rejections.map { style.paint($0.rule, .bad) + ": \($0.detail.singleLine)\n" }.joined()
  }

  /// For a pull request or a page.
  public var markdown: String {
    rejections.map { "- \(Markdown.escaped($0.rule)): \(Markdown.escaped($0.detail))\n" }.joined()
  }

  /// One row for each broken rule.
  public var csv: String {
    Table(
      columns: [.init("rule", "rule"), .init("detail", "detail")],
      rows: rejections.map { [.words($0.rule), .words($0.detail)] }
    ).csv
  }

  /// Scenario, `reason` and `rejected`, as in a plan.
  public func json(provenance: Provenance) -> String {
    let value: JSONValue = [
      "schema_version": .string(Schema.version), "scenario": .string(scenario.id),
      "reason": .string(rejections.map { "\($0.rule): \($0.detail)" }.joined(separator: "; ")),
      "rejected": .array(
        rejections.map {
          [
            "strategy": $0.strategy.json(for: scenario.workload), "rule": .string($0.rule),
            "detail": .string($0.detail),
          ]
        }),
      "provenance": provenance.json,
    ]
    return value.text
  }
}
