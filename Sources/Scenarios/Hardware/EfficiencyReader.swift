import Clusters
import Quantities

/// Reads the `efficiency` section: the curves that say how much of its peak a device reaches.
enum EfficiencyReader {
  static func efficiency(_ section: Section) -> Efficiency {
    let gemm = section.section("gemm") { section in
      (curve: section.vouched(curve(section)), range: section.required("range", .range))
    }
    let attention = section.section("attention", attention)
    let launch = section.section("launch") { section in
      (
        kernel: section.sourced("kernel", .quantity(of: Second.self)),
        eager: section.sourced("eager_operator", .quantity(of: Second.self))
      )
    }
    var efficiency = Efficiency(
      gemm: gemm.curve, gemmRange: gemm.range, attention: attention.curves,
      attentionOrigin: attention.origin, attentionMeasured: attention.measured,
      memoryBound: section.section("memory_bound") { section in
        Efficiency.MemoryBound(
          elementwise: share("elementwise", section),
          normalization: share("normalization", section), softmax: share("softmax", section),
          optimizer: share("optimizer", section))
      },
      kernelLaunch: launch.kernel, eagerOperator: launch.eager)
    efficiency.kernels = section.optionalSection("kernels", KernelLawsReader.laws)
    return efficiency
  }

  /// A share of memory bandwidth.
  ///
  /// Only a measured one may pass 1: small tensors stay in a cache.
  private static func share(_ key: String, _ section: Section) -> Sourced<Double> {
    let share = section.sourced(key, .positiveNumber)
    if share.origin != .measured, max(share.value, share.high ?? 0) > 1 {
      section.error(
        key, "'\(section.path(key))' is more than all of the memory bandwidth",
        help: "shares are at most 1, unless they were measured")
    }
    return share
  }

  // MARK: - Matrix products

  private enum Model: String, CaseIterable {
    case tileWave = "tile-wave"
    case plateau
    case linear
  }

  private static func curve(_ section: Section) -> GEMMCurve {
    switch section.enumeration("model", of: Model.self) {
    case .tileWave: .tileWave(tileWave(section))
    case .plateau:
      .plateau(
        GEMMCurve.Plateau(
          efficiency: section.required("efficiency", .positiveFraction),
          halfK: section.required("half_k", .nonNegativeNumber),
          launch: section.quantity("launch", of: Second.self),
          memoryFloor: section.required("memory_floor", .positiveFraction)))
    case .linear:
      .linear(
        GEMMCurve.LinearLaw(
          launch: section.quantity("launch", of: Second.self),
          perFlop: section.required("seconds_per_flop", .nonNegativeNumber),
          perByte: section.required("seconds_per_byte", .nonNegativeNumber),
          perOutput: section.required("seconds_per_output", .nonNegativeNumber),
          measured: section.section("measured_flops") { section in
            let low = section.required("low", .nonNegativeNumber)
            let high = section.required("high", .nonNegativeNumber)
            if low > high { section.error("high", "'\(section.path("high"))' is below 'low'") }
            return min(low, high)...max(low, high)
          }))
    }
  }

  private static func tileWave(_ section: Section) -> GEMMCurve.TileWave {
    let tile = Reading.section(
      standIn: GEMMCurve.TileWave.Tile(m: 1, n: 1, efficiency: 1),
      example: "{m: 128, n: 128, efficiency: 0.7}"
    ) {
      GEMMCurve.TileWave.Tile(
        m: $0.count("m"), n: $0.count("n"),
        efficiency: $0.required("efficiency", .positiveFraction))
    }
    return GEMMCurve.TileWave(
      tiles: section.required(
        "tiles", .list(of: tile).checked("a list of tiles", standIn: [tile.standIn]) { !$0.isEmpty }
      ),
      splitK: section.required(
        "split_k",
        .list(of: .count).checked("a list of counts with 1 among them", standIn: [1]) {
          $0.contains(1)
        }),
      launch: section.quantity("launch", of: Second.self),
      tileOverhead: section.quantity("tile_overhead", of: Second.self),
      splitKOverhead: section.quantity("split_k_overhead", of: Second.self),
      splitKTraffic: section.required("split_k_traffic", .nonNegativeNumber),
      waveWeight: section.fraction("wave_weight"),
      memoryFloor: section.required("memory_floor", .positiveFraction),
      misaligned: section.required("misaligned", .positiveFraction))
  }

  // MARK: - Attention

  private static func attention(
    _ section: Section
  ) -> (curves: [Efficiency.AttentionCurve], origin: Sourced<Bool>, measured: ClosedRange<Int>) {
    let curve = Reading.section(
      standIn: Efficiency.AttentionCurve(headWidth: 64, plateau: Quantity(1.0), half: 1),
      example: "{head_width: 64, plateau: 177 TFLOP/s, half: 165}"
    ) {
      Efficiency.AttentionCurve(
        headWidth: $0.count("head_width"),
        plateau: $0.required("plateau", .positive(Per<FloatingPointOperation, Second>.self)),
        half: $0.required("half", .nonNegativeNumber))
    }
    let curves = section.required("curves", .list(of: curve))
    let holds = section.value("holds", .bool, default: !curves.isEmpty)
    let measured = section.section("measured_tokens") { section in
      let low = section.count("low")
      let high = section.count("high")
      if low > high { section.error("high", "'\(section.path("high"))' is below 'low'") }
      return min(low, high)...max(low, high)
    }
    return (curves, section.vouched(holds), measured)
  }
}

extension Reading where Value == Range90 {
  /// `{low, typical, high}` of a positive factor.
  static var range: Reading {
    .section(standIn: Range90(exactly: 1), example: "{low: 0.9, typical: 1, high: 1.2}") {
      section in
      let low = section.required("low", .positiveNumber)
      let typical = section.required("typical", .positiveNumber)
      let high = section.required("high", .positiveNumber)
      guard low <= typical, typical <= high else {
        section.error(
          "typical", "'\(section.name)' is not ordered", help: "low <= typical <= high")
        return Range90(exactly: 1)
      }
      return Range90(low: low, typical: typical, high: high)
    }
  }
}
