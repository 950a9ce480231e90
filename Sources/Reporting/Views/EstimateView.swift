public import CostModel
import Quantities
import Strategies
import Workloads

/// One estimate as text, Markdown, CSV or JSON: what `foretrain estimate` prints.
public struct EstimateView: Sendable {
  private let estimate: Estimate
  private let reason: String?
  private let barWidth = 32

  /// A view of an estimate.
  ///
  /// - Parameters:
  ///   - estimate: what is shown.
  ///   - reason: why the answer is no; nil where it is yes.
  public init(_ estimate: Estimate, reason: String? = nil) {
    self.estimate = estimate
    self.reason = reason
  }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    var output = style.paint(estimate.scenario.singleLine, .heading) + "\n"
    for line in Subject(estimate: estimate).lines { output += "  " + line.singleLine + "\n" }
    output += "\n" + estimate.figuresTable.text(style: style)
    output += "\n" + heading("Where the step goes", style)
    output += estimate.stepTable(barWidth: barWidth).text(style: style, indentation: 2)
    output += "\n" + estimate.phaseTable(barWidth: barWidth).text(style: style, indentation: 2)
    let memory = estimate.memory
    output += "\n" + heading("Memory per device at its peak, \(peakPlace)", style)
    output += estimate.memoryTable(barWidth: barWidth).text(style: style, indentation: 2)
    output += "  " + style.paint(memory.verdict.words, memory.verdict.role) + "; "
    output += estimate.memoryReadings + ".\n"
    if let largest = estimate.maxMicroBatch {
      output += "  The largest micro-batch that fits is \(Figures.count(largest)).\n"
    }
    if !estimate.overheads.isEmpty {
      output += "\n" + heading(overheadHeading, style)
      output += estimate.overheadTable(withMeaning: false).text(style: style, indentation: 2)
      for overhead in estimate.overheads {
        output += "  \(overhead.baseline.singleLine): \(overhead.meaning.singleLine)\n"
      }
      output += estimate.overheadNote
    }
    output += "\n" + heading("The run", style)
    output += estimate.runTable.text(style: style, indentation: 2)
    output += flagsText(style)
    return output + "\n" + assumptionsNote
  }

  /// For a pull request or a page.
  public var markdown: String {
    var output = "## \(Markdown.escaped(estimate.scenario))\n\n"
    output += Subject(estimate: estimate).lines.map { "- \(Markdown.escaped($0))\n" }.joined()
    output += "\n" + estimate.figuresTable.markdown
    output += "\n### Where the step goes\n\n" + estimate.stepTable().markdown
    output += "\n" + estimate.phaseTable().markdown
    output += "\n### Memory per device\n\n" + estimate.memoryTable().markdown
    if !estimate.overheads.isEmpty {
      output +=
        "\n### \(Markdown.escaped(overheadHeading))\n\n"
        + estimate.overheadTable(withMeaning: true).markdown
      output += "\n" + Markdown.escaped(estimate.overheadNote) + "\n"
    }
    output += "\n### The run\n\n" + estimate.runTable.markdown
    if !estimate.flags.isEmpty {
      output += "\n" + estimate.flags.map { "- flag: \(Markdown.escaped($0))\n" }.joined()
    }
    return output + "\n" + Markdown.escaped(assumptionsNote) + "\n"
  }

  /// The headline figures, one row each; the unit ends the quantity's name.
  public var csv: String { estimate.figuresTable.csv }

  /// The estimate object of the JSON contract, one object on its own.
  ///
  /// `reason` says why the answer is no, where it is.
  public func json(provenance: Provenance) -> String {
    guard case .object(var members) = estimate.json(provenance: provenance) else { return "" }
    if let reason { members.append(.init("reason", .string(reason))) }
    return JSONValue.object(members).text
  }

  private func heading(_ text: String, _ style: Style) -> String {
    style.paint(text.singleLine, .heading) + "\n"
  }

  private var peakPlace: String {
    let instant = estimate.memory.peakInstant
    return "in \(estimate.memory.peakPhase.spaced)" + (instant.isEmpty ? "" : " (\(instant))")
  }

  private var overheadHeading: String {
    "What \(estimate.workload.calibration.method.rawValue) costs over each baseline"
  }

  private var assumptionsNote: String {
    let (assumed, all) = estimate.assumedCount
    return "\(assumed) of \(all) inputs are assumed. * marks a figure that rests directly on one.\n"
  }

  private func flagsText(_ style: Style) -> String {
    guard !estimate.flags.isEmpty else { return "" }
    return "\n" + heading("Flags", style)
      + estimate.flags.map { "  " + style.paint($0.singleLine, .warning) + "\n" }.joined()
  }
}
