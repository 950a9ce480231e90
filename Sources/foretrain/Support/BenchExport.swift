import ArgumentParser
import Measurement
import Reporting
import RunStore
import Scenarios

/// Stored samples as a file.
struct BenchExport {
  /// Forms of the file.
  enum Form: String, ExpressibleByArgument, CaseIterable {
    case csv
    case json
  }

  let store: RunStore
  let form: Form
  let output: OutputOptions

  /// Writes the samples of a session, the newest one of this machine unless it is named.
  ///
  /// - Throws: `UsageError` where there is none.
  func run(_ number: Int64?) throws {
    let session = try Self.session(number, in: store)
    let samples = try store.samples(of: session.id)
    var format = output
    format.format = form == .csv ? .csv : .json
    try format.write(
      ListView(kind: "samples", table: Self.table(samples)),
      provenance: Provenance(
        version: Tool.version, seed: session.session.seed, stamp: output.invocation))
  }

  /// A stored session by its number; the newest one of this machine unless it is named.
  static func session(_ number: Int64?, in store: RunStore) throws -> StoredSession {
    let sessions = try store.sessions(of: MachineFingerprint.current())
    let found = number.map { number in sessions.first { $0.id.number == number } } ?? sessions.last
    guard let found else {
      throw UsageError(
        number.map { "there is no session \($0) of this machine" } ?? "nothing was measured yet",
        help: sessions.isEmpty
          ? "measure first: foretrain bench" : "see foretrain bench --sessions")
    }
    return found
  }

  private static func table(_ samples: [BenchSample]) -> Table {
    Table(
      columns: [
        .init("sequence", "#", .right), .init("kernel", "kernel"), .init("shape", "shape"),
        .init("library", "library"), .init("role", "role"), .init("calls", "calls", .right),
        .init("seconds", "s", .right), .init("start_s", "start", .right),
        .init("reference_before_s", "reference before", .right),
        .init("reference_after_s", "reference after", .right),
        .init("flops", "FLOP", .right), .init("bytes", "bytes", .right),
      ],
      rows: samples.map { sample in
        let item = sample.item
        func number(_ value: Double) -> Table.Cell { .number(value, "\(value)") }
        return [
          .integer(sample.sequence), .words(item.kernel.name), .words(item.kernel.shape),
          .words(item.backend), .words(item.role.rawValue), .integer(sample.calls),
          number(sample.seconds), number(sample.start), number(sample.referenceBefore),
          number(sample.referenceAfter), number(item.kernel.flops), number(item.kernel.bytes),
        ]
      })
  }
}
