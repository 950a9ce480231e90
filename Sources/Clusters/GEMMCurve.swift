public import Quantities

/// How long a matrix product takes on a device, as data.
///
/// `CostModel` evaluates it.
public enum GEMMCurve: Sendable, Hashable {
  /// Output tiles spread over multiprocessors in waves, with split-K.
  case tileWave(TileWave)
  /// One plateau, for devices of which only the datasheet is known.
  case plateau(Plateau)
  /// A non-negative linear law fitted to measured products of this machine.
  case linear(LinearLaw)

  /// Constants of the tile and wave model; the formula is in `CostModel`'s `TileWaveTime`.
  public struct TileWave: Sendable, Hashable {
    /// One tile shape and the share of one multiprocessor's peak that it reaches.
    public struct Tile: Sendable, Hashable {
      /// Rows of the output tile.
      public var m: Int
      /// Columns of the output tile.
      public var n: Int
      /// Share of peak.
      public var efficiency: Double
      /// A tile.
      public init(m: Int, n: Int, efficiency: Double) {
        self.m = m
        self.n = n
        self.efficiency = efficiency
      }
    }
    /// The tile shapes the library chooses from.
    public var tiles: [Tile]
    /// The split-K factors it chooses from.
    public var splitK: [Int]
    /// Fixed time of a launch.
    public var launch: Seconds
    /// Prologue and epilogue of one tile.
    public var tileOverhead: Seconds
    /// Extra per tile when K is split.
    public var splitKOverhead: Seconds
    /// Weight of the traffic that adding up the splits causes.
    public var splitKTraffic: Double
    /// 0: a partial wave costs its share; 1: it costs a whole wave.
    public var waveWeight: Double
    /// Share of memory bandwidth that a memory-bound product reaches.
    public var memoryFloor: Double
    /// Rate factor where n or k is not a multiple of 8.
    public var misaligned: Double

    /// Constants of the model.
    public init(
      tiles: [Tile], splitK: [Int], launch: Seconds, tileOverhead: Seconds,
      splitKOverhead: Seconds, splitKTraffic: Double, waveWeight: Double, memoryFloor: Double,
      misaligned: Double
    ) {
      self.tiles = tiles
      self.splitK = splitK
      self.launch = launch
      self.tileOverhead = tileOverhead
      self.splitKOverhead = splitKOverhead
      self.splitKTraffic = splitKTraffic
      self.waveWeight = waveWeight
      self.memoryFloor = memoryFloor
      self.misaligned = misaligned
    }
  }

  /// `launch + max(2mnk (1 + halfK / k) / (efficiency peak), bytes / (memoryFloor bandwidth))`.
  public struct Plateau: Sendable, Hashable {
    /// Share of peak at large sizes.
    public var efficiency: Double
    /// The k at which half of the plateau is reached.
    public var halfK: Double
    /// Fixed time of a launch.
    public var launch: Seconds
    /// Share of memory bandwidth that a memory-bound product reaches.
    public var memoryFloor: Double

    /// Constants of the model.
    public init(efficiency: Double, halfK: Double, launch: Seconds, memoryFloor: Double) {
      self.efficiency = efficiency
      self.halfK = halfK
      self.launch = launch
      self.memoryFloor = memoryFloor
    }
  }

  /// `launch + flops perFlop + bytes perByte + m n perOutput`, every coefficient at least 0.
  public struct LinearLaw: Sendable, Hashable {
    /// Fixed time of a call.
    public var launch: Seconds
    /// Seconds per FLOP.
    public var perFlop: Double
    /// Seconds per byte of the three operands.
    public var perByte: Double
    /// Seconds per element of the output.
    public var perOutput: Double
    /// The smallest and largest FLOP count that was measured; outside is out of range.
    public var measured: ClosedRange<Double>

    /// A fitted law.
    public init(
      launch: Seconds, perFlop: Double, perByte: Double, perOutput: Double,
      measured: ClosedRange<Double>
    ) {
      self.launch = launch
      self.perFlop = perFlop
      self.perByte = perByte
      self.perOutput = perOutput
      self.measured = measured
    }
  }
}
