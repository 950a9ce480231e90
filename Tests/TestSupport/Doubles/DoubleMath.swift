import Foundation

/// Functions that tests need of the mathematics library.
public enum DoubleMath {
  /// The cosine.
  public static func cosine(_ x: Double) -> Double { cos(x) }
  /// The sine.
  public static func sine(_ x: Double) -> Double { sin(x) }
  /// `base^exponent`.
  public static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
  /// `a + factor b`, element by element.
  public static func sum(_ a: [Double], _ b: [Double], factor: Double = 1) -> [Double] {
    precondition(a.count == b.count, "\(a.count) and \(b.count) elements")
    return a.indices.map { a[$0] + factor * b[$0] }
  }
}
