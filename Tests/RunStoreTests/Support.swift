import Foundation
import Measurement
import Quantities
import RunStore
import Testing

/// A folder of its own, removed at the end.
struct TemporaryFolder: ~Copyable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("foretrain-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  var database: String { url.appendingPathComponent("store.sqlite").path }

  deinit { try? FileManager.default.removeItem(at: url) }
}

let machine = MachineFingerprint(
  processor: "Test CPU", vectors: "avx2", cores: 2, memoryBytes: 8_000_000_000,
  operatingSystem: "Testix 1")

func session(
  on machine: MachineFingerprint = machine, backend: String = "openblas", threads: Int = 2
) -> BenchSession {
  BenchSession(
    machine: machine, backend: backend, libraries: ["openblas": "OpenBLAS 0", "onednn": "2"],
    threads: threads, quick: true, seed: .max, startedAt: "2026-01-02T03:04:05Z",
    residentBytes: 33_000_000)
}

func samples(_ range: Range<Int>) -> [BenchSample] {
  range.map { number in
    BenchSample(
      sequence: number,
      item: BenchItem(
        .memoryBound(.softmax, rows: number + 1, columns: 65),
        backend: "openblas", role: .heldOut),
      calls: 5, seconds: 1e-3 / Double(number + 3), start: Double(number),
      referenceBefore: 0.25, referenceAfter: 1.0 / 3)
  }
}

/// A result with constants of a machine that obeys a law exactly.
func result(
  for session: BenchSession, perFlop: Double = 1e-11, interrupted: Bool = false
) throws -> BenchResult {
  let plan = BenchPlan.standard(quick: true, primary: session.backend, others: [], seed: 1)
  let samples = plan.items.enumerated().map { number, item in
    BenchSample(
      sequence: number, item: item, calls: 1,
      seconds: 1e-6 + perFlop * item.kernel.flops + 5e-11 * item.kernel.bytes, start: 0,
      referenceBefore: 1, referenceAfter: 1)
  }
  return try BenchResult(
    session: session, samples: samples, elapsed: Seconds(3.0), interrupted: interrupted)
}
