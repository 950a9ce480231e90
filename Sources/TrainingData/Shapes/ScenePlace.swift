/// A ninth of the image.
public enum ScenePlace: String, CaseIterable, Codable, Sendable {
  case topLeft, top, topRight, left, centre, right, bottomLeft, bottom, bottomRight

  /// The ninth in this column and row, counted from 0 at the top left.
  ///
  /// - Precondition: both are 0, 1 or 2.
  public init(column: Int, row: Int) {
    precondition((0...2).contains(column) && (0...2).contains(row), "ninth \(column), \(row)")
    self = Self.allCases[3 * row + column]
  }

  private var number: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// 0 at the left, 2 at the right.
  public var column: Int { number % 3 }

  /// 0 at the top, 2 at the bottom.
  public var row: Int { number / 3 }
}

/// How one object lies to another.
///
/// "Above" means that the vertical distance of the centres is at least 1.6 times the horizontal one,
/// and so on for the other directions.
public enum SpatialRelation: String, CaseIterable, Codable, Sendable {
  case above, below, leftOf, rightOf, inside, around

  /// The same fact told from the other object.
  public var converse: SpatialRelation {
    switch self {
    case .above: .below
    case .below: .above
    case .leftOf: .rightOf
    case .rightOf: .leftOf
    case .inside: .around
    case .around: .inside
    }
  }
}
