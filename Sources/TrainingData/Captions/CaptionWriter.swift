/// Writes one caption of one scene.
struct CaptionWriter {
  private let scene: Scene
  private var generator: CounterGenerator

  init(scene: Scene, generator: CounterGenerator) {
    precondition((1...3).contains(scene.objects.count), "\(scene.objects.count) objects")
    self.scene = scene
    self.generator = generator
  }

  mutating func caption() -> String {
    let listed = generator.chance(0.15)
    let openings = listed ? Words.openings : Words.openings + Words.statements
    let opening = generator.chance(0.5) ? "" : generator.pick(openings) + " "
    let body: String
    switch scene.objects.count {
    case 1: body = placed(0, odds: 0.5)
    case 2: body = two(listed)
    default: body = three(listed)
    }
    return opening + body + behind()
  }

  // MARK: Bodies

  private mutating func two(_ listed: Bool) -> String {
    if !listed && generator.chance(0.8), let related = related(0, 1) { return related }
    let (first, second) = generator.chance(0.5) ? (0, 1) : (1, 0)
    let start = listed ? Words.lists[0] + " " : ""
    let one = placed(first, odds: listed ? 0 : 0.4)
    return "\(start)\(one) and \(placed(second, odds: listed ? 0 : 0.4))"
  }

  private mutating func three(_ listed: Bool) -> String {
    var order = [0, 1, 2]
    generator.shuffle(&order)
    if !listed && generator.chance(0.6), let related = related(order[0], order[1], plain: true) {
      return "\(related) and \(thing(order[2]))"
    }
    let start = listed ? Words.lists[1] + " " : ""
    let (one, two) = (thing(order[0]), thing(order[1]))
    return "\(start)\(one), \(two) and \(thing(order[2]))"
  }

  /// Two objects and their relation, told from either side; nil: no word is plainly true.
  private mutating func related(_ a: Int, _ b: Int, plain: Bool = false) -> String? {
    let (first, second) = generator.chance(0.5) ? (a, b) : (b, a)
    guard let relation = scene.relation(of: first, to: second) else { return nil }
    let (one, two) = (thing(first), thing(second))
    let phrase = word(of: Words.phrases(of: relation))
    if !plain && generator.chance(0.25) { return "\(two) with \(one) \(phrase) it" }
    return "\(one) \(phrase) \(two)"
  }

  // MARK: Parts

  private mutating func placed(_ index: Int, odds: Float) -> String {
    let thing = thing(index)
    guard let place = scene.objects[index].place, generator.chance(odds) else { return thing }
    return "\(thing) \(word(of: Words.phrases(of: place)))"
  }

  private mutating func thing(_ index: Int) -> String {
    let object = scene.objects[index]
    let colour = word(of: Words.names(of: object.kind.colour))
    let size = generator.chance(0.5) ? word(of: Words.names(of: object.size)) + " " : ""
    let shape = word(of: Words.names(of: object.kind.shape))
    let words = "\(size)\(colour) \(shape)"
    return "\(CaptionGrammar.article(before: words)) \(words)"
  }

  private mutating func behind() -> String {
    guard generator.chance(0.3) else { return "" }
    let comma = generator.chance(0.3) ? "," : ""
    let preposition = generator.pick(Words.beforeBackground)
    let colour = word(of: Words.names(of: scene.background.colour))
    let texture =
      generator.chance(0.5) ? word(of: Words.names(of: scene.background.texture)) + " " : ""
    let words = "\(texture)\(colour) background"
    return "\(comma) \(preposition) \(CaptionGrammar.article(before: words)) \(words)"
  }

  /// The most common word in 60 % of cases, else any of them.
  private mutating func word(of words: [String]) -> String {
    generator.chance(0.6) ? words[0] : generator.pick(words)
  }
}
