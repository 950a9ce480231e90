import ArgumentParser
import Clusters
import Foundation
import Planning
import Quantities
import Refitting
import Reporting
import RunStore
import Scenarios
import Strategies

/// `foretrain refit run`.
struct RefitRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Fit a profile's and a stack's overheads to runs that you measured.",
    discussion: """
      FILE names scenarios with their measured step times, and memory where it was read: JSON, \
      YAML or CSV, see Documentation/measured-runs.md. A few factors near 1 explain them; the error \
      before and after is printed, with every run left out in turn where there are three or more, \
      and what each single term would explain. The refit profile and stack are files of their own, \
      which --hardware and --software take.

        foretrain refit run my-runs.json
        foretrain estimate openclip-b16-laion400m --software open-clip-2021-refit
      """)

  @Argument(help: "Measured runs: .json, .yaml or .csv.")
  var file: String
  @Option(help: "What the ids of the refit files end in.")
  var suffix = "-refit"
  @Option(help: "Write the files below DIR instead of the user's data folder.")
  var into: String?
  @Flag(help: "Write no files.")
  var dryRun = false
  @OptionGroup var folders: DataOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    let isFit = suffix.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard isFit, !suffix.isEmpty else {
      throw ValidationError("--suffix takes lower-case letters, digits and '-'")
    }
    if let into, into.isEmpty { throw ValidationError("--into names no folder") }
  }

  func run() throws {
    let loader = try folders.loader()
    let runs = try MeasuredRunsReader(loader: loader).read(path: file)
    try checkAlike(runs)
    guard let first = runs.first else { return }
    output.progress("fitting \(runs.count) runs")
    defer { if !output.quiet { Terminal.endProgress() } }
    let refit = try RunRefit(runs)
    let files = RefitFiles(
      scenario: first.scenario, factors: refit.factors, runs: citation(runs, refit), suffix: suffix)
    var written: [String] = []
    if !dryRun { for file in files.all { written.append(try write(file)) } }
    let answer = RefitRunView(
      runs: runs.map(\.name), refit: refit.rows, memory: refit.memoryRows,
      factors: refit.factorRows, alone: refit.aloneRows, files: written)
    try output.write(answer, provenance: try output.provenance(loader))
  }

  /// One profile and one stack can be refit at a time.
  private func checkAlike(_ runs: [MeasuredRun]) throws {
    guard let first = runs.first else { return }
    let source = try SourceFile(path: file)
    var errors: [Diagnostic] = []
    for run in runs.dropFirst() {
      let pairs = [
        ("hardware", first.scenario.cluster.profile.id, run.scenario.cluster.profile.id),
        ("software", first.scenario.strategy.software.id, run.scenario.strategy.software.id),
      ]
      for (kind, own, other) in pairs where own != other {
        errors.append(
          Diagnostic(
            file: file, location: run.location,
            message: "'\(run.name)' runs on the \(kind) '\(other)', the first run on '\(own)'",
            help: "refit one profile and one stack at a time: one file for each",
            sourceLine: source.line(run.location.line)))
      }
    }
    guard errors.isEmpty else { throw FileErrors(errors) }
  }

  private func citation(_ runs: [MeasuredRun], _ refit: RunRefit) -> String {
    let names = runs.prefix(4).map(\.name).joined(separator: ", ")
    let error = refit.meanError
    func percent(_ share: Double) -> String { Format.fixed(100 * share, digits: 1) + " %" }
    return "foretrain refit run \(URL(filePath: file).lastPathComponent), \(runs.count) runs ("
      + names + (runs.count > 4 ? ", ..." : "") + "), mean error of the step "
      + "\(percent(error.before)) before, \(percent(error.after)) after"
  }

  private func write(_ file: RefitFiles.File) throws -> String {
    let root: String
    if let into {
      root = into
    } else {
      let data = DataFolder()
      try data.create()
      root = data.path
    }
    let folder = root + "/" + file.folder
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw UsageError("cannot make the folder '\(folder)'", help: error.localizedDescription)
    }
    let path = folder + "/" + file.id + ".yaml"
    try AtomicWriter.write(file.text, to: path)
    return path
  }
}

extension RefitRunView: Answer {}

extension RunRefit {
  /// Errors of time for the view.
  var rows: [RefitRunView.Errors] {
    time.map { .init(before: $0.before, after: $0.after, leftOut: $0.leftOut) }
  }

  /// Errors of memory for the view.
  var memoryRows: [RefitRunView.Errors?] {
    memory.map { errors in
      errors.map { RefitRunView.Errors(before: $0.before, after: $0.after, leftOut: nil) }
    }
  }

  /// Factors for the view, in the order of the terms.
  var factorRows: [RefitRunView.Factor] {
    RefitTerm.allCases.compactMap { term in
      factors[term].map { .init(term: term.rawValue, meaning: term.meaning, factor: $0) }
    }
  }

  /// Single terms for the view, the best first.
  var aloneRows: [RefitRunView.Alone] {
    alone.map {
      .init(
        term: $0.term.rawValue, meaning: $0.term.meaning, factor: $0.factor, error: $0.error)
    }
  }
}
