public import Clusters
public import Quantities

/// How far true step times lie from predicted ones, 90 %: what a fit to published steps missed on
/// runs that it had not seen.
///
/// All ends are factors of the predicted time.
public struct StepSpreads: Sendable, Hashable {
  /// Ends of one kind of run.
  public struct Spread: Sendable, Hashable {
    /// Of a series of which other runs were fitted: from leaving one run out.
    public var seen: Range90
    /// Of a series that was not: from leaving a whole series out.
    public var unseen: Range90
    /// Runs behind it.
    public var runs: Int

    /// Ends.
    public init(seen: Range90, unseen: Range90, runs: Int) {
      self.seen = seen
      self.unseen = unseen
      self.runs = runs
    }
  }

  /// Ends by kind of run.
  public var kinds: [RunKind: Spread]
  /// How much further the ends lie for software of which no step was fitted.
  public var unknownSoftware: Range90
  /// How much further they lie for an architecture of which none was.
  public var unknownDevice: Range90
  /// Architectures of which a step was fitted.
  public var architectures: Set<Architecture>
  /// What was fitted, one line.
  public var basis: String

  /// Whether steps of this software were fitted.
  public var knowsSoftware = true
  /// Whether the device is the one that it is priced as.
  public var knowsDevice = true
  /// Whether other runs of the same publication were fitted.
  public var knowsSeries = false

  /// Spreads.
  public init(
    kinds: [RunKind: Spread], unknownSoftware: Range90, unknownDevice: Range90,
    architectures: Set<Architecture>, basis: String
  ) {
    self.kinds = kinds
    self.unknownSoftware = unknownSoftware
    self.unknownDevice = unknownDevice
    self.architectures = architectures
    self.basis = basis
  }

  private func ends(_ kind: RunKind) -> Range90? {
    kinds[kind].map { knowsSeries ? $0.seen : $0.unseen }
  }

  /// Whether a step of the device's architecture was fitted, and the device is what it is priced as.
  public func knows(_ device: Accelerator) -> Bool {
    knowsDevice && architectures.contains(device.architecture)
  }

  /// The interval of a run around its typical time; nil where its kind has none.
  ///
  /// - Parameters:
  ///   - kind: The kind of run.
  ///   - free: The kind that it would be if input did not set the pace: what input hides is known no
  ///     better than that.
  ///   - device: Where it runs.
  /// - Returns: Factors of the typical time.
  public func range(_ kind: RunKind, free: RunKind, on device: Accelerator) -> Range90? {
    guard var range = ends(kind) else { return nil }
    if let other = ends(free) { range = range.joined(with: other) }
    if !knowsSoftware { range = range.widened(by: unknownSoftware) }
    if !knows(device) {
      range = range.widened(by: unknownDevice)
    }
    return range
  }
}

extension Range90 {
  /// The range of both ranges' outer ends.
  public func joined(with other: Range90) -> Range90 {
    Range90(low: min(low, other.low), typical: typical, high: max(high, other.high))
  }

  /// The range with its ends moved by those of another, in factors.
  public func widened(by other: Range90) -> Range90 {
    Range90(low: low * other.low, typical: typical, high: high * other.high)
  }
}
