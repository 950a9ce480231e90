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
      Every sample is stored with the machine's fingerprint, library versions and threads. The fit \
      is an ordinary hardware profile; scenarios name it as `hardware: this-machine`.
      Ctrl-C keeps the samples so far and exits 130.

        foretrain bench --quick
        foretrain bench --budget 60 --gemm openblas
      """)

  @Flag(help: "A pass of well under 20 seconds instead of a minute and a half.")
  var quick = false
  @Option(help: "Seconds for warm-up and samples.")
  var budget: Double?
  @Option(help: "The matrix library to fit: openblas or onednn; the faster one by default.")
  var gemm: String?
  @Option(help: "Threads; one per core by default.")
  var threads: Int?
  @Option(help: "Fixes sizes and order.")
  var seed: UInt64 = 1
  @OptionGroup var output: OutputOptions

  func run() throws {
    var options = quick ? BenchOptions.quick : BenchOptions.full
    if let budget { options.budget = Seconds(budget) }
    options.backend = gemm
    options.threads = threads
    options.seed = seed
    let folder = DataFolder()
    try folder.create()
    let store = try RunStore(path: folder.database)
    var sink = StoringSink(store)
    var bench = try ThisMachine.bench(options: options)
    Interrupts.handleGracefully()
    let result: BenchResult
    do {
      result = try bench.run(into: &sink) { progress in
        output.progress(
          "bench: \(progress.finished) of \(progress.items) kernels settled, "
            + "\(progress.samples) samples, \(progress.elapsed) of \(progress.budget)")
      } isCancelled: {
        Interrupts.wasAsked
      }
    } catch let error as BenchError where Interrupts.wasAsked {
      throw Interrupted(kept: "samples so far are in \(folder.database); no fit: \(error)")
    }
    if !output.quiet { Terminal.endProgress() }
    guard let session = sink.session else { return }
    try store.finish(session, with: result)
    if Interrupts.wasAsked {
      throw Interrupted(
        kept: "\(result.samples.count) samples are in \(folder.database); the profile is unchanged"
      )
    }
    let profile = MachineProfile.profile(from: result.fit, session: result.session)
    let text = HardwareProfileWriter.text(of: profile)
    try store.saveProfile(
      name: MachineProfile.id, format: "yaml", text: text, of: session)
    try AtomicWriter.write(text, to: folder.thisMachineProfile)
    try output.write(
      ListView(kind: "bench", table: Self.table(result)),
      provenance: Provenance(
        version: Tool.version, profileHash: Fingerprint.of(text), seed: seed,
        stamp: output.invocation))
    for line in Self.summary(result) { output.note(line) }
    for warning in result.warnings { output.note("warning: \(warning)") }
    output.note("profile: \(folder.thisMachineProfile)")
    output.note("samples: \(folder.database)")
  }

  /// One row per kernel.
  private static func table(_ result: BenchResult) -> Table {
    let lines = result.table.columns
    let keys = [
      "kernel", "library", "shape", "samples", "median", "spread", "rate", "rejected", "corrected",
    ]
    let titles = lines.first ?? keys
    let columns = zip(keys, titles).enumerated().map { index, pair in
      Table.Column(pair.0, pair.1, index >= 3 ? .right : .left)
    }
    return Table(columns: columns, rows: lines.dropFirst().map { $0.map { .words($0) } })
  }

  private static func summary(_ result: BenchResult) -> [String] {
    let fit = result.fit.products
    func percent(_ share: Double) -> String { Format.fixed(share * 100, digits: 1) + " %" }
    return [
      "fit of \(result.fit.backend): error \(percent(fit.fitError)) on fitted sizes, "
        + "\(percent(fit.heldOutError)) on \(fit.heldOutCount) held-out ones "
        + "(90th percentile \(percent(fit.heldOutError90)))",
      "peak \(FlopsPerSecond(result.fit.peak)), copy \(BytesPerSecond(result.fit.memory.copyBandwidth)), "
        + "\(result.samples.count) samples in \(result.elapsed)",
    ]
  }
}
