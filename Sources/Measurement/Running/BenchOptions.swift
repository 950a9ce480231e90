public import Quantities

/// How long and with what a bench runs.
public struct BenchOptions: Sendable, Hashable {
  /// Fewer and smaller sizes, so that a few seconds are enough.
  public var quick: Bool
  /// Time for warm-up and samples.
  ///
  /// The bench ends earlier when every interval is tight; where the machine is so busy that an item
  /// has no sample yet, up to 40 % later.
  public var budget: Seconds
  /// The matrix library to fit; nil for the fastest one found.
  public var backend: String?
  /// Workers to spread kernels over; nil for one per core.
  public var threads: Int?
  /// Fixes sizes and order.
  public var seed: UInt64
  /// An item is done when half of its median's 90 % interval is below this share.
  public var tightness: Double
  /// Samples of an item before its interval is believed.
  public var fewestSamples: Int
  /// Least time of one sample: short kernels are repeated to fill it.
  public var sampleTime: Seconds

  /// Share of the budget for kernels by themselves; chains of kernels get the rest.
  public var itemShare: Double = 0.3
  /// Timed runs through a chain, of which the median counts.
  public var chainRuns: Int = 4

  /// Options.
  public init(
    quick: Bool, budget: Seconds, backend: String? = nil, threads: Int? = nil, seed: UInt64 = 1,
    tightness: Double = 0.02, fewestSamples: Int = 5, sampleTime: Seconds = Seconds(0.003)
  ) {
    self.quick = quick
    self.budget = budget
    self.backend = backend
    self.threads = threads
    self.seed = seed
    self.tightness = tightness
    self.fewestSamples = fewestSamples
    self.sampleTime = sampleTime
  }

  /// A pass of well under 20 seconds.
  public static let quick = BenchOptions(
    quick: true, budget: Seconds(12.0), tightness: 0.03, sampleTime: Seconds(0.002))
  /// A pass of a minute and a half.
  public static let full = BenchOptions(quick: false, budget: Seconds(90.0))
}

/// Why a bench gives no result.
public enum BenchError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No matrix library of that name is on this machine.
  case unknownBackend(String, available: [String])
  /// The number of threads makes no sense on this machine.
  case threads(Int, cores: Int)
  /// The time given is too short to measure anything.
  case budget(Seconds)
  /// The bench ended before enough was measured to fit a profile.
  case tooFewSamples(String)
  /// The linear program of the fit has no answer.
  case fit(String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .unknownBackend(let name, let available):
      "there is no matrix library '\(name)' on this machine; found: "
        + available.joined(separator: ", ")
    case .threads(let count, let cores):
      "\(count) threads cannot be measured on \(cores) cores; give 1 to \(cores)"
    case .budget(let budget):
      "\(budget) are too short for a bench; give at least 1 s"
    case .tooFewSamples(let detail):
      "too few samples to fit a profile: \(detail); give the bench more time"
    case .fit(let words): "the fit failed: \(words)"
    }
  }
}
