public import CostModel
import Quantities

/// Where a step and its memory come from, bar by bar: `foretrain explain` without a path.
public struct WaterfallView: Sendable {
  private let breakdown: EstimateBreakdown
  private let pins: [String: [Influence]]
  private let measured: [MeasuredPart]

  /// One part of a step that ran, beside what was predicted.
  public struct MeasuredPart: Sendable, Hashable {
    /// For example `products`.
    public var name: String
    /// `s` or `B`.
    public var unit: String
    /// What was predicted; nil where the model has no such part.
    public var predicted: Double?
    /// What was measured; nil where nobody measured it.
    public var measured: Double?

    /// A part.
    public init(name: String, unit: String, predicted: Double?, measured: Double?) {
      self.name = name
      self.unit = unit
      self.predicted = predicted
      self.measured = measured
    }
  }

  /// A view of an estimate taken apart.
  ///
  /// - Parameters:
  ///   - breakdown: the estimate.
  ///   - pins: influences by `waterfall.<bar>` and `memory.<part>_bytes`.
  ///   - measured: parts of a run that took place; empty for a scenario.
  public init(
    _ breakdown: EstimateBreakdown, pins: [String: [Influence]], measured: [MeasuredPart] = []
  ) {
    self.breakdown = breakdown
    self.pins = pins
    self.measured = measured
  }

