import TrainingData

/// What a caption claims, read by rules and word lists of the tests' own.
struct Claims {
  struct Thing {
    var size: ShapeSize?
    var kind: ColouredShape
    var place: (column: Int, row: Int)?
  }
  var things: [Thing] = []
  var relations: [(first: Int, SpatialRelation, second: Int)] = []
  var count: Int?
  var background: BackgroundColour?
  var texture: BackgroundTexture?
}

/// Reads captions of the shapes.
struct CaptionReader {
  struct Unreadable: Error { var rest: [Substring] }

  private var words: ArraySlice<Substring>
  private var claims = Claims()

  private init(_ caption: String) {
    let spaced = caption.replacing(",", with: " , ").replacing(":", with: " : ")
    words = spaced.split(separator: " ")[...]
  }

  static func claims(of caption: String) throws -> Claims {
    var reader = CaptionReader(caption)
    try reader.read()
    return reader.claims
  }

  private mutating func read() throws {
    for opening in [
      "a picture of", "an image of", "a drawing of", "this shows", "there is", "here is",
    ] where take(opening) { break }
    if take("two shapes :") { claims.count = 2 } else if take("three shapes :") { claims.count = 3 }
    try thing()
    if take("with") {
      try thing()
      let relation = try oneOf(Self.relations)
      guard take("it") else { throw Unreadable(rest: Array(words)) }
      claims.relations.append((1, relation, 0))
    }
    while !words.isEmpty {
      if let relation = try? oneOf(Self.relations) {
        try thing()
        claims.relations.append((claims.things.count - 2, relation, claims.things.count - 1))
      } else if let place = try? oneOf(Self.places) {
        claims.things[claims.things.count - 1].place = place
      } else if take(", on") || take("on") || take(", against") || take("against") {
        try background()
      } else if take("and") || take(",") {
        try thing()
      } else {
        throw Unreadable(rest: Array(words))
      }
    }
  }

  private mutating func thing() throws {
    try article()
    let size = try? oneOf(Self.sizes)
    let colour = try oneOf(Self.colours)
    let shape = try oneOf(Self.shapes)
    claims.things.append(Claims.Thing(size: size, kind: ColouredShape(colour, shape)))
  }

  private mutating func background() throws {
    try article()
    claims.texture = try? oneOf(Self.textures)
    claims.background = try oneOf(Self.backgrounds)
    guard take("background") && words.isEmpty else { throw Unreadable(rest: Array(words)) }
  }

  /// "an" before a vowel, "a" elsewhere.
  private mutating func article() throws {
    guard let article = words.popFirst(), let next = words.first?.first else {
      throw Unreadable(rest: Array(words))
    }
    let wanted = "aeiou".contains(next) ? "an" : "a"
    guard article == wanted else { throw Unreadable(rest: [article] + words) }
  }

  private mutating func take(_ phrase: String) -> Bool {
    let wanted = phrase.split(separator: " ")
    guard words.starts(with: wanted) else { return false }
    words = words.dropFirst(wanted.count)
    return true
  }

  private mutating func oneOf<Value>(_ table: [(String, Value)]) throws -> Value {
    for (phrase, value) in table where take(phrase) { return value }
    throw Unreadable(rest: Array(words))
  }

  private static let sizes: [(String, ShapeSize)] = [
    ("small", .small), ("little", .small), ("tiny", .small), ("medium", .medium),
    ("medium-sized", .medium), ("large", .large), ("big", .large),
  ]
  private static let colours: [(String, ShapeColour)] = [
    ("red", .red), ("crimson", .red), ("orange", .orange), ("yellow", .yellow), ("green", .green),
    ("emerald", .green), ("cyan", .cyan), ("turquoise", .cyan), ("blue", .blue),
    ("purple", .purple), ("violet", .purple), ("white", .white),
  ]
  private static let shapes: [(String, ShapeKind)] = [
    ("circle", .circle), ("disc", .circle), ("square", .square), ("box", .square),
    ("triangle", .triangle), ("diamond", .diamond), ("rhombus", .diamond), ("cross", .cross),
    ("plus sign", .cross), ("star", .star), ("ring", .ring), ("hoop", .ring),
    ("hexagon", .hexagon),
  ]
  private static let relations: [(String, SpatialRelation)] = [
    ("above", .above), ("over", .above), ("higher than", .above), ("below", .below),
    ("under", .below), ("beneath", .below), ("left of", .leftOf), ("to the left of", .leftOf),
    ("right of", .rightOf), ("to the right of", .rightOf), ("inside", .inside),
    ("within", .inside), ("around", .around), ("surrounding", .around),
  ]
  private static let places: [(String, (column: Int, row: Int))] = [
    ("in the top left", (0, 0)), ("in the upper left corner", (0, 0)), ("at the top", (1, 0)),
    ("near the top", (1, 0)), ("in the top right", (2, 0)), ("in the upper right corner", (2, 0)),
    ("on the left side", (0, 1)), ("on the left", (0, 1)), ("in the middle", (1, 1)),
    ("in the center", (1, 1)), ("in the centre", (1, 1)), ("on the right side", (2, 1)),
    ("on the right", (2, 1)), ("in the bottom left", (0, 2)), ("in the lower left corner", (0, 2)),
    ("at the bottom", (1, 2)), ("near the bottom", (1, 2)), ("in the bottom right", (2, 2)),
    ("in the lower right corner", (2, 2)),
  ]
  private static let backgrounds: [(String, BackgroundColour)] = [
    ("black", .black), ("gray", .gray), ("grey", .gray), ("navy", .navy), ("maroon", .maroon),
    ("olive", .olive), ("teal", .teal),
  ]
  private static let textures: [(String, BackgroundTexture)] = [
    ("plain", .plain), ("striped", .striped), ("checkered", .checkered),
    ("chequered", .checkered), ("shaded", .shaded),
  ]
}
