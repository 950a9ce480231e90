public import Clusters
public import Quantities
public import Strategies

/// What a fit to published training steps found: a few factors, and how far it missed.
///
/// A file of `fitted/`, written by `foretrain refit published`. Profiles and stacks that are read through
/// `ScenarioLoader` carry its factors; without the file every factor is 1.
public struct StepConstants: Sendable, Hashable {
  /// Factors of one software stack.
  public struct Stack: Sendable, Hashable {
    /// By kind of kernel.
    public var kernels: TermFactors
    /// On the whole step, in place of the stack's own.
    public var whole: Double
    /// Runs of this software that were fitted.
    public var runs: Int

    /// Factors.
    public init(kernels: TermFactors, whole: Double, runs: Int) {
      self.kernels = kernels
      self.whole = whole
      self.runs = runs
    }
  }

  /// True over predicted peak memory, 90 %, of one reading.
  public struct Spread: Sendable, Hashable {
    /// Low and high where the series was read before.
    public var low: Double
    /// The same, high.
    public var high: Double
    /// Low and high of a series that was not.
    public var unseenLow: Double
    /// The same, high.
    public var unseenHigh: Double
    /// Runs behind it.
    public var runs: Int

    /// A spread.
    public init(low: Double, high: Double, unseenLow: Double, unseenHigh: Double, runs: Int) {
      self.low = low
      self.high = high
      self.unseenLow = unseenLow
      self.unseenHigh = unseenHigh
      self.runs = runs
    }
  }

  /// Factors by architecture.
  public var devices: [Architecture: TermFactors] = [:]
  /// Factors by stack.
  public var stacks: [String: Stack] = [:]
  /// Spreads by kind of run.
  public var spreads: [RunKind: StepSpreads.Spread] = [:]
  /// How much further ends lie where no step of the software was fitted.
  public var unknownSoftware = Range90(exactly: 1)
  /// How much further ends lie where no step of the architecture was fitted.
  public var unknownDevice = Range90(exactly: 1)
  /// True over predicted peak memory by reading.
  public var memory: [String: Spread] = [:]
  /// Series behind them.
  public var memorySeries: [String] = []
  /// Series that were fitted.
  public var series: [String] = []
  /// Architectures of which a step was fitted.
  public var architectures: [Architecture] = []
  /// What it was fitted to, one line.
  public var basis = ""

  /// Nothing fitted: every factor is 1.
  public init() {}

  /// The profile with the factors of its architecture.
  public func applied(to profile: HardwareProfile) -> HardwareProfile {
    guard profile.efficiency.gemm.origin != .measured,
      let factors = devices[profile.accelerator.architecture]
    else { return profile }
    var copy = profile
    copy.efficiency.fitted = factors
    return copy
  }

  /// The stack with its factors.
  ///
  /// - Parameters:
  ///   - stack: The stack as its file has it.
  ///   - base: The stack that it stands on, whose factors it has; nil: its own.
  ///   - keepsRange: Whether its range of times is its own, and stays.
  /// - Returns: The stack that is priced.
  public func applied(
    to stack: SoftwareStack, on base: String? = nil, keepsRange: Bool = false
  ) -> SoftwareStack {
    guard let factors = stacks[base ?? stack.id] else { return stack }
    var copy = stack
    copy.fitted = factors.kernels
    guard !keepsRange else { return copy }
    if let spread = memory["device"] {
      // A scenario is a series that nobody has read before.
      copy.memoryRange = stack.memoryRange.map { _ in
        Range90(
          low: min(1, spread.unseenLow), typical: 1, high: max(1, spread.unseenHigh))
      }
    }
    copy.spreads = spreads(of: base ?? stack.id)
    let old = stack.timeRange.value
    // The range moves with its middle.
    copy.timeRange = stack.timeRange.map { _ in
      Range90(
        low: old.low / old.typical * factors.whole, typical: factors.whole,
        high: old.high / old.typical * factors.whole)
    }
    return copy
  }

  /// How far steps of a stack lie from predicted ones; nil where nothing was fitted.
  private func spreads(of stack: String) -> StepSpreads? {
    guard !spreads.isEmpty else { return nil }
    var result = StepSpreads(
      kinds: spreads, unknownSoftware: unknownSoftware, unknownDevice: unknownDevice,
      architectures: Set(architectures), basis: "\(Self.file): \(basis)")
    result.knowsSoftware = (stacks[stack]?.runs ?? 0) > 0
    return result
  }
}
