import Foundation

/// Functions that tests need of the mathematics library.
public enum DoubleMath {
  /// The cosine.
  public static func cosine(_ x: Double) -> Double { cos(x) }
  /// The sine.
  public static func sine(_ x: Double) -> Double { sin(x) }
}
