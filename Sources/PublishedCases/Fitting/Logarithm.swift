import Foundation

/// The two functions that Foundation is imported for.
enum Logarithm {
  /// The natural logarithm.
  static func natural(_ x: Double) -> Double { log(x) }
  /// Its inverse.
  static func exponential(_ x: Double) -> Double { exp(x) }
}
