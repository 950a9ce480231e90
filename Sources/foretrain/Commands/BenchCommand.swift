import ArgumentParser
import Foundation
import Measurement
import Quantities
import Reporting
import RunStore
import Scenarios

/// `foretrain bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time the compute core's kernels on this machine and fit the profile this-machine.",
    discussion: """
      Kernels are timed by themselves, with operands in memory, and in chains of whole blocks, as a \
      step runs them. Every sample is stored with the machine's fingerprint, library versions and \
      threads. The fit is an ordinary hardware profile; scenarios name it as \
      `hardware: this-machine`. Ctrl-C keeps the samples so far and exits 130; the next bench goes \
      on behind them.

        foretrain bench --quick
        foretrain bench --budget 60s --gemm openblas
        foretrain bench --export csv -o samples.csv
        foretrain bench --compare 3 5
      """)

  @Flag(help: "A pass of well under 20 seconds instead of a minute and a half.")
  var quick = false
  @Option(help: "Time for warm-up and samples, for example 60s or 2min.")
  var budget: TimeSpan?
  @Option(help: "The matrix library to fit: openblas or onednn; the faster one by default.")
  var gemm: String?
  @Option(help: "Threads; one per core by default.")
  var threads: Int?
  @Option(help: "Fixes sizes and order.")
  var seed: UInt64 = 1
  @Flag(help: "Begin anew, even where the last bench was cut short.")
  var fresh = false
  @Option(help: "Write the stored samples of a session as csv or json instead of measuring.")
  var export: BenchExport.Form?
  @Option(help: "The session to export; the newest one by default.")
  var session: Int64?
  @Option(
    parsing: .upToNextOption, help: "Set two stored sessions side by side instead of measuring.")
  var compare: [Int64] = []
  @Flag(help: "List the stored sessions of this machine.")
  var sessions = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !compare.isEmpty, compare.count != 2 {
      throw ValidationError("--compare: two sessions are compared, not \(compare.count)")
    }
    if session != nil, export == nil { throw ValidationError("--session goes with --export") }
  }

  func run() throws {
    let measurement = try MachineMeasurement(output: output)
    if let export {
      return try BenchExport(store: measurement.store, form: export, output: output).run(session)
    }
    if sessions || !compare.isEmpty {
      let comparison = BenchComparison(store: measurement.store, output: output)
      return compare.isEmpty ? try comparison.list() : try comparison.run(compare[0], compare[1])
    }
    var options = quick ? BenchOptions.quick : BenchOptions.full
    if let budget { options.budget = budget.seconds }
    options.backend = gemm
    options.threads = threads
    options.seed = seed
    let result = try measurement.bench(options, fresh: fresh)
    let text = HardwareProfileWriter.text(of: measurement.profile(result))
    try output.write(
      ListView(kind: "bench", table: BenchTables.kernels(result)),
      provenance: Provenance(
        version: Tool.version, profileHash: Fingerprint.of(text), seed: seed,
        stamp: output.invocation))
    if output.format == .table, output.output == nil, let laws = BenchTables.laws(result) {
      try Terminal.data("\n" + laws.text(style: output.style) + "\n")
    }
    for line in BenchTables.summary(result) { output.note(line) }
    for warning in result.warnings { output.note("warning: \(warning)") }
    output.note("profile: \(measurement.folder.thisMachineProfile)")
    output.note("samples: \(measurement.folder.database)")
  }
}

/// A time on the command line: `60`, `60s`, `2min`.
struct TimeSpan: ExpressibleByArgument {
  var seconds: Seconds

  init?(argument: String) {
    let units: [(String, Double)] = [("min", 60), ("ms", 1e-3), ("s", 1), ("h", 3600), ("", 1)]
    for (unit, factor) in units where argument.hasSuffix(unit) {
      guard let number = Double(argument.dropLast(unit.count)), number > 0 else { continue }
      seconds = Seconds(number * factor)
      return
    }
    return nil
  }
}
