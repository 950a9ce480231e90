import Clusters
import Foundation
import Measurement
import Quantities
import Reporting
import RunStore
import Scenarios
import Strategies
import TrainingCore
import Validation
import Workloads

/// Predictions and runs on this machine, with everything stored as it happens.
struct ValidationSession {
  let measurement: MachineMeasurement
  let output: OutputOptions
  /// What a reader should know about the machine and the fit.
  private(set) var notes: [String] = []
  private var bench: BenchResult
  private(set) var profile: HardwareProfile
  private let stack: SoftwareStack
  private let core: ComputeCore

  /// A session that rests on the newest fit of this machine, or measures it first.
  ///
  /// - Parameters:
  ///   - data: where stacks are found.
  ///   - output: where notes go.
  ///   - fresh: whether a stored fit is passed over.
  ///   - quick: whether a short pass is enough.
  ///   - threads: workers; one per core unless given.
  /// - Throws: `Interrupted`, `BenchError` or `RunStoreError`.
  init(
    data: DataOptions, output: OutputOptions, fresh: Bool, quick: Bool = false, threads: Int? = nil
  ) throws {
    self.output = output
    measurement = try MachineMeasurement(output: output)
    stack = try data.loader().stack(LocalRun.core)
    if !fresh, let stored = try Self.stored(in: measurement.store, threads: threads) {
      bench = stored
      output.note("the fit of \(stored.session.startedAt) is used (--fresh measures again)")
    } else {
      output.note("measuring this machine first")
      var options = quick ? BenchOptions.quick : .full
      options.threads = threads
      bench = try measurement.bench(options)
    }
    profile = measurement.profile(bench)
    core = try ThisMachine.core(
      backend: bench.session.backend, threads: bench.session.threads)
    notes += bench.warnings
  }

  /// The newest finished bench with laws, from its stored samples.
  private static func stored(in store: RunStore, threads: Int?) throws -> BenchResult? {
    let machine = MachineFingerprint.current()
    guard
      let fit = try store.latestFit(of: machine, threads: threads ?? machine.cores),
      fit.fit.kernels != nil, fit.fit.references[ReferenceClass.block.rawValue] != nil
    else { return nil }
    return try BenchResult(
      session: fit.session.session, samples: try store.samples(of: fit.session.id),
      elapsed: Seconds(fit.session.elapsedSeconds ?? 0), interrupted: false)
  }

  /// Takes kernels out of the fit that the runs will call at the very same sizes.
  mutating func exclude(_ runs: [ValidationRun]) throws {
    let called = Set(runs.flatMap { $0.works(stack, workers: bench.session.threads) })
    let kept = bench.samples.filter { sample in
      guard case .inChain(let work) = sample.item.kernel, work.family != "host" else {
        return true
      }
      return !called.contains(work)
    }
    let removed = bench.samples.count - kept.count
    output.note(
      removed == 0
        ? "no kernel of the \(runs.count) runs was benchmarked at its size"
        : "\(removed) samples at sizes of the \(runs.count) runs are left out of the fit")
    guard removed > 0 else { return }
    bench = try BenchResult(
      session: bench.session, samples: kept, elapsed: bench.elapsed, interrupted: false,
      others: bench.others)
    profile = measurement.profile(bench)
  }

  /// Predicts and runs, one after the other.
  func validate(_ runs: [ValidationRun], steps: Int) throws -> [ValidationEntry] {
    Interrupts.handleGracefully()
    var entries: [ValidationEntry] = []
    for (place, run) in runs.enumerated() {
      if Interrupts.wasAsked {
        throw Interrupted(
          kept: "\(place) of \(runs.count) runs and their predictions are in "
            + measurement.folder.database)
      }
      output.progress("run \(place + 1) of \(runs.count): \(run.id)")
      let baseline = runs.first { $0.id == run.baseline }
      entries.append(try validate(run, beside: baseline, steps: steps))
    }
    if !output.quiet { Terminal.endProgress() }
    return entries
  }

  private func validate(
    _ run: ValidationRun, beside baseline: ValidationRun?, steps: Int
  ) throws -> ValidationEntry {
    let prediction = Prediction(run, profile: profile, stack: stack)
    let text = prediction.json.text
    let hash = Fingerprint.of(text)
    let predictedAt = Date().formatted(.iso8601)
    var record = RunRecord(
      kind: "validate", scenario: run.id, startedAt: predictedAt, status: .started,
      detail: JSONValue.object([
        .init("prediction", prediction.json), .init("hash", .string(hash)),
      ]).text)
    let machine = bench.session.machine
    let id = try measurement.store.add(record, on: machine)
    let watch = Stopwatch()
    do {
      let real = try RealRun(
        run, beside: baseline, steps: steps, reference: reference, core: core, stack: stack)
      let entry = ValidationEntry(
        run, prediction: prediction, predictedAt: predictedAt, hash: hash, real: real)
      record.status = .finished
      record.elapsedSeconds = watch.seconds
      record.detail =
        JSONValue.object([
          .init("prediction", prediction.json), .init("hash", .string(hash)),
          .init("measured", entry.json),
          .init("step_seconds", .array(real.seconds.map { .number($0) })),
          .init("baseline_step_seconds", .array(real.baseline.map { .number($0) })),
          .init("drift", .array(real.drift.map { .number($0) })),
        ]).text
      try measurement.store.update(id, to: record)
      return entry
    } catch {
      record.status = .failed
      record.elapsedSeconds = watch.seconds
      try? measurement.store.update(id, to: record)
      throw error
    }
  }

  private var reference: Double {
    get throws {
      guard let seconds = bench.fit.references[ReferenceClass.block.rawValue] else {
        throw BenchError.tooFewSamples("the reference block was never timed")
      }
      return seconds
    }
  }

  /// What the answer was made from.
  var provenance: Provenance {
    Provenance(
      version: Tool.version,
      profileHash: Fingerprint.of(HardwareProfileWriter.text(of: profile)),
      seed: bench.session.seed, stamp: output.invocation)
  }
}
