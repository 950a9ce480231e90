public import Quantities

/// Where the cluster stands and what it costs there.
public struct Site: Sendable, Hashable {
  /// Price per accelerator-hour; nil where unknown, which is not 0.
  public var price: Sourced<USDollarsPerAcceleratorHour>?
  /// The product and date that the price belongs to, for reports.
  public var priceNote: String
  /// Power usage effectiveness: facility energy over equipment energy.
  public var pue: Sourced<Double>
  /// Carbon intensity of the grid.
  public var grid: Sourced<GramsPerJoule>?
  /// Failures that stop a run, per 1000 node-days.
  public var failuresPer1000NodeDays: Sourced<Double>
  /// Time from a failure to the resumed run.
  public var restart: Sourced<Seconds>
  /// Rate at which one node writes a checkpoint.
  public var checkpointBandwidth: Sourced<BytesPerSecond>

  /// A site from its parts.
  public init(
    price: Sourced<USDollarsPerAcceleratorHour>?, priceNote: String, pue: Sourced<Double>,
    grid: Sourced<GramsPerJoule>?, failuresPer1000NodeDays: Sourced<Double>,
    restart: Sourced<Seconds>, checkpointBandwidth: Sourced<BytesPerSecond>
  ) {
    self.price = price
    self.priceNote = priceNote
    self.pue = pue
    self.grid = grid
    self.failuresPer1000NodeDays = failuresPer1000NodeDays
    self.restart = restart
    self.checkpointBandwidth = checkpointBandwidth
  }
}
