import ArgumentParser
import Foundation
import Reporting

/// How and where a command writes its answer.
struct OutputOptions: ParsableArguments {
  /// Forms of output.
  enum Form: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
    case csv
    case markdown
  }

  /// When ANSI colours are written.
  enum Color: String, ExpressibleByArgument, CaseIterable {
    case auto
    case always
    case never
  }

  @Option(help: "table, json (one object), csv or markdown.")
  var format = Form.table

  @Option(name: [.customShort("o"), .long], help: "Write to FILE instead of stdout.")
  var output: String?

  @Flag(name: .shortAndLong, help: "No progress and no notes on stderr.")
  var quiet = false

  @Option(help: "auto, always or never; NO_COLOR is respected.")
  var color = Color.auto

  @Flag(help: "Add an id and the time of this invocation to JSON.")
  var stamp = false

  /// The style of an answer: without colour where it goes to a file.
  var style: Style { output == nil || color == .always ? screenStyle : .plain }

  func validate() throws {
    if let output, output.isEmpty { throw ValidationError("-o names no file") }
  }

  /// The style of text on stdout.
  var screenStyle: Style {
    switch color {
    case .always: return .ansi
    case .never: return .plain
    case .auto:
      let isSilenced = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
      return !isSilenced && Terminal.isInteractive(1) ? .ansi : .plain
    }
  }

  /// Writes an answer in the form that was asked for.
  func write(_ answer: some Answer, provenance: Provenance) throws {
    let text =
      switch format {
      case .table: answer.text(style: style)
      case .json: answer.json(provenance: provenance)
      case .csv: answer.csv
      case .markdown: answer.markdown
      }
    // CSV ends its lines with CR LF, which is one character.
    let whole = text.utf8.last == UInt8(ascii: "\n") ? text : text + "\n"
    if let output {
      try AtomicWriter.write(whole, to: output)
      note("wrote \(output)")
    } else {
      try Terminal.data(whole)
    }
  }

  /// A note for people, unless they asked for quiet.
  func note(_ text: String) {
    if !quiet { Terminal.complain(text) }
  }

  /// Progress of long work.
  func progress(_ text: String) {
    if !quiet { Terminal.progress(text) }
  }

  /// The id and time of this invocation, where asked for.
  var invocation: Provenance.Stamp? {
    guard stamp else { return nil }
    return Provenance.Stamp(id: UUID().uuidString, time: Date().formatted(.iso8601))
  }
}

/// Anything that a command can answer with.
protocol Answer {
  func text(style: Style) -> String
  var markdown: String { get }
  var csv: String { get }
  func json(provenance: Provenance) -> String
}

extension EstimateView: Answer {}
extension RejectionView: Answer {}
extension PlanView: Answer {}
extension CompareView: Answer {}
extension FindView: Answer {}
extension ListView: Answer {}
