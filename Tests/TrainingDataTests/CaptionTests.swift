import Testing
import TrainingData

@Suite("Captions")
struct CaptionTests {
  @Test("Every claim of a caption is true of its scene", arguments: ShapesSplit.allCases)
  func truth(split: ShapesSplit) throws {
    let data = try shapes(split)
    for index in 0..<2500 as Range<UInt64> {
      let (scene, caption) = (data.scene(index), data.caption(index))
      let claims = try CaptionReader.claims(of: caption)
      if let count = claims.count {
        #expect(count == scene.objects.count && count == claims.things.count, "\(caption)")
      }
      let shown = try claims.things.map { thing -> SceneObject in
        let matching = scene.objects.filter { $0.kind == thing.kind }
        #expect(matching.count == 1, "\(caption)")
        let object = try #require(matching.first, "\(caption)")
        #expect(thing.size == nil || thing.size == object.size, "\(caption)")
        if let place = thing.place {
          #expect(third(object.x) == place.column && third(object.y) == place.row, "\(caption)")
        }
        return object
      }
      for (first, relation, second) in claims.relations {
        #expect(holds(relation, shown[first], shown[second]), "\(caption)")
      }
      #expect(claims.background == nil || claims.background == scene.background.colour)
      #expect(claims.texture == nil || claims.texture == scene.background.texture)
    }
  }

  /// Which third of the image a centre lies in, a little beyond its borders allowed.
  private func third(_ position: Float) -> Int {
    if position < 0.42 { return 0 }
    return position > 0.58 ? 2 : 1
  }

  private func holds(_ relation: SpatialRelation, _ a: SceneObject, _ b: SceneObject) -> Bool {
    let (dx, dy) = (a.x - b.x, a.y - b.y)
    let distance = (dx * dx + dy * dy).squareRoot()
    switch relation {
    case .above: return dy < 0 && abs(dy) > abs(dx) && distance > a.radius + b.radius
    case .below: return dy > 0 && abs(dy) > abs(dx) && distance > a.radius + b.radius
    case .leftOf: return dx < 0 && abs(dx) > abs(dy) && distance > a.radius + b.radius
    case .rightOf: return dx > 0 && abs(dx) > abs(dy) && distance > a.radius + b.radius
    case .inside: return distance + a.radius < b.radius
    case .around: return distance + b.radius < a.radius
    }
  }

  @Test("Captions say many different things in many ways, and none is too long")
  func variety() throws {
    let data = try shapes()
    var seen: Set<String> = []
    var relations = 0
    var backgrounds = 0
    for index in 0..<4000 as Range<UInt64> {
      let caption = data.caption(index)
      seen.insert(caption)
      #expect(WordTokenizer.words(of: caption).count <= CaptionGrammar.longestCaption)
      let claims = try CaptionReader.claims(of: caption)
      relations += claims.relations.count
      backgrounds += claims.background == nil ? 0 : 1
    }
    #expect(seen.count > 3500)
    // 60 % of scenes have two objects or more, and most of those captions tell a relation.
    #expect((1200...2000).contains(relations))
    // 30 % of 4000, standard deviation 29.
    #expect(abs(backgrounds - 1200) < 150)
  }

  @Test("Captions and prompts use every word of the vocabulary, and no other")
  func vocabulary() throws {
    let data = try shapes()
    var used: Set<String> = []
    for index in 0..<6000 as Range<UInt64> {
      used.formUnion(WordTokenizer.words(of: data.caption(index)))
    }
    #expect(used == Set(CaptionGrammar.vocabulary))
    #expect(CaptionGrammar.vocabulary == CaptionGrammar.vocabulary.sorted())
    let prompts = ColouredShape.all.flatMap { CaptionGrammar.prompts(for: $0) }
    #expect(used.isSuperset(of: prompts.flatMap { WordTokenizer.words(of: $0) }))
  }

  @Test("Prompts read as they should")
  func prompts() {
    #expect(
      CaptionGrammar.prompts(for: ColouredShape(.orange, .ring)) == [
        "an orange ring", "a picture of an orange ring", "an image of an orange ring",
        "there is an orange ring",
      ])
    #expect(
      CaptionGrammar.prompts(
        for: ColouredShape(.red, .star), .inside, ColouredShape(.blue, .square)) == [
          "a red star inside a blue square", "a picture of a red star inside a blue square",
          "a blue square around a red star", "a blue square with a red star inside it",
        ])
  }
}
