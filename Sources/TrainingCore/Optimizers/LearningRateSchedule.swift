private import Glibc

/// The learning rate of every step, a pure function of its number.
public struct LearningRateSchedule: Sendable, Hashable, Codable {
  /// What follows the warm-up.
  public enum Shape: Sendable, Hashable, Codable {
    /// The peak, for ever.
    case constant
    /// Half a cosine from the peak to the floor, which the step after the last would have.
    case cosine(steps: Int, floor: Float)
  }

  /// The highest rate.
  public var peak: Float
  /// Steps of linear growth; the last of them has the peak.
  public var warmupSteps: Int
  /// What follows.
  public var shape: Shape

  /// A schedule.
  ///
  /// - Precondition: no negative number of steps; a cosine has more steps than the warm-up.
  public init(peak: Float, warmupSteps: Int = 0, shape: Shape = .constant) {
    precondition(warmupSteps >= 0, "\(warmupSteps) warm-up steps")
    if case .cosine(let steps, _) = shape {
      precondition(steps > warmupSteps, "\(steps) steps, \(warmupSteps) of them warm-up")
    }
    self.peak = peak
    self.warmupSteps = warmupSteps
    self.shape = shape
  }

  /// The rate of step `number`, counted from 1.
  ///
  /// Warm-up: `peak number / warmupSteps`. Then, with `x = (number - 1 - warmupSteps) / (steps -
  /// warmupSteps)`, at most 1: `floor + (peak - floor) (1 + cos(pi x)) / 2`.
  ///
  /// - Precondition: `number >= 1`.
  ///
  /// Source: Loshchilov and Hutter, arXiv 1608.03983, eq. 5; steps counted as open_clip does.
  public func rate(ofStep number: Int) -> Float {
    precondition(number >= 1, "steps count from 1, not \(number)")
    if number <= warmupSteps {
      return Float(Double(peak) * Double(number) / Double(warmupSteps))
    }
    switch shape {
    case .constant: return peak
    case .cosine(let steps, let floor):
      let passed = Double(number - 1 - warmupSteps) / Double(steps - warmupSteps)
      let share = (1 + cos(Double.pi * min(passed, 1))) / 2
      return Float(Double(floor) + (Double(peak) - Double(floor)) * share)
    }
  }
}
