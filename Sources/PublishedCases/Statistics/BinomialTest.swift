import Foundation

/// The exact two-sided binomial test: how likely a count at most as likely as the one seen is.
///
/// `p = sum of C(n, j) q^j (1 - q)^(n - j)` over all j whose own probability is no higher than that of
/// the seen k. No approximation; written here because no package of the project has it.
///
/// Source: W. J. Conover, Practical Nonparametric Statistics, 3rd edition, section 3.1; R's
/// `binom.test` sums the same terms.
public struct BinomialTest: Sendable, Hashable {
  /// Trials that came out as they should.
  public let successes: Int
  /// All trials.
  public let trials: Int
  /// The share that is tested.
  public let share: Double

  /// A test of `successes` of `trials` against a share between 0 and 1.
  public init(_ successes: Int, of trials: Int, share: Double) {
    precondition(0 <= successes && successes <= trials, "successes are some of the trials")
    precondition(0 < share && share < 1, "a share lies between 0 and 1")
    self.successes = successes
    self.trials = trials
    self.share = share
  }

  /// The p-value; 1 without a trial.
  public var pValue: Double {
    let logs = logProbabilities
    let seen = logs[successes]
    // Equal probabilities differ in their last digits.
    let bound = seen + 1e-7
    return min(1, logs.filter { $0 <= bound }.reduce(0) { $0 + exp($1) })
  }

  /// Whether the count agrees with the share at the 5 % level.
  public var isConsistent: Bool { pValue >= 0.05 }

  /// Logarithms of the probabilities of every count from 0 to `trials`.
  private var logProbabilities: [Double] {
    var factorials = [0.0]
    for value in 1..<max(2, trials + 1) {
      factorials.append(factorials[value - 1] + log(Double(value)))
    }
    return (0...trials).map { count in
      factorials[trials] - factorials[count] - factorials[trials - count]
        + Double(count) * log(share) + Double(trials - count) * log(1 - share)
    }
  }
}
