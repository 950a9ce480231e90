private import CImages

/// The shapes of scenes.
public enum ShapeKind: String, CaseIterable, Codable, Sendable {
  case circle, square, triangle, diamond, cross, star, ring, hexagon

  /// The furthest point from the centre, in radii.
  public var reach: Float {
    switch self {
    case .circle: 1
    case .square: 1.245
    case .triangle: 1.3
    case .diamond: 1.3
    case .cross: 1.16
    case .star: 1.35
    case .ring: 1.08
    case .hexagon: 1.08
    }
  }

  /// The largest circle around the centre that is a place for another object, in radii; nil: none.
  public var room: Float? {
    switch self {
    case .circle: 1
    case .square: 0.88
    case .ring: 0.6
    case .hexagon: 0.935
    case .triangle, .diamond, .cross, .star: nil
    }
  }

  /// The shapes that others can lie inside.
  public static let containers: [ShapeKind] = allCases.filter { $0.room != nil }

  /// How far it may be rotated in both directions, as the tangent of half the angle.
  ///
  /// A square must not look like a diamond. 0.105 is 12 degrees, 0.325 is 36.
  var largestHalfAngleTangent: Float {
    switch self {
    case .circle, .ring: 0
    case .square, .diamond: 0.105
    case .triangle, .cross: 0.176
    case .hexagon: 0.268
    case .star: 0.325
    }
  }

  /// The number that painting knows it by.
  var code: Int {
    switch self {
    case .circle: CIMAGES_CIRCLE
    case .square: CIMAGES_SQUARE
    case .triangle: CIMAGES_TRIANGLE
    case .diamond: CIMAGES_DIAMOND
    case .cross: CIMAGES_CROSS
    case .star: CIMAGES_STAR
    case .ring: CIMAGES_RING
    case .hexagon: CIMAGES_HEXAGON
    }
  }
}

/// How large an object is.
public enum ShapeSize: String, CaseIterable, Codable, Sendable {
  case small, medium, large

  /// The radii that this word stands for, in sides of the image; the ranges keep a distance.
  public var radii: ClosedRange<Float> {
    switch self {
    case .small: 0.085...0.1
    case .medium: 0.135...0.155
    case .large: 0.2...0.23
    }
  }
}
