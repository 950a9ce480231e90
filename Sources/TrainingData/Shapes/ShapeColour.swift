/// A colour, each part in [0, 1].
public struct Tint: Hashable, Codable, Sendable {
  /// The red part.
  public let red: Float
  /// The green part.
  public let green: Float
  /// The blue part.
  public let blue: Float

  /// A colour of these parts.
  public init(_ red: Float, _ green: Float, _ blue: Float) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// The distance between two colours, all parts weighing the same.
  public func distance(to other: Tint) -> Float {
    let (r, g, b) = (red - other.red, green - other.green, blue - other.blue)
    return (r * r + g * g + b * b).squareRoot()
  }

  /// Every part moved by at most `amount`, and kept in [0, 1].
  func jittered(by amount: Float, using generator: inout CounterGenerator) -> Tint {
    let parts = [red, green, blue].map {
      min(max($0 + generator.between(-amount, amount), 0), 1)
    }
    return Tint(parts[0], parts[1], parts[2])
  }
}

/// The colours of objects.
public enum ShapeColour: String, CaseIterable, Codable, Sendable {
  case red, orange, yellow, green, cyan, blue, purple, white

  /// The middle of what this word stands for; objects differ from it by at most `jitter` a part.
  public var tint: Tint {
    switch self {
    case .red: Tint(0.9, 0.1, 0.13)
    case .orange: Tint(1, 0.53, 0.06)
    case .yellow: Tint(0.97, 0.93, 0.15)
    case .green: Tint(0.12, 0.7, 0.22)
    case .cyan: Tint(0.15, 0.86, 0.9)
    case .blue: Tint(0.12, 0.25, 0.92)
    case .purple: Tint(0.58, 0.16, 0.76)
    case .white: Tint(0.96, 0.96, 0.96)
    }
  }

  /// How far an object's colour may lie from `tint`, in each part.
  public static let jitter: Float = 0.07
}

/// The colours of backgrounds; all darker than those of objects.
public enum BackgroundColour: String, CaseIterable, Codable, Sendable {
  case black, gray, navy, maroon, olive, teal

  /// The middle of what this word stands for.
  public var tint: Tint {
    switch self {
    case .black: Tint(0.05, 0.05, 0.05)
    case .gray: Tint(0.43, 0.43, 0.43)
    case .navy: Tint(0.07, 0.09, 0.3)
    case .maroon: Tint(0.32, 0.06, 0.12)
    case .olive: Tint(0.36, 0.36, 0.13)
    case .teal: Tint(0.05, 0.3, 0.33)
    }
  }

  /// How far a background's colour may lie from `tint`, in each part.
  public static let jitter: Float = 0.03
}

/// How a background varies from place to place.
public enum BackgroundTexture: String, CaseIterable, Codable, Sendable {
  case plain, striped, checkered, shaded
}
