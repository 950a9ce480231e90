import Foundation
import Reporting
import Scenarios
import Training

/// Points of a study as a CSV file: runs that have ended are not run again.
///
/// Its first line names what the study is about, so that points of two studies never mix.
struct TradeOffFile {
  let path: String
  /// What decides the points beside run and seed: scenario, steps, learning rate, images.
  let subject: String

  private static let header = "run,seed,lambda,clean_accuracy,attacked_accuracy,images"

  /// The curves that are there.
  ///
  /// - Throws: `UsageError` where the file belongs to another study or is no such file.
  func read() throws -> [TradeOffCurve] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let lines = try String(contentsOfFile: path, encoding: .utf8)
      .split(whereSeparator: \.isNewline).map(String.init)
    guard lines.count >= 2, lines[1] == Self.header else {
      throw UsageError(
        "\(path): this is no file of points", help: "move it away, or name another folder with -o")
    }
    guard lines[0] == "# " + subject else {
      throw UsageError(
        "\(path): another study is in this folder: found '\(lines[0].dropFirst(2))', expected "
          + "'\(subject)'",
        help: "move it away, or name another folder with -o")
    }
    var curves: [TradeOffCurve] = []
    for (index, line) in lines.enumerated().dropFirst(2) {
      let cells = line.split(separator: ",").map(String.init)
      guard cells.count == 6, let seed = UInt64(cells[1]), let lambda = Float(cells[2]),
        let clean = Double(cells[3]), let attacked = Double(cells[4]), let images = Int(cells[5])
      else {
        throw UsageError(
          "\(path):\(index + 1): found '\(line)', expected \(Self.header)",
          help: "remove the line, its run is made again")
      }
      let point = SweepPoint(lambda: lambda, clean: clean, attacked: attacked, images: images)
      if curves.last?.name == cells[0], curves.last?.seed == seed {
        curves[curves.count - 1].points.append(point)
      } else {
        curves.append(TradeOffCurve(name: cells[0], seed: seed, points: [point]))
      }
    }
    return curves
  }

  /// Writes all curves, completely or not at all.
  func write(_ curves: [TradeOffCurve]) throws(WriteError) {
    let rows = curves.flatMap { curve in
      curve.points.map {
        "\(curve.name),\(curve.seed),\($0.lambda),\($0.clean),\($0.attacked),\($0.images)"
      }
    }
    try AtomicWriter.write(
      (["# " + subject, Self.header] + rows).joined(separator: "\n") + "\n", to: path)
  }
}