  private var estimate: Estimate { breakdown.estimate }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    var output = style.paint(estimate.scenario.singleLine, .heading) + "\n"
    for line in Subject(estimate: estimate).lines { output += "  " + line.singleLine + "\n" }
    if !measured.isEmpty {
      output += "\n" + style.paint("Measured beside predicted", .heading) + "\n"
      output += measuredTable.text(style: style, indentation: 2)
    }
    output += "\n" + style.paint("From ideal kernels to the step", .heading) + "\n"
    output += stepTable.text(style: style, indentation: 2)
    output += "  The bars sum to the step. Their ranges share causes: they do not add up.\n"
    output += "\n" + style.paint("Memory at the fullest instant", .heading) + "\n"
    output += memoryTable.text(style: style, indentation: 2)
    output += "  The parts sum to the peak. * is assumed. For one number: foretrain explain "
    return output + "\(estimate.scenario.singleLine) memory.peak_bytes\n"
  }

  /// For a page.
  public var markdown: String {
    var output = "## \(Markdown.escaped(estimate.scenario))\n\n"
    if !measured.isEmpty {
      output += "### Measured beside predicted\n\n" + measuredTable.markdown + "\n"
    }
    output += "### From ideal kernels to the step\n\n" + stepTable.markdown
    return output + "\n### Memory at the fullest instant\n\n" + memoryTable.markdown
  }

  /// The bars, one row each.
  public var csv: String { chart.body.data.csv }

  /// The drawing as a file of its own.
  public var svg: String { chart.file }

  /// The object of `--format json`.
  public func json(provenance: Provenance) -> String {
    var members: [JSONValue.Member] = [
      .init("schema_version", .string(Schema.version)),
      .init("scenario", .string(estimate.scenario)), .init("hardware", .string(estimate.hardware)),
      .init("step_seconds", .interval(estimate.step)),
      .init(
        "waterfall",
        .array(
          breakdown.bars.map { bar in
            [
              "id": .string(bar.id), "title": .string(bar.title), "seconds": .number(bar.seconds),
              "share": .number(share(bar.seconds)), "low": .number(bar.low),
              "high": .number(bar.high),
              "pinned_by": .array(pins(of: bar).map(\.json)),
            ]
          })),
      .init(
        "memory",
        .array(
          estimate.memory.parts.map { part in
            let path = "memory.\(part.name)_bytes"
            return [
              "part": .string(part.name), "bytes": .number(part.bytes.value),
              "share": .number(memoryShare(part.bytes)),
              "formula": .optional(breakdown.figures[path]?.expression.symbols),
              "pinned_by": .array(strongest(path).map(\.json)),
            ]
          })),
      .init("memory_peak_bytes", .interval(estimate.memory.peakInterval)),
      .init("figures", .array(breakdown.figures.paths.map { .string($0) })),
    ]
    if !measured.isEmpty {
      members.append(
        .init(
          "measured",
          .array(
            measured.map {
              [
                "part": .string($0.name), "unit": .string($0.unit),
                "predicted": .optional($0.predicted), "measured": .optional($0.measured),
                "relative_error": .optional(Self.error($0)),
              ]
            })))
    }
    members.append(.init("provenance", provenance.json))
    return JSONValue.object(members).text
  }

  // MARK: Parts

  var chart: Chart {
    Chart(
      id: "waterfall", title: "From ideal kernels to the step of \(estimate.scenario)",
      summary: breakdown.bars.filter { $0.seconds != 0 }
        .map { "\($0.title): \(Seconds($0.seconds).formatted())" }.joined(separator: "; ") + ".",
      body: StepWaterfall(
        bars: breakdown.bars, total: estimate.step.typical.value,
        totalLow: estimate.step.low.value, totalHigh: estimate.step.high.value))
  }

  private func share(_ seconds: Double) -> Double {
    estimate.step.typical > .zero ? seconds / estimate.step.typical.value : 0
  }

  private func memoryShare(_ bytes: Bytes) -> Double {
    estimate.memory.peak > .zero ? bytes / estimate.memory.peak : 0
  }

  private func pins(of bar: WaterfallBar) -> [Influence] { strongest("waterfall." + bar.id) }

  /// The inputs of files that say speeds and sizes, the strongest first.
  private func strongest(_ path: String) -> [Influence] {
    Array(
      (pins[path] ?? []).filter {
        !$0.input.hasPrefix("scenario:") && $0.elasticity.magnitude > 0.01
      }
      .sorted(by: Influence.isStronger).prefix(3))
  }

  private func pinText(_ path: String) -> String {
    strongest(path).map { "\($0.input.pathTail) \($0.markedText)" }.joined(separator: "; ")
  }

  private var stepTable: Table {
    var rows = breakdown.bars.filter { $0.seconds != 0 }.map { bar -> [Table.Cell] in
      [
        .words(bar.title), .number(bar.seconds, Seconds(bar.seconds).formatted()),
        .number(share(bar.seconds), Figures.percent(share(bar.seconds))),
        .number(bar.low, Self.range(bar.low, bar.seconds, bar.high)),
        .words(pinText("waterfall." + bar.id)),
      ]
    }
    let step = estimate.step
    rows.append([
      .words("the step"), .number(step.typical.value, step.typical.formatted()),
      .number(1, Figures.percent(1)),
      .number(step.low.value, Self.range(step.low.value, step.typical.value, step.high.value)),
      .empty,
    ])
    return Table(
      columns: [
        .init("bar", "part"), .init("seconds", "time", .right), .init("share", "share", .right),
        .init("low_s", "90 %", .right), .init("pinned_by", "pinned by"),
      ], rows: rows)
  }

  /// Low and high in the unit that suits the value.
  private static func range(_ low: Double, _ typical: Double, _ high: Double) -> String {
    guard low != high else { return "exact" }
    let (size, unit) = Range3.timeUnit(Seconds(typical.magnitude))
    return "\(Format.significant(low / size)) .. \(Format.significant(high / size)) \(unit)"
  }

  private var memoryTable: Table {
    let memory = estimate.memory
    var rows = memory.parts.filter { $0.bytes > .zero }.map { part -> [Table.Cell] in
      let path = "memory.\(part.name)_bytes"
      let formula = breakdown.figures[path]?.expression.symbols ?? ""
      return [
        .words(part.name.spaced), .number(part.bytes.value, Figures.gibibytes(part.bytes)),
        .number(memoryShare(part.bytes), Figures.percent(memoryShare(part.bytes))),
        .words(formula.count > 70 ? formula.prefix(70) + " ..." : formula), .words(pinText(path)),
      ]
    }
    rows.append([
      .words("peak"), .number(memory.peak.value, Figures.gibibytes(memory.peak)),
      .number(1, Figures.percent(1)),
      .words("90 %: " + Range3(memory: memory.peakInterval).text), .empty,
    ])
    return Table(
      columns: [
        .init("part", "part"), .init("bytes", "bytes", .right), .init("share", "share", .right),
        .init("formula", "formula"), .init("pinned_by", "pinned by"),
      ], rows: rows)
  }

  private var measuredTable: Table {
    func cell(_ value: Double?, _ unit: String) -> Table.Cell {
      value.map { .number($0, ExplanationView.number($0, unit)) } ?? .unknown
    }
    return Table(
      columns: [
        .init("part", "part"), .init("predicted", "predicted", .right),
        .init("measured", "measured", .right), .init("relative_error", "error", .right),
      ],
      rows: measured.map { part in
        [
          .words(part.name), cell(part.predicted, part.unit), cell(part.measured, part.unit),
          Self.error(part).map { .number($0, Figures.percent($0)) } ?? .unknown,
        ]
      })
  }

  private static func error(_ part: MeasuredPart) -> Double? {
    guard let predicted = part.predicted, let measured = part.measured, measured != 0
    else { return nil }
    return predicted / measured - 1
  }
}

extension String {
  /// `hardware:efficiency.memory_bound.softmax` as `memory_bound.softmax`.
  var pathTail: String {
    split(separator: ":").last.map { $0.split(separator: ".").suffix(2).joined(separator: ".") }
      ?? self
  }
}
