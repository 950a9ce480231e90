public import Clusters
import Quantities
public import Workloads

/// Seconds of one matrix product on a device, from its curve.
///
/// Source of the tile and wave model: a fit to 13,000 fp16 linear layers on A100-80GB
/// (`Documentation/Decisions/0005-hardware-profiles.md`).
public struct ProductTime: Sendable {
  let curve: GEMMCurve
  /// FLOP/s that the curve's shares refer to, by operand size in bytes (2 or 4).
  let peak: [Int: Double]
  let bandwidth: Double
  let multiprocessors: Double

  /// A pricer of products.
  ///
  /// `peak` is in FLOP/s by operand size in bytes (2 or 4), `bandwidth` in bytes/s of the device's
  /// memory.
  public init(
    curve: GEMMCurve, peak: [Int: Double], bandwidth: Double, multiprocessors: Double
  ) {
    self.curve = curve
    self.peak = peak
    self.bandwidth = bandwidth
    self.multiprocessors = multiprocessors
  }

  /// Seconds of `shape` with operands of `bytes` bytes per element.
  public func seconds(_ shape: GEMMShape, bytes: Int) -> Double {
    guard let peak = peak[bytes] ?? peak[4] else { return .infinity }
    switch curve {
    case .tileWave(let constants):
      return tileWave(shape, bytes: Double(bytes), peak: peak, constants)
    case .plateau(let constants):
      let k = Double(shape.k)
      let work = shape.flops * (1 + constants.halfK / k) / (constants.efficiency * peak)
      let traffic = operandBytes(shape, Double(bytes)) / (constants.memoryFloor * bandwidth)
      return constants.launch.value + max(work, traffic)
    case .linear(let law):
      let outputs = Double(shape.m) * Double(shape.n) * Double(shape.count)
      return law.launch.value + shape.flops * law.perFlop
        + operandBytes(shape, Double(bytes)) * law.perByte + outputs * law.perOutput
    }
  }

  private func operandBytes(_ shape: GEMMShape, _ bytes: Double) -> Double {
    let (m, n, k) = (Double(shape.m), Double(shape.n), Double(shape.k))
    return bytes * (m * k + k * n + m * n) * Double(shape.count)
  }

  /// `min over tiles and split-K of launch + waves (tile time) + split traffic`, at least the time
  /// of moving the operands.
  ///
  /// `tile time = 2 tm tn ceil(K/s) / (peak/SM e) + overhead`, `waves = max(1, (1-q) n/SM + q
  /// ceil(n/SM))` with `n` tiles in all; a batched product adds up the tiles of its members.
  private func tileWave(
    _ shape: GEMMShape, bytes: Double, peak: Double, _ constants: GEMMCurve.TileWave
  ) -> Double {
    let perMultiprocessor = peak / multiprocessors
    let launch = constants.launch.value
    let outputs = Double(shape.m) * Double(shape.n) * Double(shape.count)
    var best = Double.infinity
    for split in constants.splitK where split == 1 || shape.k / split >= 64 {
      let depth = Double((shape.k + split - 1) / split)
      let splitTraffic =
        split > 1
        ? constants.splitKTraffic * 4 * outputs * Double(split) / (0.8 * bandwidth) : 0
      let overhead =
        constants.tileOverhead.value + (split > 1 ? constants.splitKOverhead.value : 0)
      for tile in constants.tiles {
        let rows = (shape.m + tile.m - 1) / tile.m
        let columns = (shape.n + tile.n - 1) / tile.n
        let tiles = Double(rows * columns) * Double(split * shape.count)
        let perTile =
          2 * Double(tile.m * tile.n) * depth / (perMultiprocessor * tile.efficiency) + overhead
        let waves = tiles / multiprocessors
        let weighted = max(
          1, (1 - constants.waveWeight) * waves + constants.waveWeight * waves.rounded(.up))
        best = min(best, launch + weighted * perTile + splitTraffic)
      }
    }
    let floor = launch + operandBytes(shape, bytes) / (bandwidth * constants.memoryFloor)
    let aligned = bytes == 4 || (shape.n % 8 == 0 && shape.k % 8 == 0)
    return max(best / (aligned ? 1 : constants.misaligned), floor)
  }
}
