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

  private static let header = "run,seed,lambda,clean_accuracy,attacked_accuracy,images,key"

  /// The curves that are there.
  ///
  /// - Throws: `UsageError` where it is no such file, with all lines that are wrong.
  func read() throws -> [Entry] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let lines = try String(contentsOfFile: path, encoding: .utf8)
      .split(whereSeparator: \.isNewline).map(String.init)
    guard lines.first == Self.header else {
      throw UsageError(
        "\(path):1: found '\(lines.first ?? "")', expected '\(Self.header)'",
        help: "move the file away, or name another folder")
    }
    var entries: [Entry] = []
    var wrong: [String] = []
    for (index, line) in lines.enumerated().dropFirst() {
      let cells = line.split(separator: ",").map(String.init)
      guard cells.count == 7, let seed = UInt64(cells[1]), let lambda = Float(cells[2]),
        let clean = Double(cells[3]), let attacked = Double(cells[4]), let images = Int(cells[5])
      else {
        wrong.append("\(path):\(index + 1): found '\(line)', expected '\(Self.header)'")
        continue
      }
      let point = SweepPoint(lambda: lambda, clean: clean, attacked: attacked, images: images)
      if let last = entries.last, last.key == cells[6], last.curve.name == cells[0],
        last.curve.seed == seed
      {
        entries[entries.count - 1].curve.points.append(point)
      } else {
        entries.append(
          Entry(
            curve: TradeOffCurve(name: cells[0], seed: seed, points: [point]), key: cells[6]))
      }
    }
    guard wrong.isEmpty else {
      throw UsageError(
        wrong.joined(separator: "\n"), help: "remove these lines, their runs are made again")
    }
    return entries
  }

  /// Writes all curves, completely or not at all.
  func write(_ entries: [Entry]) throws(WriteError) {
    let rows = entries.flatMap { entry in
      entry.curve.points.map {
        "\(entry.curve.name),\(entry.curve.seed),\($0.lambda),\($0.clean),\($0.attacked),\($0.images),"
          + entry.key
      }
    }
    try AtomicWriter.write(([Self.header] + rows).joined(separator: "\n") + "\n", to: path)
  }
}
