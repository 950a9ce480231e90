import Workloads
import CostModel
public import Planning
import Quantities
import Strategies

/// A plan as text, Markdown, CSV or JSON: what `foretrain plan` prints.
public struct PlanView: Sendable {
  private let result: PlanResult
  private let scenario: Scenario

  /// A view of a search's answer to a scenario.
  public init(_ result: PlanResult, scenario: Scenario) {
    self.result = result
    self.scenario = scenario
  }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    var output = style.paint(scenario.title.singleLine, .heading) + "\n"
    for line in subject { output += "  " + line.singleLine + "\n" }
    output += "\n"
    if let reason = result.infeasible {
      output += style.paint("No plan: ", .bad) + reason.singleLine + "\n\n"
    }
    output += tables.plansForPeople.text(style: style)
    if !result.pareto.isEmpty { output += PlanTables.paretoNote + "\n" }
    for line in prices { output += line + "\n" }
    if let best = result.plans.first, !best.overheads.isEmpty {
      output += "\n" + style.paint("Plan 1 against", .heading) + "\n"
      output += best.overheadTable(withMeaning: false).text(style: style, indentation: 2)
      for overhead in best.overheads {
        output += "  \(overhead.baseline.singleLine): \(overhead.meaning.singleLine)\n"
      }
      output += best.overheadNote
    }
    if !result.rejected.isEmpty {
      output += "\n" + style.paint("Turned down", .heading) + "\n"
      output += tables.rejected.text(style: style, indentation: 2)
    }
    return output + "\n" + effort + "\n"
  }

  /// For a pull request or a page.
  public var markdown: String {
    var output = "## \(Markdown.escaped(scenario.title))\n\n"
    output += subject.map { "- \(Markdown.escaped($0))\n" }.joined() + "\n"
    if let reason = result.infeasible {
      output += "**No plan:** \(Markdown.escaped(reason))\n\n"
    }
    output += tables.plansForPeople.markdown
    if !result.pareto.isEmpty { output += "\n\(Markdown.escaped(PlanTables.paretoNote))\n" }
    if !prices.isEmpty {
      output += "\n" + prices.map { "- \(Markdown.escaped($0))\n" }.joined()
    }
    if let best = result.plans.first, !best.overheads.isEmpty {
      output += "\n### Plan 1 against\n\n" + best.overheadTable(withMeaning: true).markdown
      output += "\n" + Markdown.escaped(best.overheadNote.singleLine) + "\n"
    }
    if !result.rejected.isEmpty {
      output += "\n### Turned down\n\n" + tables.rejected.markdown
    }
    return output + "\n" + Markdown.escaped(effort) + "\n"
  }

  /// The ranked plans, the fixed strategy first.
  public var csv: String { tables.plans.csv }

  /// The `plan` object of the JSON contract.
  public func json(provenance: Provenance) -> String {
    result.json(scenario: scenario, provenance: provenance).text
  }

  private var tables: PlanTables { PlanTables(result: result, scenario: scenario) }

  /// What every plan has in common.
  private var subject: [String] {
    guard let any = result.plans.first ?? result.fixed else { return [scenario.id] }
    let subject = Subject(estimate: any)
    return [
      subject.hardware,
      "global batch \(Figures.count(any.globalBatch)), "
        + "\(Figures.large(any.samplesSeen))\(Marks(any).samples) samples seen, "
        + "objective \(scenario.objective.rawValue)",
      "\(any.strategy.precision.rawValue), \(any.workload.optimizer.rawValue), "
        + "software \(any.strategy.software.id)",
      "calibration " + Subject.calibration(scenario.workload.calibration),
    ]
  }

  private var prices: [String] { result.shadowPrices.map(PlanTables.sentence) }

  private var effort: String {
    tables.effort
      + ", on \(result.threads) \(result.threads == 1 ? "thread" : "threads") in \(Seconds(result.seconds).formatted())."
  }
}

