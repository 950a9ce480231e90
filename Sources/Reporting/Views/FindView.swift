public import CostModel
import Quantities

/// The answer to an inverse question: `max-micro-batch`, `ways-to-fit`, ...
public struct FindAnswer: Sendable {
  /// The question's name, kebab case.
  public var question: String
  /// The scenario's id.
  public var scenario: String
  /// The number asked for; nil where there is none (then `reason` says why).
  public var answer: Double?
  /// Its unit, for example `samples`, `accelerators`, `USD/accelerator-hour`.
  public var unit: String
  /// Why there is no answer, or what limits it.
  public var reason: String?
  /// The run at the answer.
  public var estimate: Estimate?
  /// Alternatives, best first: the ways to fit, with what each costs.
  public var ways: [Way]

  /// One change and the run after it.
  public struct Way: Sendable {
    /// For example `recompute the image tower fully`.
    public var change: String
    /// The run after the change.
    public var estimate: Estimate

    /// A way.
    public init(change: String, estimate: Estimate) {
      self.change = change
      self.estimate = estimate
    }
  }

  /// An answer from its parts.
  public init(
    question: String, scenario: String, answer: Double?, unit: String, reason: String? = nil,
    estimate: Estimate? = nil, ways: [Way] = []
  ) {
    self.question = question
    self.scenario = scenario
    self.answer = answer
    self.unit = unit
    self.reason = reason
    self.estimate = estimate
    self.ways = ways
  }

  /// The `find` object: the answer also stands under the question's own name, in snake case.
  public func json(provenance: Provenance) -> JSONValue {
    let name = String(question.map { $0 == "-" ? "_" : $0 })
    var members: [JSONValue.Member] = [
      .init("schema_version", .string(Schema.version)), .init("question", .string(question)),
      .init("scenario", .string(scenario)), .init("answer", .optional(answer)),
      .init("unit", .string(unit)), .init(name, .optional(answer)),
      .init("reason", .optional(reason)),
      .init("estimate", estimate.map { $0.json(provenance: provenance) } ?? .null),
    ]
    if !ways.isEmpty {
      members.append(
        .init(
          "ways",
          .array(
            ways.map {
              [
                "change": .string($0.change),
                "estimate": $0.estimate.json(provenance: provenance),
              ]
            })))
    }
    return .object(members + [.init("provenance", provenance.json)])
  }
}

/// An answer as text, Markdown, CSV or JSON: what `foretrain find` prints.
public struct FindView: Sendable {
  private let answer: FindAnswer

  /// A view of an answer.
  public init(_ answer: FindAnswer) { self.answer = answer }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    var output =
      style.paint(
        sentence.singleLine, answer.answer == nil && answer.ways.isEmpty ? .bad : .heading) + "\n"
    for line in subject { output += "  " + line.singleLine + "\n" }
    if let estimate = answer.estimate {
      output += "\n" + estimate.figuresTable.text(style: style)
    }
    if !answer.ways.isEmpty { output += "\n" + ways.text(style: style) }
    return output
  }

  /// For a pull request or a page.
  public var markdown: String {
    var output = "**\(Markdown.escaped(sentence))**\n\n"
    output += subject.map { "- \(Markdown.escaped($0))\n" }.joined()
    if let estimate = answer.estimate { output += "\n" + estimate.figuresTable.markdown }
    if !answer.ways.isEmpty { output += "\n" + ways.markdown }
    return output
  }

  /// The answer as one row, or the ways to fit as rows.
  public var csv: String {
    guard answer.ways.isEmpty else { return ways.csv }
    return Table(
      columns: [
        .init("question", "question"), .init("answer", "answer", .right), .init("unit", "unit"),
        .init("reason", "reason"),
      ],
      rows: [
        [
          .words(answer.question),
          Table.Cell(text: answerText, value: .optional(answer.answer)), .words(answer.unit),
          Table.Cell(text: answer.reason ?? "", value: .optional(answer.reason)),
        ]
      ]
    ).csv
  }

  /// The `find` object of the JSON contract.
  public func json(provenance: Provenance) -> String { answer.json(provenance: provenance).text }

  private var answerText: String {
    guard let value = answer.answer else {
      let count = answer.ways.count
      return count == 0 ? "none" : "\(count) \(count == 1 ? "way" : "ways")"
    }
    return value == value.rounded()
      ? Format.fixed(value, digits: 0) : Format.significant(value, digits: 4)
  }

  private var sentence: String {
    let unit = answer.answer == nil || answer.unit.isEmpty ? "" : " " + answer.unit
    return "\(answer.question): \(answerText)\(unit)"
      + (answer.reason.map { " (\($0))" } ?? "")
  }

  private var subject: [String] {
    answer.estimate.map { Subject(estimate: $0).lines } ?? [answer.scenario]
  }

  private var ways: Table {
    Table(
      columns: [
        .init("change", "change"), .init("step_s", "step", .right),
        .init("wall_h", "wall time", .right), .init("memory_peak_bytes", "memory", .right),
        .init("verdict", "verdict"), .init("cost_usd", "cost", .right),
      ],
      rows: answer.ways.map {
        let estimate = $0.estimate
        return [
          .words($0.change),
          .number(estimate.step.typical.value, Range3(time: estimate.step).text),
          .number(
            estimate.wall.typical.value / UnitSize.hour, Range3(time: estimate.wall).text),
          .number(estimate.memory.peak.value, Figures.gibibytes(estimate.memory.peak)),
          .words(estimate.memory.verdict.short),
          estimate.cost.map {
            .number($0.typical.value, Range3(money: $0).text + Marks(estimate).cost)
          } ?? .unknown,
        ]
      })
  }
}
