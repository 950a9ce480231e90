public import Quantities

/// Failures, checkpoints and the campaign around one run.
public struct RunEstimate: Sendable, Hashable {
  /// Share of wall time that advances the training.
  public var goodput = 1.0
  /// Expected failures.
  public var failures = 0.0
  /// Time between checkpoints.
  public var checkpointInterval = Seconds.zero
  /// Size of a checkpoint.
  public var checkpointBytes = Bytes.zero
  /// Nodes kept in reserve.
  public var spareNodes = 0
  /// In-situ sweep over lambda after training, once.
  public var sweep = Seconds.zero
  /// Lines of the campaign beside the run itself, in accelerator-hours.
  public var campaign: [CampaignLine] = []

  /// What a campaign spends on one purpose.
  public struct CampaignLine: Sendable, Hashable {
    /// For example `further runs`.
    public var name: String
    /// Beside the run itself.
    public var hours: AcceleratorHours

    /// A line.
    public init(name: String, hours: AcceleratorHours) {
      self.name = name
      self.hours = hours
    }
  }

  /// Nothing yet.
  public init() {}
}
