import Clusters
import Foundation
import Quantities
import Scenarios
import Testing

/// What `scripts/fit-gemm-curves.py` writes, as far as the tests need it.
private struct FittedModel: Decodable {
  var constants: [String: Double]
  var rows: Int
  var fit_error: Double
  var held_out_error: Double
}

private func fitted() throws -> [String: [String: [String: FittedModel]]] {
  try JSONDecoder().decode(
    [String: [String: [String: FittedModel]]].self,
    from: Data(contentsOf: projectFolder.appending(path: "fitted/gemm-curves.json")))
}

/// One measured product.
private struct Row {
  var m: Double
  var n: Double
  var k: Double
  var seconds: Double
}

private func rows(_ device: String, _ table: String) throws -> [Row] {
  try String(
    contentsOf: projectFolder.appending(path: "fitted/gemm-measured.csv"), encoding: .utf8
  )
  .split(separator: "\n").dropFirst().compactMap { line in
    let cells = line.split(separator: ",").map(String.init)
    let numbers = cells.dropFirst(3).compactMap(Double.init)
    guard cells.count == 7, numbers.count == 4, cells[0] == device, cells[1] == table else {
      return nil
    }
    return Row(m: numbers[0], n: numbers[1], k: numbers[2], seconds: numbers[3] * 1e-6)
  }
}

/// The tile and wave formula, written down a second time from its documentation.
private func seconds(_ row: Row, _ curve: GEMMCurve.TileWave, _ device: Accelerator) throws
  -> Double
{
  let count = Double(device.multiprocessors.value)
  let peak = try #require(device.peak[.fp16]).value.value
  let bandwidth = device.memoryBandwidth.value.value
  var best = Double.infinity
  for split in curve.splitK where split == 1 || Int(row.k) / split >= 64 {
    for tile in curve.tiles {
      let tiles =
        (row.m / Double(tile.m)).rounded(.up) * (row.n / Double(tile.n)).rounded(.up)
        * Double(split) / count
      let depth = (row.k / Double(split)).rounded(.up)
      let work = 2 * Double(tile.m * tile.n) * depth * count / (peak * tile.efficiency)
      let each =
        work + curve.tileOverhead.value + (split > 1 ? curve.splitKOverhead.value : 0)
      let waves = max(1, tiles + curve.waveWeight * (tiles.rounded(.up) - tiles))
      let sums =
        split > 1
        ? curve.splitKTraffic * 4 * row.m * row.n * Double(split) / (0.8 * bandwidth) : 0
      best = min(best, waves * each + sums)
    }
  }
  let bytes = 2 * (row.m * row.k + row.k * row.n + row.m * row.n)
  return curve.launch.value + max(best, bytes / (bandwidth * curve.memoryFloor))
}

@Suite("Curves that were fitted to published products")
struct FittedCurvesTests {
  struct Pair: Sendable, CustomTestStringConvertible {
    var profile: String
    var device: String
    var table: String
    /// The largest mean error that the profile's range and notes are good for.
    var limit: Double
    var testDescription: String { profile }
  }

  @Test(
    "a profile's curve is the fitted one, and is as near to the measurements as the fit says",
    arguments: [
      Pair(
        profile: "h100-80gb-sxm-dgx", device: "H100-SXM5-80GB", table: "aiconfigurator",
        limit: 0.10),
      Pair(profile: "h200-sxm", device: "H200-SXM-141GB", table: "aiconfigurator", limit: 0.06),
      Pair(profile: "b200-sxm", device: "B200-SXM-180GB", table: "aiconfigurator", limit: 0.08),
      Pair(profile: "l40s", device: "L40S", table: "aiconfigurator", limit: 0.11),
      Pair(profile: "v100-32gb-sxm-dgx", device: "V100-SXM2", table: "deepbench", limit: 0.05),
    ])
  func fittedCurve(pair: Pair) throws {
    let profile = try shippedHardware.profile(pair.profile)
    guard case .tileWave(let curve) = profile.efficiency.gemm.value else {
      Issue.record("not a tile and wave curve")
      return
    }
    let model = try #require(try fitted()[pair.device]?[pair.table]?["tile-wave"])
    let names = ["large", "large", "middle", "small", "small", "smallest"]
    #expect(curve.tiles.map(\.efficiency) == names.map { model.constants[$0] })
    #expect(curve.waveWeight == model.constants["wave_weight"])
    #expect(curve.memoryFloor == model.constants["memory_floor"])
    let rows = try rows(pair.device, pair.table)
    #expect(rows.count == model.rows)
    let errors = try rows.map {
      abs(log(try seconds($0, curve, profile.accelerator) / $0.seconds))
    }
    let mean = errors.reduce(0, +) / Double(errors.count)
    #expect(abs(mean - model.fit_error) < 1e-3)
    #expect(mean < pair.limit && model.held_out_error < pair.limit)
  }

  @Test("the A100 curve, fitted elsewhere, is within 13 % of a table that its fit never saw")
  func unseenTable() throws {
    let profile = try shippedHardware.profile("a100-80gb-sxm-dgx")
    guard case .tileWave(let curve) = profile.efficiency.gemm.value else {
      Issue.record("not a tile and wave curve")
      return
    }
    let errors = try rows("A100-SXM4", "aiconfigurator").map {
      abs(log(try seconds($0, curve, profile.accelerator) / $0.seconds))
    }
    #expect(errors.count == 275)
    #expect(errors.reduce(0, +) / Double(errors.count) < 0.13)
  }
}
