/// Which images of `ShapesDataset`.
public enum ShapesSplit: String, CaseIterable, Codable, Sendable {
  /// For training: the 48 seen kinds.
  case train
  /// For testing: seen kinds, other images.
  case test
  /// For testing: every object is of a kind that no training image shows.
  case heldOutCombinations
}

/// Images of coloured shapes with captions: as many as wanted, none of them stored.
///
/// A sample is a function of (seed, split, index) alone. Splits use separate random sequences, so no
/// scene occurs in two of them but by chance.
public struct ShapesDataset: Hashable, Sendable {
  /// Chooses the whole data set.
  public let seed: UInt64
  /// Which part of it.
  public let split: ShapesSplit
  /// The size of its images, and how they become numbers.
  public let layout: PatchLayout

  /// A part of the data set that a seed stands for.
  public init(seed: UInt64, split: ShapesSplit, layout: PatchLayout) {
    self.seed = seed
    self.split = split
    self.layout = layout
  }

  /// Image, caption and facts of one sample.
  public func sample(_ index: UInt64) -> ShapesSample {
    let scene = scene(index)
    return ShapesSample(
      image: scene.image(size: layout.imageSize), caption: caption(of: scene, index), scene: scene)
  }

  /// What a sample shows.
  public func scene(_ index: UInt64) -> Scene {
    SceneSampler.scene(
      split == .heldOutCombinations ? .heldOut : .seen,
      from: CounterGenerator(seed: seed, stream: scenes.rawValue, index: index))
  }

  /// The caption of a sample.
  public func caption(_ index: UInt64) -> String { caption(of: scene(index), index) }

  private func caption(of scene: Scene, _ index: UInt64) -> String {
    CaptionGrammar.caption(
      of: scene,
      from: CounterGenerator(seed: seed, stream: scenes.captions, index: index))
  }

  private var scenes: RandomStream {
    switch split {
    case .train: .trainScenes
    case .test: .testScenes
    case .heldOutCombinations: .heldOutScenes
    }
  }
}

/// One image with its caption and its facts.
public struct ShapesSample: Hashable, Sendable {
  /// The image.
  public let image: RGBImage
  /// A sentence that is true of it.
  public let caption: String
  /// What it shows.
  public let scene: Scene
}
