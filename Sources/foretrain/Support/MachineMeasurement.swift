import Clusters
import Foundation
import Measurement
import Quantities
import Reporting
import RunStore
import Scenarios

/// A bench of this machine, from samples to the profile `this-machine`.
struct MachineMeasurement {
  let folder: DataFolder
  let store: RunStore
  let output: OutputOptions

  init(output: OutputOptions) throws {
    self.output = output
    folder = DataFolder()
    try folder.create()
    store = try RunStore(path: folder.database)
  }

  /// Measures, or goes on with a bench that was cut short, fits, and writes the profile.
  ///
  /// - Throws: `Interrupted` with what was kept, `BenchError` or `RunStoreError`.
  func bench(_ options: BenchOptions, fresh: Bool = false) throws -> BenchResult {
    var bench = try ThisMachine.bench(options: options)
    // A folder that cannot be opened is said by the database, with its reason.
    let lock = try? FolderLock(folder: folder.path)
    defer { lock?.release() }
    guard lock?.take() ?? true else { throw BenchIsRunning() }
    let earlier = fresh ? nil : try unfinished(like: bench.session)
    var samples: [BenchSample] = []
    if let earlier {
      samples = try store.samples(of: earlier.id)
      bench.resume(backend: earlier.session.backend)
      output.note(
        "going on with the bench of \(earlier.session.startedAt) behind its \(samples.count) "
          + "samples (--fresh begins anew)")
    }
    var sink = StoringSink(store, resuming: earlier?.id)
    Interrupts.handleGracefully()
    let result: BenchResult
    do {
      result = try bench.run(into: &sink, resuming: samples) { progress in
        output.progress(
          "bench: \(progress.finished) of \(progress.items) settled, "
            + "\(progress.samples) samples, \(progress.elapsed) of \(progress.budget)")
      } isCancelled: {
        Interrupts.wasAsked
      }
    } catch let error as BenchError where Interrupts.wasAsked {
      throw Interrupted(
        kept: "samples so far are in \(folder.database), and `foretrain bench` goes on behind "
          + "them; no fit yet: \(error)")
    }
    if !output.quiet { Terminal.endProgress() }
    guard let session = sink.session else { return result }
    try store.finish(session, with: result)
    if Interrupts.wasAsked {
      throw Interrupted(
        kept: "\(result.samples.count) samples are in \(folder.database), and `foretrain bench` "
          + "goes on behind them; the profile is unchanged")
    }
    let text = HardwareProfileWriter.text(of: profile(result))
    try store.saveProfile(name: MachineProfile.id, format: "yaml", text: text, of: session)
    try AtomicWriter.write(text, to: folder.thisMachineProfile)
    return result
  }

  /// The profile that a bench gives.
  func profile(_ result: BenchResult) -> HardwareProfile {
    MachineProfile.profile(from: result.fit, session: result.session)
  }

  /// The newest session where it is like this one and was cut short.
  private func unfinished(like session: BenchSession) throws -> StoredSession? {
    guard let last = try store.sessions(of: session.machine).last, last.interrupted != false
    else { return nil }
    let then = last.session
    let isAlike =
      then.threads == session.threads && then.quick == session.quick && then.seed == session.seed
      && then.libraries == session.libraries
      && (session.backend.isEmpty || then.backend == session.backend)
    return isAlike ? last : nil
  }
}

/// Another bench measures this machine at this moment.
struct BenchIsRunning: Error, CustomStringConvertible {
  var description: String {
    "another bench measures this machine; wait for it to finish, and try again"
  }
}
