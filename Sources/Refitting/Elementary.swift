import Foundation

/// Natural logarithm; kept in one place because Foundation is imported for it alone.
func logarithm(_ x: Double) -> Double { log(x) }

/// `e` to the power of `x`.
func exponential(_ x: Double) -> Double { exp(x) }
