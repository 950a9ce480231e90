/// What a scene must show.
public enum SceneRequest: Hashable, Sendable {
  /// One to three objects of the 48 seen kinds.
  case seen
  /// One object of any kind.
  case single(ColouredShape)
  /// Two objects, the first in this relation to the second.
  case pair(ColouredShape, SpatialRelation, ColouredShape)
  /// One to three objects, each of a held-out kind.
  case heldOut
}

/// Draws scenes.
///
/// One object in 40 % of scenes, two in 40 %, three in 20 %. Kinds, sizes, places and relations are
/// drawn evenly; positions are drawn until the objects neither touch each other nor the edge.
struct SceneSampler {
  private var generator: CounterGenerator
  private let edge: Float = 0.015
  private let gap: Float = 0.02

  private init(generator: CounterGenerator) {
    self.generator = generator
  }

  /// The scene that this sequence of random numbers stands for.
  static func scene(_ request: SceneRequest, from generator: CounterGenerator) -> Scene {
    var sampler = SceneSampler(generator: generator)
    let objects = sampler.objects(request)
    return Scene(objects: objects, background: sampler.background())
  }

  private mutating func objects(_ request: SceneRequest) -> [SceneObject] {
    switch request {
    case .single(let kind): return [single(kind)]
    case .pair(let first, let relation, let second):
      return pair(first, relation, second)
    case .seen: return objects(among: ColouredShape.seen)
    case .heldOut: return objects(among: ColouredShape.heldOut)
    }
  }

  private mutating func objects(among kinds: [ColouredShape]) -> [SceneObject] {
    let draw = generator.unit()
    if draw < 0.4 { return [single(generator.pick(kinds))] }
    let relation = generator.pick([SpatialRelation.above, .below, .leftOf, .rightOf, .inside])
    let outer = kinds.filter { relation != .inside || $0.shape.room != nil }
    let second = generator.pick(outer)
    let first = generator.pick(kinds.filter { $0 != second })
    var objects = pair(first, relation, second)
    if draw >= 0.8 {
      let third = generator.pick(kinds.filter { $0 != first && $0 != second })
      if let object = other(third, apartFrom: objects) { objects.append(object) }
    }
    return objects
  }

  // MARK: Placing

  private mutating func single(_ kind: ColouredShape) -> SceneObject {
    let size = generator.pick(ShapeSize.allCases)
    let place = generator.pick(ScenePlace.allCases)
    let object = draw(kind, size)
    let margin = object.extent + edge
    let x = position(third: place.column, margin: margin)
    return object.at(x, position(third: place.row, margin: margin))
  }

  private mutating func position(third: Int, margin: Float) -> Float {
    switch third {
    case 0: generator.between(margin, max(margin, 0.39))
    case 2: generator.between(min(1 - margin, 0.61), 1 - margin)
    default: generator.between(0.455, 0.545)
    }
  }

  private mutating func pair(
    _ first: ColouredShape, _ relation: SpatialRelation, _ second: ColouredShape
  ) -> [SceneObject] {
    switch relation {
    case .inside: return nested(first, in: second)
    case .around: return nested(second, in: first)
    case .above, .below, .leftOf, .rightOf: break
    }
    var sizes = (generator.pick(ShapeSize.allCases), generator.pick(ShapeSize.allCases))
    for attempt in 0..<400 {
      // Two large objects seldom fit; small ones always do in the end.
      if attempt == 60 { sizes.0 = .small }
      if attempt == 120 { sizes.1 = .small }
      let a = anywhere(draw(first, sizes.0))
      let b = anywhere(draw(second, sizes.1))
      let wanted = a.relation(to: b) == relation
      if wanted && apart(a, b) { return [a, b] }
    }
    // Odds below 1e-9: a plain arrangement.
    let away: Float = relation == .above || relation == .leftOf ? -0.25 : 0.25
    let vertical = relation == .above || relation == .below
    let a = draw(first, .small).at(0.5 + (vertical ? 0 : away), 0.5 + (vertical ? away : 0))
    let b = draw(second, .small).at(0.5 - (vertical ? 0 : away), 0.5 - (vertical ? away : 0))
    return [a, b]
  }

