import Foundation
import Measurement
import Quantities
import Reporting
import RunStore
import Workloads

/// The samples and the fit that the measured values of this machine's profile rest on.
enum MeasuredSamples {
  /// One entry for each kind of kernel that stands behind some of the inputs.
  ///
  /// A database that cannot be read costs this part of the answer alone, and says so.
  static func basis(of influences: [Influence], warn: (String) -> Void) -> [MeasuredBasis] {
    let measured = influences.filter { $0.origin == .measured && $0.input.hasPrefix("hardware:") }
    let path = DataFolder().database
    guard !measured.isEmpty, FileManager.default.fileExists(atPath: path) else { return [] }
    do {
      let store = try RunStore(path: path)
      guard let stored = try store.latestFit(of: MachineFingerprint.current()) else { return [] }
      let samples = try store.samples(of: stored.session.id)
      return entries(measured.map(\.input), stored, samples)
    } catch {
      warn("warning: the samples behind measured values are left out: \(error)")
      return []
    }
  }

  private static func entries(
    _ inputs: [String], _ stored: StoredFit, _ samples: [BenchSample]
  ) -> [MeasuredBasis] {
    let session =
      "bench session \(stored.session.id.number) of \(stored.session.session.startedAt)"
    let products = stored.fit.products
    func percent(_ share: Double) -> String { Format.fixed(100 * share, digits: 1) + " %" }
    func entry(
      _ prefixes: [String], _ fit: String, _ isOf: (BenchKernel) -> Bool
    ) -> MeasuredBasis? {
      let own = inputs.filter { input in prefixes.contains { input.hasPrefix("hardware:" + $0) } }
      let taken = samples.filter { $0.item.role != .survey && isOf($0.item.kernel) }
      guard !own.isEmpty, !taken.isEmpty else { return nil }
      return MeasuredBasis(
        inputs: own, session: session, sizes: Set(taken.map(\.item)).count, samples: taken.count,
        fit: fit)
    }
    func isMemory(_ kernel: BenchKernel, _ kind: MemoryBoundKind?) -> Bool {
      guard case .memoryBound(let own, _, _) = kernel else { return false }
      return kind.map { $0 == own.kind } ?? true
    }
    let shares: [(String, MemoryBoundKind, MemoryFit.Share)] = [
      ("elementwise", .elementwise, stored.fit.memory.elementwise),
      ("normalization", .normalization, stored.fit.memory.normalization),
      ("softmax", .softmax, stored.fit.memory.softmax),
      ("optimizer", .optimizer, stored.fit.memory.optimizer),
    ]
    var entries = [
      entry(
        ["efficiency.gemm", "accelerator.peak"],
        "linear law by least absolute deviations, held out \(percent(products.heldOutError)) "
          + "median over \(products.heldOutCount) sizes"
      ) { $0.flops > 0 },
      entry(["accelerator.memory_bandwidth"], "best rate of any kernel") { isMemory($0, nil) },
      entry(["efficiency.launch"], "median of the empty call") { $0 == .emptyCall },
    ]
    for (key, kind, share) in shares {
      entries.append(
        entry(
          ["efficiency.memory_bound.\(key)"],
          "weighted median share \(Format.significant(share.typical)), 90 % of sizes within "
            + "\(Format.significant(share.low)) to \(Format.significant(share.high))"
        ) { isMemory($0, kind) })
    }
    return entries.compactMap(\.self)
  }
}
