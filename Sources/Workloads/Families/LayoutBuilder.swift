/// Chains the towers of a family; towers are frozen or trained whole.
struct LayoutBuilder {
  /// Names of towers that are not trained.
  let frozen: Set<String>
  /// Share of image patches dropped.
  let patchDropout: Double
  /// Another image size than the model's.
  let imageSize: Int?

  /// The chains of a step.
  func layout(of family: ModelSpec.Family) -> FamilyLayout {
    switch family {
    case .clip(let image, let text): twoTowers(image, text, loss: .infoNCE)
    case .sigLIP(let image, let text): twoTowers(image, text, loss: .sigmoid)
    case .coca(let image, let text, let decoder): coca(image, text, decoder)
    case .blip2Stage1(let image, let qformer): blip2Stage1(image, qformer)
    case .blip2Stage2(let image, let qformer, let language):
      blip2Stage2(image, qformer, language)
    case .visionLanguage(let image, let bridge, let language):
      visionLanguage(image, bridge, language)
    case .imageClassifier(let image, let classes): imageClassifier(image, classes: classes)
    case .languageModel(let language): languageModel(language)
    }
  }

  /// Whether a tower is trained.
  func isTrained(_ name: String) -> Bool { !frozen.contains(name) }

  /// The image tower at the size that is asked for.
  func vision(_ spec: VisionTowerSpec) -> VisionTowerSpec {
    guard let imageSize else { return spec }
    var resized = spec
    resized.imageSize = imageSize
    return resized
  }

  /// The image tower's segments; without `head` its tokens are handed on.
  func imagePath(_ spec: VisionTowerSpec, head: SegmentSpec?) -> TowerPath {
    let resized = vision(spec)
    let tokens = resized.tokens(patchDropout: patchDropout)
    var entries: [TowerPath.Entry] = [
      .init(spec: .patchEmbedding(resized), count: 1, tokens: tokens),
      .init(spec: .block(resized.block), count: resized.layers, tokens: tokens),
    ]
    if let head { entries.append(.init(spec: head, count: 1, tokens: tokens)) }
    return TowerPath(
      name: "image", role: .image, trainable: isTrained("image"), entries: entries)
  }

  /// The text tower's segments.
  func textPath(_ spec: TextTowerSpec) -> TowerPath {
    var block = spec.block
    block.endsInClassToken = spec.classToken
    return TowerPath(
      name: "text", role: .text, trainable: isTrained("text"),
      entries: [
        .init(spec: .textEmbedding(spec), count: 1, tokens: spec.tokens),
        .init(spec: .block(block), count: spec.layers, tokens: spec.tokens),
        .init(spec: .textHead(spec), count: 1, tokens: spec.tokens),
      ])
  }

  /// Compared features end divided by their length.
  func normalised(_ path: TowerPath, width: Int, vectors: Int = 1) -> TowerPath {
    var path = path
    path.entries.append(
      TowerPath.Entry(spec: .normalise(width: width), count: 1, tokens: vectors))
    return path
  }

  /// A tower with its parameters.
  func tower(_ name: String, _ parameters: Int) -> StepProgram.Tower {
    StepProgram.Tower(name: name, parameters: parameters, trainable: isTrained(name))
  }

  private func imageClassifier(_ image: VisionTowerSpec, classes: Int) -> FamilyLayout {
    let path = imagePath(image, head: .classifierHead(vision(image), classes: classes))
    let counted = countedImage(image, head: .classifierHead(image, classes: classes))
    return FamilyLayout(
      towers: [tower("image", counted)], imageChain: [path], textChain: [], contrastive: nil,
      tail: [], heldTokenElements: 0)
  }

  /// Parameters of an image tower at its own resolution; with the family's own head by default.
  func countedImage(_ image: VisionTowerSpec, head: SegmentSpec? = nil) -> Int {
    TowerPath(
      name: "image", role: .image, trainable: true,
      entries: [
        .init(spec: .patchEmbedding(image), count: 1, tokens: image.tokens),
        .init(spec: .block(image.block), count: image.layers, tokens: image.tokens),
        .init(spec: head ?? .visionHead(image), count: 1, tokens: image.tokens),
      ]
    ).parameterElements
  }
}
