import Foundation

/// Ends of a 90 % interval from draws of one weight each, in logarithms.
enum ConformalEnds {
  /// Draws that the pool counts.
  static let pool = 10.0
  /// The narrowest interval to either side.
  static let least = 0.02

  /// Factors from a group's draws, drawn to those of all.
  static func ends(_ own: [Double], pool: [Double]) -> (low: Double, high: Double) {
    func end(_ share: Double) -> Double {
      let common = quantile(pool, share)
      guard !own.isEmpty else { return common }
      let count = Double(own.count)
      return (count * quantile(own, share) + Self.pool * common) / (count + Self.pool)
    }
    return (min(1 - least, exp(end(0.05))), max(1 + least, exp(end(0.95))))
  }

  /// The conformal quantile: of n values the `(n + 1) share`-th, so that a new one lies beyond it as
  /// often as it says.
  static func quantile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    let place = share * Double(sorted.count + 1) - 1
    let low = min(max(0, Int(place.rounded(.down))), sorted.count - 1)
    let high = min(low + 1, sorted.count - 1)
    let rest = min(max(0, place - Double(low)), 1)
    return sorted[low] + rest * (sorted[high] - sorted[low])
  }
}
