import Foundation
import Measurement
import Quantities
import Reporting
import RunStore
import Scenarios

/// Stored bench sessions, listed or side by side.
struct BenchComparison {
  let store: RunStore
  let output: OutputOptions

  /// The sessions of this machine.
  func list() throws {
    let sessions = try store.sessions(of: MachineFingerprint.current())
    try write(
      "sessions",
      Table(
        columns: [
          .init("session", "session", .right), .init("started_at", "began"),
          .init("library", "library"), .init("threads", "threads", .right), .init("pass", "pass"),
          .init("elapsed_s", "took", .right), .init("state", "state"),
        ],
        rows: sessions.map { stored in
          [
            .integer(Int(stored.id.number)), .words(stored.session.startedAt),
            .words(stored.session.backend), .integer(stored.session.threads),
            .words(stored.session.quick ? "quick" : "full"),
            stored.elapsedSeconds.map { .number($0, "\(Seconds($0))") } ?? .unknown,
            .words(
              stored.interrupted == false
                ? "finished" : stored.interrupted == true ? "cut short" : "never ended"),
          ]
        }))
  }

  /// Kernels that both sessions timed: medians, their ratio, and the ratio by kind of kernel.
  func run(_ first: Int64, _ second: Int64) throws {
    let (left, right) = (try rows(first), try rows(second))
    var table: [[Table.Cell]] = []
    var logs: [String: [Double]] = [:]
    for row in left {
      guard let other = right.first(where: { $0.item == row.item }) else { continue }
      let ratio = other.seconds.median / row.seconds.median
      logs[row.item.kernel.name, default: []].append(log(ratio))
      table.append(
        line(
          row.item.kernel.name, row.item.kernel.shape, row.seconds.median, other.seconds.median,
          ratio))
    }
    guard !table.isEmpty else {
      throw UsageError(
        "sessions \(first) and \(second) have timed no kernel in common",
        help: "compare sessions of one seed and pass; see foretrain bench --sessions")
    }
    for name in logs.keys.sorted() {
      guard let own = logs[name] else { continue }
      let mean = exp(own.reduce(0, +) / Double(own.count))
      table.append(line("all " + name, "\(own.count) sizes", nil, nil, mean))
    }
    try write(
      "comparison",
      Table(
        columns: [
          .init("kernel", "kernel"), .init("shape", "shape"),
          .init("first_s", "session \(first)", .right),
          .init("second_s", "session \(second)", .right), .init("ratio", "ratio", .right),
        ], rows: table))
  }

  private func rows(_ number: Int64) throws -> [BenchTable.Row] {
    let session = try BenchExport.session(number, in: store)
    return BenchTable(DriftJudge().judge(try store.samples(of: session.id))).isolated
  }

  private func line(
    _ name: String, _ shape: String, _ first: Double?, _ second: Double?, _ ratio: Double
  ) -> [Table.Cell] {
    func time(_ value: Double?) -> Table.Cell {
      value.map { .number($0, "\(Seconds($0))") } ?? .empty
    }
    return [
      .words(name), .words(shape), time(first), time(second),
      .number(ratio, Format.fixed(ratio, digits: 3)),
    ]
  }

  private func write(_ kind: String, _ table: Table) throws {
    try output.write(
      ListView(kind: kind, table: table),
      provenance: Provenance(version: Tool.version, stamp: output.invocation))
  }
}
