import Clusters
import Quantities
import Workloads

extension ProductTime {
  /// How `seconds` computes the time of a product: the tile that wins, or the traffic that binds.
  ///
  /// `format`: the matrix format whose peak counts, as the profile names it.
  func expression(_ shape: GEMMShape, bytes: Int, format: String) -> Expression {
    guard let peak = peak[bytes] ?? peak[4] else { return .constant(.infinity) }
    let rate = Expression.input("hardware:accelerator.peak.\(format)", peak)
    func gemm(_ key: String, _ value: Double) -> Expression {
      .input("hardware:efficiency.gemm.\(key)", value)
    }
    let memory = Expression.input("hardware:accelerator.memory_bandwidth", bandwidth)
    let (m, n, k) = (Double(shape.m), Double(shape.n), Double(shape.k))
    let count = Double(shape.count)
    let flops = Expression.counted("FLOP", shape.flops)
    let traffic = Expression.counted(
      "operand bytes", Double(bytes) * (m * k + k * n + m * n) * count)
    switch curve {
    case .tileWave(let constants):
      return tileWave(
        shape, bytes: bytes, rate: rate, memory: memory, traffic: traffic, constants, gemm)
    case .plateau(let constants):
      let work =
        flops * (1 + gemm("half_k", constants.halfK) / .counted("k", k))
        / (gemm("efficiency", constants.efficiency) * rate)
      return gemm("launch", constants.launch.value)
        + .maximum([work, traffic / (gemm("memory_floor", constants.memoryFloor) * memory)])
    case .linear(let law):
      return gemm("launch", law.launch.value)
        + flops * gemm("seconds_per_flop", law.perFlop)
        + traffic * gemm("seconds_per_byte", law.perByte)
        + .counted("outputs", m * n * count) * gemm("seconds_per_output", law.perOutput)
    }
  }

  private func tileWave(
    _ shape: GEMMShape, bytes: Int, rate: Expression, memory: Expression, traffic: Expression,
    _ constants: GEMMCurve.TileWave, _ gemm: (String, Double) -> Expression
  ) -> Expression {
    let processors = Expression.input("hardware:accelerator.multiprocessors", multiprocessors)
    let launch = gemm("launch", constants.launch.value)
    let outputs = Double(shape.m) * Double(shape.n) * Double(shape.count)
    var best: Expression = .constant(.infinity)
    for split in constants.splitK where split == 1 || shape.k / split >= 64 {
      let depth = Double((shape.k + split - 1) / split)
      for (index, tile) in constants.tiles.enumerated() {
        let rows = (shape.m + tile.m - 1) / tile.m
        let columns = (shape.n + tile.n - 1) / tile.n
        let tiles = Expression.counted(
          "tiles of \(tile.m) x \(tile.n)", Double(rows * columns) * Double(split * shape.count))
        var perTile =
          .counted("FLOP of a tile", 2 * Double(tile.m * tile.n) * depth)
          / (rate / processors * gemm("tiles[\(index)].efficiency", tile.efficiency))
          + gemm("tile_overhead", constants.tileOverhead.value)
        if split > 1 {
          perTile = perTile + gemm("split_k_overhead", constants.splitKOverhead.value)
        }
        let weight = gemm("wave_weight", constants.waveWeight)
        let waves = Expression.maximum([
          1, (1 - weight) * (tiles / processors) + weight * .roundedUp(tiles / processors),
        ])
        var time = launch + waves * perTile
        if split > 1 {
          time =
            time + gemm("split_k_traffic", constants.splitKTraffic) * 4
            * .counted("outputs of \(split) splits", outputs * Double(split)) / (0.8 * memory)
        }
        if time.value < best.value { best = time }
      }
    }
    let aligned = bytes == 4 || (shape.n % 8 == 0 && shape.k % 8 == 0)
    if !aligned { best = best / gemm("misaligned", constants.misaligned) }
    let floor = launch + traffic / (memory * gemm("memory_floor", constants.memoryFloor))
    return .maximum([best, floor])
  }
}