/// The tables of a plan, for its view and for the report.
struct PlanTables: Sendable {
  let result: PlanResult
  let scenario: Scenario

  static let paretoNote = "P: no other plan is better in both time and memory."

  /// What one more unit of a resource saves, in one sentence.
  static func sentence(_ price: PlanResult.ShadowPrice) -> String {
    let more = "One more \(price.unit) of \(price.resource.spaced) would save"
    guard price.stepSeconds > 0 else { return more + " nothing." }
    // Two digits, however small: 0.0 % would read as nothing.
    let share = Format.significant(price.share * 100, digits: 2)
    return "\(more) \(share) % of the step (\(Seconds(price.stepSeconds).formatted()))."
  }

  /// What the search did, without threads and times: these differ from machine to machine.
  var effort: String {
    "\(Figures.count(result.searched)) strategies computed, \(Figures.count(result.pruned)) "
      + "excluded by a rule before that"
  }

  /// The fixed strategy, then the plans, best first.
  var plans: Table {
    var rows: [[Table.Cell]] = []
    if let fixed = result.fixed { rows.append(row("fixed", fixed, onFront: false)) }
    for (offset, plan) in result.plans.enumerated() {
      rows.append(row("\(offset + 1)", plan, onFront: result.pareto.contains(offset)))
    }
    return Table(
      columns: [
        .init("rank", "plan", .right), .init("pareto", "P"),
        .init("micro_batch", "micro-batch", .right), .init("accumulation", "acc.", .right),
        .init("zero_stage", "ZeRO", .right), .init("recomputation", "recomputation"),
        .init("attention", "attention"), .init("precision", "precision"),
        .init("branches", "method"), .init("step_s", "step", .right),
        .init("wall_h", "wall time", .right), .init("memory_peak_bytes", "memory", .right),
        .init("verdict", "verdict"), .init("accelerator_hours", "acc.-hours", .right),
        .init("cost_usd", "cost", .right),
      ], rows: rows)
  }

  /// The same for people: what all plans have in common stands above the table.
  var plansForPeople: Table {
    let table = plans
    return table.dropping(["precision", "branches"].filter { table.isConstant($0) })
  }

  private func row(_ rank: String, _ plan: Estimate, onFront: Bool) -> [Table.Cell] {
    let subject = Subject(estimate: plan)
    return [
      .words(rank), Table.Cell(text: onFront ? "P" : "", value: .bool(onFront)),
      .integer(plan.strategy.microBatch), .integer(plan.strategy.accumulation),
      .integer(plan.strategy.zeroStage), .words(subject.recomputation),
      .words(subject.attention), .words(plan.strategy.precision.rawValue),
      .words(plan.workload.calibration.method.rawValue),
      .number(plan.step.typical.value, Range3(time: plan.step).text),
      .number(
        plan.wall.typical.value / UnitSize.hour,
        Range3(time: plan.wall).typicalText + Marks(plan).run),
      .number(plan.memory.peak.value, Figures.gibibytes(plan.memory.peak)),
      .words(plan.memory.verdict.short),
      .number(
        plan.acceleratorHours.typical.value, Figures.rounded(plan.acceleratorHours.typical.value)),
      plan.cost.map {
        .number($0.typical.value, Range3(money: $0).typicalText + Marks(plan).cost)
      } ?? .unknown,
    ]
  }

  /// Rules that turned strategies down, with one example each.
  var rejected: Table {
    Table(
      columns: [
        .init("rule", "rule"), .init("count", "strategies", .right), .init("detail", "for example"),
        .init("meaning", "why"),
      ],
      rows: result.rejected.map {
        [
          .words($0.rejection.rule), .integer($0.count), .words($0.rejection.detail),
          .words(Self.meaning(ofRule: $0.rejection.rule)),
        ]
      })
  }

  private static func meaning(ofRule rule: String) -> String {
    if let known = LegalityRule(rawValue: rule) { return known.sentence }
    return rule == "memory" ? "the peak must not exceed what the device has" : ""
  }
}
