extension TowerPath {
  /// The path with what is trained of its tower.
  ///
  /// Blocks count from the end; what stands behind the first trained block is trained too,
  /// embeddings are not. Adapters are in every block and nowhere else.
  func training(_ training: Trainability) -> TowerPath {
    var path = self
    switch training {
    case .all: return self
    case .none: path.trainable = false
    case .lora(let lora):
      for index in entries.indices {
        path.entries[index].trained = entries[index].spec.isBlock ? .additions(lora) : nil
      }
    case .lastBlocks(let count): path.entries = entries(trainingLast: count)
    }
    path.trainable = path.trainable && path.parameterElements(of: path.trainedNames()) > 0
    return path
  }

  /// The path with the first block that wants a gradient by itself, where none goes on from it: those
  /// behind it hand theirs on.
  func endingGradients() -> TowerPath {
    guard
      let first = entries.indices.first(where: {
        need(at: $0).any && entries[$0].spec.isBlock
      }), !need(at: first).input
    else { return self }
    var path = self
    var rest = entries[first]
    rest.count -= 1
    path.entries[first].count = 1
    path.entries[first].endsGradients = true
    if rest.count > 0 { path.entries.insert(rest, at: first + 1) }
    return path
  }

  private func entries(trainingLast count: Int) -> [Entry] {
    let frozen = max(0, blocks - count)
    var seen = 0
    var result: [Entry] = []
    for entry in entries {
      guard entry.spec.isBlock else {
        var entry = entry
        let isBehind = seen > frozen || seen == blocks
        entry.trained = isBehind && !entry.spec.isEmbedding ? entry.spec.ownParameters : nil
        result.append(entry)
        continue
      }
      let before = min(entry.count, max(0, frozen - seen))
      seen += entry.count
      for (count, isTrained) in [(before, false), (entry.count - before, true)] where count > 0 {
        var part = entry
        part.count = count
        part.trained = isTrained ? .all : nil
        result.append(part)
      }
    }
    return result
  }

  /// The path with the parameters that condition on lambda, trained wherever they are.
  func conditioned(_ conditioning: LambdaConditioning) -> TowerPath {
    guard trainable, conditioning != .none else { return self }
    var path = self
    for index in entries.indices where entries[index].trained == nil {
      let isConditioned =
        conditioning == .classToken
        ? entries[index].spec.takesConditioning : entries[index].spec.isBlock
      if isConditioned { path.entries[index].trained = .additions(nil) }
    }
    return path
  }

  // MARK: Counts

  /// A parameter of a path: passes of one tower share those of the same name.
  struct ParameterName: Hashable {
    /// Position of the block; nil outside blocks.
    var layer: Int?
    /// The stretch outside blocks.
    var part: SegmentSpec.Part?
    var tensor: String
  }

  /// Elements of parameters by name: those that are trained, or those that come on top of the
  /// model's own as adapters.
  func trainedNames(
    conditioning: LambdaConditioning = .none, sharding: Sharding = .none
  ) -> [ParameterName: Int] {
    var names: [ParameterName: Int] = [:]
    guard trainable else { return names }
    var layer = 0
    for entry in entries {
      defer { if entry.spec.isBlock { layer += entry.count } }
      guard let trained = entry.trained else { continue }
      var shape = BlockShape(
        samples: 1, tokens: entry.tokens, crossTokens: entry.crossTokens,
        conditioning: conditioning)
      shape.sharding = sharding
      shape.trained = trained
      let graph = entry.spec.graph(shape, style: .float32)
      for (index, tensor) in graph.tensors.enumerated() where graph.isTrained(TensorID(index)) {
        guard !tensor.name.hasSuffix(Tensor.tiedSuffix) else { continue }
        for application in 0..<entry.count {
          let name = ParameterName(
            layer: entry.spec.isBlock ? layer + application : nil,
            part: entry.spec.isBlock ? nil : entry.spec.part, tensor: tensor.name)
          names[name] = max(names[name] ?? 0, tensor.elements)
        }
      }
    }
    return names
  }

  func parameterElements(of names: [ParameterName: Int]) -> Int { names.values.reduce(0, +) }
}

extension FamilyLayout {
  /// Every pass of a tower.
  func paths(of tower: String) -> [TowerPath] {
    (imageChain + textChain + tail).filter { $0.name == tower }
  }

  /// Trained parameters of a tower, each counted once whatever passes run it.
  func trainedElements(
    of tower: String, conditioning: LambdaConditioning = .none, sharding: Sharding = .none
  ) -> Int {
    var names: [TowerPath.ParameterName: Int] = [:]
    for path in paths(of: tower) {
      names.merge(path.trainedNames(conditioning: conditioning, sharding: sharding)) { max($0, $1) }
    }
    return names.values.reduce(0, +)
  }
}

extension SegmentSpec {
  /// Stretches outside blocks that passes of one tower may share.
  enum Part: Hashable {
    case embedding
    case decoderEmbedding
    case head
    case other(SegmentSpec)
  }

  var part: Part {
    switch self {
    case .patchEmbedding, .textEmbedding, .languageEmbedding(_, decoder: false),
      .qformerEmbedding:
      .embedding
    case .languageEmbedding(_, decoder: true): .decoderEmbedding
    case .visionHead, .textHead, .classifierHead, .languageHead, .captionHead, .qformerHead: .head
    default: .other(self)
    }
  }

  /// Whether tokens or patches become vectors here.
  var isEmbedding: Bool {
    switch part {
    case .embedding, .decoderEmbedding: true
    case .head, .other: false
    }
  }

  /// Whether tokens begin here that a conditioned model is told lambda by.
  var takesConditioning: Bool {
    switch self {
    case .patchEmbedding: true
    case .qformerEmbedding(let qformer, let pass): qformer.queryTokens(pass) > 0
    default: false
    }
  }

  /// All parameters that no other segment owns.
  fileprivate var ownParameters: TrainedWeights {
    switch self {
    case .languageHead, .qformerHead: .own
    default: .all
    }
  }
}
