public import Foundation
public import TrainingCore

/// A bench of the machine that this process runs on.
public enum ThisMachine {
  /// The bench of `foretrain bench`: real core, real clock, the libraries found at run time.
  ///
  /// - Throws: `BenchError` for an unknown library or an impossible number of threads.
  public static func bench(
    options: BenchOptions, at date: Date = Date()
  ) throws(BenchError) -> Bench<CoreMachine, SystemClock> {
    let fingerprint = MachineFingerprint.current()
    let threads = options.threads ?? fingerprint.cores
    guard threads >= 1, threads <= fingerprint.cores else {
      throw .threads(threads, cores: fingerprint.cores)
    }
    let found = GEMMBackends.available()
    if let name = options.backend, !found.contains(where: { $0.name == name }) {
      throw .unknownBackend(name, available: found.map(\.name))
    }
    var versions: [String: String] = [:]
    for backend in found { versions[backend.name] = backend.version }
    let session = BenchSession(
      machine: fingerprint, backend: options.backend ?? "", libraries: versions, threads: threads,
      quick: options.quick, seed: options.seed, startedAt: date.formatted(.iso8601),
      residentBytes: MachineFingerprint.residentBytes())
    return try Bench(
      options: options, session: session,
      machine: CoreMachine(backends: found, workers: Workers(count: threads)),
      clock: SystemClock())
  }

  /// The compute core with the library of that name.
  ///
  /// - Throws: `BenchError.unknownBackend`.
  public static func core(backend name: String, threads: Int) throws(BenchError) -> ComputeCore {
    let found = GEMMBackends.available()
    guard let backend = found.first(where: { $0.name == name }) else {
      throw .unknownBackend(name, available: found.map(\.name))
    }
    return ComputeCore(backend: backend, workers: Workers(count: max(1, threads)))
  }
}
