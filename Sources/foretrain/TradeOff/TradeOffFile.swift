import Foundation
import Reporting
import Scenarios
import Training

/// Points of studies as a CSV file: runs that have ended are not made again.
///
/// Every row has the key of its run, a hash of all that decides the points beside the seed, so that
/// runs of other settings stand beside each other and are never taken for one another.
struct TradeOffFile {
  let path: String

  /// A curve and the key of its run.
  struct Entry {
    var curve: TradeOffCurve
    var key: String
  }

  private static let columns = [
    "run", "seed", "lambda", "clean_accuracy", "attacked_accuracy", "images", "key",
  ]

  /// One line.
  private struct Row {
    var name: String
    var seed: UInt64
    var point: SweepPoint
    var key: String
  }

  /// The curves that are there.
  ///
  /// - Throws: `FileErrors` where it is no such file, with all lines that are wrong.
  func read() throws -> [Entry] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let rows = try Reader.readCSV(
      SourceFile(path: path), columns: Self.columns, needed: Self.columns
    ) { row in
      Row(
        name: row.text("run"), seed: row.required("seed", .seed),
        point: SweepPoint(
          lambda: Float(row.required("lambda", .number)),
          clean: row.required("clean_accuracy", .number),
          attacked: row.required("attacked_accuracy", .number),
          images: row.required("images", .countFromZero)), key: row.text("key"))
    }
    var entries: [Entry] = []
    for row in rows {
      if let last = entries.last, last.key == row.key, last.curve.name == row.name,
        last.curve.seed == row.seed
      {
        entries[entries.count - 1].curve.points.append(row.point)
      } else {
        entries.append(
          Entry(
            curve: TradeOffCurve(name: row.name, seed: row.seed, points: [row.point]),
            key: row.key))
      }
    }
    return entries
  }

  /// Adds a curve to those that are there by now, completely or not at all.
  ///
  /// Several processes may do so at a time: one after the other, each reads what is there by then.
  ///
  /// - Returns: All curves.
  /// - Throws: `FileErrors`, `WriteError`.
  func adding(_ entry: Entry) throws -> [Entry] {
    let lock = try FolderLock(folder: URL(fileURLWithPath: path).deletingLastPathComponent().path)
    defer { lock.release() }
    lock.wait()
    let entries = try read() + [entry]
    try write(entries)
    return entries
  }

  private func write(_ entries: [Entry]) throws(WriteError) {
    let rows = entries.flatMap { entry in
      entry.curve.points.map {
        "\(entry.curve.name),\(entry.curve.seed),\($0.lambda),\($0.clean),\($0.attacked),\($0.images),"
          + entry.key
      }
    }
    try AtomicWriter.write(
      ([Self.columns.joined(separator: ",")] + rows).joined(separator: "\n") + "\n", to: path)
  }
}

extension Reading where Value == UInt64 {
  /// A run's seed.
  fileprivate static var seed: Reading {
    .scalar(standIn: 0, example: "1") { text throws(Complaint) in
      guard let seed = UInt64(text) else {
        throw Complaint("'\(text)' is not a seed", help: "write a whole number")
      }
      return seed
    }
  }
}
