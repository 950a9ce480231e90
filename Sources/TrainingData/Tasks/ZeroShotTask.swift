/// Labelled images, and sentences for their classes.
///
/// The question is which class's sentences a model holds closest to an image.
/// Nothing is stored: an image is a function of (seed, task, index).
public struct ZeroShotTask: Sendable {
  /// What is asked: one of `ids`, for example `colour-shape`.
  public let id: String
  /// One name per class.
  public let classes: [String]
  /// Several sentences per class; their embeddings are averaged.
  public let prompts: [[String]]
  /// How many classes compete for an image: a guess is right once in so many.
  public let competitors: Int
  /// The size of its images, and how they become numbers.
  public let layout: PatchLayout
  private let requests: [SceneRequest]
  private let seed: UInt64
  private let stream: RandomStream

  /// The class of an image; images go round the classes, so that all have the same number.
  public func label(_ index: UInt64) -> Int { Int(index % UInt64(classes.count)) }

  /// The classes that compete for an image, its own one among them.
  public func candidates(_ index: UInt64) -> Range<Int> {
    let start = label(index) / competitors * competitors
    return start..<start + competitors
  }

  /// What an image shows.
  public func scene(_ index: UInt64) -> Scene {
    SceneSampler.scene(
      requests[label(index)],
      from: CounterGenerator(seed: seed, stream: stream.rawValue, index: index))
  }

  /// An image.
  public func image(_ index: UInt64) -> RGBImage { scene(index).image(size: layout.imageSize) }
}

extension ZeroShotTask {
  /// The ids of the tasks.
  public static let ids: [String] = ["colour-shape", "relation", "held-out-combinations"]

  /// Colour and shape of a single object: the 48 kinds of the training images, chance 2.1 %.
  public static func colourShape(seed: UInt64, layout: PatchLayout) -> ZeroShotTask {
    kinds(
      ids[0], shown: ColouredShape.seen, offered: ColouredShape.seen, seed: seed, layout: layout,
      stream: .zeroShotKinds)
  }

  /// Colour and shape of a single object of a kind that no training image shows, chance 6.3 %.
  ///
  /// Only the 16 held-out kinds compete: a model that learned colours and shapes separately can tell
  /// them apart, one that learned pairs by heart cannot.
  public static func heldOutCombinations(seed: UInt64, layout: PatchLayout) -> ZeroShotTask {
    kinds(
      ids[2], shown: ColouredShape.heldOut, offered: ColouredShape.heldOut, seed: seed,
      layout: layout, stream: .zeroShotHeldOut)
  }

  private static func kinds(
    _ id: String, shown: [ColouredShape], offered: [ColouredShape], seed: UInt64,
    layout: PatchLayout, stream: RandomStream
  ) -> ZeroShotTask {
    ZeroShotTask(
      id: id, classes: offered.map { "\($0.colour.rawValue) \($0.shape.rawValue)" },
      prompts: offered.map { CaptionGrammar.prompts(for: $0) }, competitors: offered.count,
      layout: layout, requests: shown.map { .single($0) }, seed: seed, stream: stream)
  }

  /// The relation of two objects: 12 pairs of kinds in 5 relations, chance 20 %.
  ///
  /// For an image the 5 sentences about its own two objects compete, so that naming the objects does
  /// not help.
  public static func relation(seed: UInt64, layout: PatchLayout) -> ZeroShotTask {
    var classes: [String] = []
    var prompts: [[String]] = []
    var requests: [SceneRequest] = []
    let relations: [SpatialRelation] = [.above, .below, .leftOf, .rightOf, .inside]
    for (first, second) in pairs {
      for relation in relations {
        let sentences = CaptionGrammar.prompts(for: first, relation, second)
        classes.append(sentences[0])
        prompts.append(sentences)
        requests.append(.pair(first, relation, second))
      }
    }
    return ZeroShotTask(
      id: ids[1], classes: classes, prompts: prompts, competitors: relations.count,
      layout: layout, requests: requests, seed: seed, stream: .zeroShotRelations)
  }

  /// Twelve pairs of seen kinds; the second one can hold the first.
  private static let pairs: [(ColouredShape, ColouredShape)] = {
    let containers = ColouredShape.seen.filter { $0.shape.room != nil }
    let step = containers.count / 12
    return (0..<12).map { number in
      let outer = containers[number * step]
      let others = ColouredShape.seen.filter {
        $0.colour != outer.colour && $0.shape != outer.shape
      }
      return (others[number * 7 % others.count], outer)
    }
  }()
}
