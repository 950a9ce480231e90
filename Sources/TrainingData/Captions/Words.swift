/// The words that captions use, most common first.
///
/// Every word stands for one thing only, so that a caption can be read back.
enum Words {
  /// Before anything.
  static let openings: [String] = ["a picture of", "an image of", "a drawing of", "this shows"]
  /// Before one thing, or a list that starts with one.
  static let statements: [String] = ["there is", "here is"]
  static let lists: [String] = ["two shapes:", "three shapes:"]
  static let glue: [String] = ["a", "an", "and", "with", "it", "background", ",", ":"]

  static func names(of shape: ShapeKind) -> [String] {
    switch shape {
    case .circle: ["circle", "disc"]
    case .square: ["square", "box"]
    case .triangle: ["triangle"]
    case .diamond: ["diamond", "rhombus"]
    case .cross: ["cross", "plus sign"]
    case .star: ["star"]
    case .ring: ["ring", "hoop"]
    case .hexagon: ["hexagon"]
    }
  }

  static func names(of colour: ShapeColour) -> [String] {
    switch colour {
    case .red: ["red", "crimson"]
    case .orange: ["orange"]
    case .yellow: ["yellow"]
    case .green: ["green", "emerald"]
    case .cyan: ["cyan", "turquoise"]
    case .blue: ["blue"]
    case .purple: ["purple", "violet"]
    case .white: ["white"]
    }
  }

  static func names(of size: ShapeSize) -> [String] {
    switch size {
    case .small: ["small", "little", "tiny"]
    case .medium: ["medium", "medium-sized"]
    case .large: ["large", "big"]
    }
  }

  static func phrases(of place: ScenePlace) -> [String] {
    switch place {
    case .topLeft: ["in the top left", "in the upper left corner"]
    case .top: ["at the top", "near the top"]
    case .topRight: ["in the top right", "in the upper right corner"]
    case .left: ["on the left", "on the left side"]
    case .centre: ["in the middle", "in the center", "in the centre"]
    case .right: ["on the right", "on the right side"]
    case .bottomLeft: ["in the bottom left", "in the lower left corner"]
    case .bottom: ["at the bottom", "near the bottom"]
    case .bottomRight: ["in the bottom right", "in the lower right corner"]
    }
  }

  static func phrases(of relation: SpatialRelation) -> [String] {
    switch relation {
    case .above: ["above", "over", "higher than"]
    case .below: ["below", "under", "beneath"]
    case .leftOf: ["left of", "to the left of"]
    case .rightOf: ["right of", "to the right of"]
    case .inside: ["inside", "within"]
    case .around: ["around", "surrounding"]
    }
  }

  static let beforeBackground: [String] = ["on", "against"]

  static func names(of colour: BackgroundColour) -> [String] {
    switch colour {
    case .black: ["black"]
    case .gray: ["gray", "grey"]
    case .navy: ["navy"]
    case .maroon: ["maroon"]
    case .olive: ["olive"]
    case .teal: ["teal"]
    }
  }

  static func names(of texture: BackgroundTexture) -> [String] {
    switch texture {
    case .plain: ["plain"]
    case .striped: ["striped"]
    case .checkered: ["checkered", "chequered"]
    case .shaded: ["shaded"]
    }
  }

  /// Every phrase there is.
  static let all: [String] =
    openings + statements + lists + glue + beforeBackground
    + ShapeKind.allCases.flatMap { names(of: $0) }
    + ShapeColour.allCases.flatMap { names(of: $0) }
    + ShapeSize.allCases.flatMap { names(of: $0) }
    + ScenePlace.allCases.flatMap { phrases(of: $0) }
    + SpatialRelation.allCases.flatMap { phrases(of: $0) }
    + BackgroundColour.allCases.flatMap { names(of: $0) }
    + BackgroundTexture.allCases.flatMap { names(of: $0) }
}
