public import Quantities

/// How long the kernels of one family take on a measured machine: a sum over counts.
///
/// `seconds = sum over terms of (seconds per count) (count)`, every constant at least 0. Since no
/// count grows faster than the work, the efficiency of such a law rises with the size of a kernel
/// and flattens: it is monotone and concave. `CostModel` evaluates it.
public struct KernelLaw: Sendable, Hashable {
  /// A constant of the law.
  public struct Term: Sendable, Hashable {
    /// What is counted, for example `flop` or `call`.
    public var count: String
    /// Seconds for each.
    public var seconds: Double

    /// A constant.
    public init(count: String, seconds: Double) {
      self.count = count
      self.seconds = seconds
    }
  }

  /// A measured kernel.
  public struct Point: Sendable, Hashable {
    /// FLOP, or bytes where there are none.
    public var size: Double
    /// Seconds of a call.
    public var seconds: Double

    /// A measured kernel.
    public init(size: Double, seconds: Double) {
      self.size = size
      self.seconds = seconds
    }
  }

  /// What is computed, for example `linear gelu`.
  public var family: String
  /// The constants above 0.
  public var terms: [Term]
  /// The smallest and the largest size that was measured; outside is out of range.
  public var measured: ClosedRange<Double>
  /// Range of the true time around the law's, from kernels that the fit has not seen.
  public var range: Range90
  /// Some of the measured kernels, by growing size.
  public var points: [Point]

  /// A law.
  public init(
    family: String, terms: [Term], measured: ClosedRange<Double>, range: Range90, points: [Point]
  ) {
    self.family = family
    self.terms = terms
    self.measured = measured
    self.range = range
    self.points = points
  }
}

/// The laws of this project's own core on a measured machine.
public struct KernelLaws: Sendable, Hashable {
  /// By family, sorted by name.
  public var laws: [KernelLaw]
  /// Workers that the kernels were spread over.
  public var workers: Int
  /// Who says so.
  public var origin: Sourced<Bool>
  /// Range of the true time of a whole stretch around the sum of its kernels' laws.
  public var range: Range90

  /// Laws.
  public init(laws: [KernelLaw], workers: Int, origin: Sourced<Bool>, range: Range90) {
    self.laws = laws
    self.workers = workers
    self.origin = origin
    self.range = range
  }
}
