/// Turns scenes into sentences that are true of them.
///
///     caption    = [opening] body [", " | ""] [behind]
///     body       = thing [place]                                     one object
///                | thing relation thing | thing "with" thing relation "it"
///                | ["two shapes:"] thing [place] "and" thing [place]  two objects
///                | thing relation thing "and" thing
///                | ["three shapes:"] thing "," thing "and" thing      three objects
///     thing      = ("a" | "an") [size] colour shape
///     behind     = ("on" | "against") "a" [texture] colour "background"
///
/// Words have synonyms, relations are told from either side, parts in brackets are left out at random.
public enum CaptionGrammar {
  /// The longest caption in words and punctuation marks.
  public static let longestCaption: Int = 30

  /// Every word and punctuation mark of captions and prompts, sorted.
  public static let vocabulary: [String] =
    Set(Words.all.flatMap { WordTokenizer.words(of: $0) }).sorted()

  /// A caption of the scene, drawn from this sequence of random numbers.
  ///
  /// - Precondition: the scene has one to three objects.
  public static func caption(of scene: Scene, from generator: CounterGenerator) -> String {
    var writer = CaptionWriter(scene: scene, generator: generator)
    return writer.caption()
  }

  // MARK: Prompts

  /// Sentences for an object of this kind, in the most common words.
  public static func prompts(for kind: ColouredShape) -> [String] {
    let thing = thing(kind)
    return [thing] + ["a picture of", "an image of", "there is"].map { "\($0) \(thing)" }
  }

  /// Sentences for two objects in a relation, in the most common words.
  public static func prompts(
    for first: ColouredShape, _ relation: SpatialRelation, _ second: ColouredShape
  ) -> [String] {
    let (one, two) = (thing(first), thing(second))
    let forth = Words.phrases(of: relation)[0]
    let back = Words.phrases(of: relation.converse)[0]
    return [
      "\(one) \(forth) \(two)", "a picture of \(one) \(forth) \(two)", "\(two) \(back) \(one)",
      "\(two) with \(one) \(forth) it",
    ]
  }

  private static func thing(_ kind: ColouredShape) -> String {
    let colour = Words.names(of: kind.colour)[0]
    return "\(article(before: colour)) \(colour) \(Words.names(of: kind.shape)[0])"
  }

  static func article(before word: String) -> String {
    word.first.map { "aeiou".contains($0) } ?? false ? "an" : "a"
  }
}
