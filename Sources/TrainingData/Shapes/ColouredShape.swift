/// A colour and a shape: what zero-shot classes are made of.
public struct ColouredShape: Hashable, Codable, Sendable {
  /// Its colour.
  public let colour: ShapeColour
  /// Its shape.
  public let shape: ShapeKind

  /// This colour with this shape.
  public init(_ colour: ShapeColour, _ shape: ShapeKind) {
    self.colour = colour
    self.shape = shape
  }

  /// All 64, shape by shape within a colour.
  public static let all: [ColouredShape] = ShapeColour.allCases.flatMap { colour in
    ShapeKind.allCases.map { ColouredShape(colour, $0) }
  }

  /// The 16 that no training or test image shows: each colour and each shape twice.
  ///
  /// With colours and shapes numbered from 0, a pair is held out where
  /// `(shape + 3 colour) mod 8` is 0 or 5.
  public static let heldOut: [ColouredShape] = all.filter(\.isHeldOut)

  /// The other 48.
  public static let seen: [ColouredShape] = all.filter { !$0.isHeldOut }

  /// Whether training and test images never show it.
  public var isHeldOut: Bool {
    let colours = ShapeColour.allCases
    let shapes = ShapeKind.allCases
    guard let row = colours.firstIndex(of: colour), let column = shapes.firstIndex(of: shape)
    else { return false }
    return [0, 5].contains((column + 3 * row) % shapes.count)
  }
}