  private mutating func nested(_ inner: ColouredShape, in outer: ColouredShape) -> [SceneObject] {
    let container = anywhere(draw(outer, .large))
    let content = draw(inner, .small)
    let room = (outer.shape.room ?? 1) * container.radius
    // A ring has less room than a small star needs: then the star is smaller still.
    let fitting = min(content.radius, 0.9 * room / inner.shape.reach)
    let slack = 0.6 * (room - fitting * inner.shape.reach)
    let dx = generator.between(-slack, slack)
    let dy = generator.between(-slack, slack)
    return [container, content.with(radius: fitting).at(container.x + dx, container.y + dy)]
  }

  private mutating func other(
    _ kind: ColouredShape, apartFrom others: [SceneObject]
  ) -> SceneObject? {
    let size = generator.pick([ShapeSize.small, .medium])
    for attempt in 0..<80 {
      let object = anywhere(draw(kind, attempt < 40 ? size : .small))
      if others.allSatisfy({ apart($0, object) }) { return object }
    }
    return nil
  }

  private func apart(_ a: SceneObject, _ b: SceneObject) -> Bool {
    let (dx, dy) = (a.x - b.x, a.y - b.y)
    let least = a.extent + b.extent + gap
    return dx * dx + dy * dy >= least * least
  }

  // MARK: Drawing parts

  /// An object of some radius, rotation and tint, at the origin.
  private mutating func draw(_ kind: ColouredShape, _ size: ShapeSize) -> SceneObject {
    let limit = kind.shape.largestHalfAngleTangent
    // With t = tan(angle / 2): cos = (1 - t^2) / (1 + t^2), sin = 2 t / (1 + t^2).
    let t = generator.between(-limit, limit)
    let scale = 1 / (1 + t * t)
    return SceneObject(
      kind: kind, size: size, x: 0, y: 0,
      radius: generator.between(size.radii.lowerBound, size.radii.upperBound),
      cosine: (1 - t * t) * scale, sine: 2 * t * scale,
      tint: kind.colour.tint.jittered(by: ShapeColour.jitter, using: &generator))
  }

  private mutating func anywhere(_ object: SceneObject) -> SceneObject {
    let margin = object.extent + edge
    let x = generator.between(margin, 1 - margin)
    return object.at(x, generator.between(margin, 1 - margin))
  }

  private mutating func background() -> SceneBackground {
    let colour = generator.pick(BackgroundColour.allCases)
    let texture = generator.pick(BackgroundTexture.allCases)
    // Directions over half a turn: 0 to 90 degrees, and its mirror image.
    let t = generator.between(0, 0.41421)
    let scale = 1 / (1 + t * t)
    let turned = generator.chance(0.5)
    let (cosine, sine) = ((1 - t * t) * scale, 2 * t * scale)
    return SceneBackground(
      colour: colour, texture: texture,
      tint: colour.tint.jittered(by: BackgroundColour.jitter, using: &generator),
      contrast: texture == .plain ? 0 : generator.between(0.06, 0.1),
      period: generator.between(0.12, 0.25), phase: generator.unit(),
      direction: turned ? (sine, cosine) : (cosine, sine),
      light: generator.between(0.85, 1), noise: generator.between(0, 0.08),
      noiseSeed: generator.next())
  }
}

extension SceneObject {
  fileprivate func at(_ x: Float, _ y: Float) -> SceneObject {
    SceneObject(
      kind: kind, size: size, x: x, y: y, radius: radius, cosine: cosine, sine: sine, tint: tint)
  }

  fileprivate func with(radius: Float) -> SceneObject {
    SceneObject(
      kind: kind, size: size, x: x, y: y, radius: radius, cosine: cosine, sine: sine, tint: tint)
  }
}
