import ArgumentParser
import Measurement
import Quantities
import Reporting
import RunStore
import Scenarios
import Validation

/// `foretrain validate runs`.
struct ValidateRunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Predict a designed set of small real runs from kernels alone, then run them.",
    discussion: """
      Where this machine has not been measured, it is measured first. Each prediction is stored with \
      its time and hash before its run begins. No size that is predicted was benchmarked: sizes that \
      coincide are taken out of the fit.

        foretrain validate runs
        foretrain validate runs --format json
        foretrain validate runs --only base -o table.csv --format csv
      """)

  @Option(help: "Timed steps of a run; twice as many where the machine is disturbed.")
  var steps = 6
  @Option(help: "Only runs whose id begins so.")
  var only: String?
  @Flag(help: "Measure the machine again, even where a fit is stored.")
  var fresh = false
  @Flag(help: "Where the machine is measured first, a pass of under 20 seconds.")
  var quick = false
  @Option(help: "Where the plot and its data go; validation/ in the data folder by default.")
  var plot: String?
  @OptionGroup var folders: DataOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if steps < 3 { throw ValidationError("--steps: a median needs at least 3") }
  }

  func run() throws {
    var session = try ValidationSession(
      data: folders, output: output, fresh: fresh, quick: quick)
    let runs = ValidationDesign.runs.filter { $0.id.hasPrefix(only ?? "") }
    guard !runs.isEmpty else {
      throw UsageError(
        "--only: no run's id begins with '\(only ?? "")'",
        help: "the first is \(ValidationDesign.runs.first?.id ?? "")")
    }
    try session.exclude(runs)
    let entries = try session.validate(runs, steps: steps)
    let answer = RunsAnswer(entries: entries, notes: session.notes)
    let chart = answer.chart
    let folder = plot ?? session.measurement.folder.path + "/validation"
    let written = try chart.write(to: folder, name: "runs")
    try output.write(answer, provenance: session.provenance)
    for line in answer.words { output.note(line) }
    for path in written { output.note("wrote \(path)") }
  }
}
