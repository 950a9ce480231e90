/// What an image shows, exactly: the facts that captions are true of.
///
/// Lengths are in sides of the image, x to the right, y downwards.
public struct Scene: Hashable, Codable, Sendable {
  /// The objects, the first one painted first; one that lies inside another comes after it.
  public let objects: [SceneObject]
  /// What lies behind them.
  public let background: SceneBackground

  /// A scene.
  public init(objects: [SceneObject], background: SceneBackground) {
    self.objects = objects
    self.background = background
  }

  /// How one object lies to another; nil where no word of `SpatialRelation` is plainly true.
  ///
  /// - Precondition: both numbers are those of objects.
  public func relation(of first: Int, to second: Int) -> SpatialRelation? {
    objects[first].relation(to: objects[second])
  }
}

/// One object of a scene.
public struct SceneObject: Hashable, Codable, Sendable {
  /// Its colour's and shape's names.
  public let kind: ColouredShape
  /// Its size's name.
  public let size: ShapeSize
  /// The centre.
  public let x: Float
  /// The centre.
  public let y: Float
  /// Its size.
  public let radius: Float
  /// Cosine of its rotation.
  public let cosine: Float
  /// Sine of its rotation.
  public let sine: Float
  /// Its colour as painted, before the scene's light.
  public let tint: Tint

  /// An object.
  public init(
    kind: ColouredShape, size: ShapeSize, x: Float, y: Float, radius: Float, cosine: Float = 1,
    sine: Float = 0, tint: Tint
  ) {
    self.kind = kind
    self.size = size
    self.x = x
    self.y = y
    self.radius = radius
    self.cosine = cosine
    self.sine = sine
    self.tint = tint
  }

  /// No point of it is further from its centre.
  public var extent: Float { kind.shape.reach * radius }

  /// Which ninth of the image its centre lies in; nil close to the borders between them.
  public var place: ScenePlace? {
    guard let column = Self.third(x), let row = Self.third(y) else { return nil }
    return ScenePlace(column: column, row: row)
  }

  /// Left of 0.4 is 0, 0.45 to 0.55 is 1, right of 0.6 is 2.
  private static func third(_ position: Float) -> Int? {
    if position <= 0.4 { return 0 }
    if position >= 0.6 { return 2 }
    return (0.45...0.55).contains(position) ? 1 : nil
  }

  /// How it lies to another object; nil where no word of `SpatialRelation` is plainly true.
  public func relation(to other: SceneObject) -> SpatialRelation? {
    let (dx, dy) = (x - other.x, y - other.y)
    let distance = (dx * dx + dy * dy).squareRoot()
    if other.holds(self, at: distance) { return .inside }
    if holds(other, at: distance) { return .around }
    guard distance >= extent + other.extent else { return nil }
    if abs(dy) >= 1.6 * abs(dx) { return dy < 0 ? .above : .below }
    if abs(dx) >= 1.6 * abs(dy) { return dx < 0 ? .leftOf : .rightOf }
    return nil
  }

  private func holds(_ other: SceneObject, at distance: Float) -> Bool {
    guard let room = kind.shape.room else { return false }
    return distance + other.extent <= room * radius
  }
}

/// What lies behind the objects, and the noise over the whole image.
public struct SceneBackground: Hashable, Codable, Sendable {
  /// Its colour's name.
  public let colour: BackgroundColour
  /// Its texture's name.
  public let texture: BackgroundTexture
  /// Its colour as painted, before the scene's light.
  public let tint: Tint
  /// The texture moves each part of the colour by at most this much.
  public let contrast: Float
  /// Width of one stripe or check and its gap.
  public let period: Float
  /// Shift of the pattern, in periods.
  public let phase: Float
  /// Cosine of the pattern's direction.
  public let cosine: Float
  /// Sine of the pattern's direction.
  public let sine: Float
  /// Every colour of the image is multiplied by it.
  public let light: Float
  /// Every part of every pixel is moved by at most this much.
  public let noise: Float
  /// Which noise.
  public let noiseSeed: UInt64
}

extension SceneBackground {
  /// A background.
  public init(
    colour: BackgroundColour, texture: BackgroundTexture, tint: Tint, contrast: Float,
    period: Float = 0.2, phase: Float = 0, direction: (cosine: Float, sine: Float) = (1, 0),
    light: Float = 1, noise: Float = 0, noiseSeed: UInt64 = 0
  ) {
    self.colour = colour
    self.texture = texture
    self.tint = tint
    self.contrast = contrast
    self.period = period
    self.phase = phase
    cosine = direction.cosine
    sine = direction.sine
    self.light = light
    self.noise = noise
    self.noiseSeed = noiseSeed
  }
}
