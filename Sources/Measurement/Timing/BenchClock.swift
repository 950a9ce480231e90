public import Quantities

/// A clock that only moves forward.
///
/// Tests hand in one that they move themselves.
public protocol BenchClock: Sendable {
  /// Time since some fixed instant.
  func now() -> Seconds
}

/// The machine's own monotonic clock.
public struct SystemClock: BenchClock {
  private let origin: ContinuousClock.Instant

  /// A clock that starts at zero.
  public init() { origin = ContinuousClock().now }

  /// Time since the clock was made.
  public func now() -> Seconds {
    let parts = origin.duration(to: ContinuousClock().now).components
    return Seconds(Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
  }
}
