import TestSupport
import TrainingCore
import Workloads

/// BLIP-2: the image tower's tokens, the Q-Former's passes, both stages.
extension DoubleModel {
  /// Every second block attends across, from the first.
  private func isCrossing(_ layer: Int) -> Bool { layer.isMultiple(of: 2) }

  /// A pass's embedding and blocks; `cached` keys and values by layer, for captions.
  private func pass(
    _ qformer: QFormerSpec, _ pass: QFormerPass, samples: Int, image: [Double] = [],
    imageTokens: Int = 0, cached: [[[Double]]] = [], data: DoubleChoices,
    names: BridgeNames = BridgeNames()
  ) -> (tokens: [Double], layers: [[Double]], keys: [[[Double]]]) {
    let tokens = qformer.queryTokens(pass) + qformer.textTokens(pass)
    func shape(_ crossTokens: Int) -> BlockShape {
      BlockShape(
        samples: samples, tokens: tokens, crossTokens: crossTokens,
        conditioning: names.isReference ? .none : bridgeConditioning)
    }
    var data = data
    data.lambdaCode = Self.code(of: data.lambda, width: qformer.block.width)
    var x = apply(
      .qformerEmbedding(qformer, pass), names.qformer + ".embedding", [], shape: shape(0),
      choices: data)[0]
    var (layers, keys): ([[Double]], [[[Double]]]) = ([], [])
    for layer in 0..<qformer.layers {
      let crosses = isCrossing(layer) && !image.isEmpty
      let others = crosses ? [image] : cached.isEmpty ? [] : cached[layer]
      let outputs = apply(
        .qformerBlock(qformer, pass, crossing: crosses), "\(names.qformer).blocks.\(layer)",
        [x] + others, shape: shape(crosses ? imageTokens : 0), choices: data)
      x = outputs[0]
      layers.append(x)
      keys.append(Array(outputs.dropFirst()))
    }
    return (x, layers, keys)
  }

  private func head(
    _ qformer: QFormerSpec, _ pass: QFormerPass, _ x: [Double], samples: Int,
    data: DoubleChoices, names: BridgeNames = BridgeNames()
  ) -> [Double] {
    let tokens = qformer.queryTokens(pass) + qformer.textTokens(pass)
    return apply(
      .qformerHead(qformer, pass), names.qformer + ".head", [x],
      shape: BlockShape(samples: samples, tokens: tokens), choices: data)[0]
  }

  /// Texts of samples; by themselves they are told a lambda of 0.
  private func textChoices(_ qformer: QFormerSpec, _ samples: [Int]) -> DoubleChoices {
    var data = DoubleChoices()
    data.tokens = tokens(samples, count: qformer.textTokens)
    data.lengths = samples.map {
      batch.lengths.isEmpty ? qformer.textTokens : Int(batch.lengths[$0])
    }
    data.lambda = samples.map { _ in 0 }
    return data
  }

  /// Where an image side's parameters are.
  private struct BridgeNames {
    var image = "image"
    var qformer = "qformer"
    var isReference: Bool { qformer != "qformer" }
  }

  /// Lambda is told to the bridge where the image tower is frozen.
  private var bridgeConditioning: LambdaConditioning {
    isImageFrozen ? conditioning : .none
  }

  /// What some images become, up to what is compared with texts.
  private struct Seen {
    var samples: [Int]
    /// The image tower's tokens, normalised for the bridge.
    var values: [Double]
    var imageTokens: Int
    /// The last block's queries, and what they are compared by.
    var queries: [Double]
    var features: [Double]
    /// Keys and values of the queries at every layer.
    var keys: [[[Double]]]
    /// Outputs of the blocks that are compared.
    var layers: [[Double]]
  }

  private func see(
    _ image: VisionTowerSpec, _ qformer: QFormerSpec, _ pixels: [Double], _ chosen: [Int],
    names: BridgeNames = BridgeNames(), compares: Bool = true
  ) -> Seen {
    let images = imageBlocks(
      image, pixels, samples: chosen, name: names.image,
      conditioning: names.isReference || isImageFrozen ? .none : conditioning)
    let tokens = image.tokens(patchDropout: patchDropout)
    let normed = apply(
      .tokenNorm(width: image.block.width), names.qformer + ".token_norm", [images.tokens],
      shape: BlockShape(samples: chosen.count, tokens: tokens))[0]
    var data = DoubleChoices()
    data.lambda = chosen.map(lambda)
    let queries = pass(
      qformer, .cachingQueries, samples: chosen.count, image: normed, imageTokens: tokens,
      data: data, names: names)
    // A language model reads the queries themselves.
    let features =
      compares
      ? ReferenceLoss.normalised(
        head(
          qformer, .cachingQueries, queries.tokens, samples: chosen.count, data: data,
          names: names), width: qformer.embeddingWidth) : []
    return Seen(
      samples: chosen, values: normed, imageTokens: tokens, queries: queries.tokens,
      features: features, keys: queries.keys,
      layers: isImageFrozen ? queries.layers : images.layers)
  }

  /// Contrastive, matching and caption losses of both branches, and what the method adds.
  func firstStage(_ image: VisionTowerSpec, _ qformer: QFormerSpec) -> Double {
    let texts = texts(qformer)
    func contrast(_ images: [Double]) -> [Double] {
      contrastive(
        images, texts, width: qformer.embeddingWidth, vectors: qformer.queries, smoothing: 0.1)
    }
    func others(_ seen: Seen, share: @escaping (Int) -> Double) -> Double {
      matching(qformer, seen, share: share) + captions(qformer, seen, share: share)
    }
    let method = calibration.method
    let own = see(image, qformer, pixels(everySample), everySample)
    guard method.attacks else {
      return mean(contrast(own.features)) + others(own) { _ in 1 }
        + (method == .teacher ? distance(image, qformer, own) : 0)
    }
    let chosen = attackedSamples
    let moved = see(image, qformer, DoubleMath.sum(pixels(chosen), perturbation), chosen)
    guard settings.weighsByLambda else {
      return mean(contrast(moved.features)) + others(moved) { _ in 1 }
        + (method == .anchored
          ? distance(image, qformer, moved) : regulariser(own.layers, moved.layers))
    }
    let plain = contrast(own.features)
    let mixed = contrast(mixed(moved.features, held?.features ?? own.features))
    let both = everySample.map { (1 - lambda($0)) * plain[$0] + lambda($0) * mixed[$0] }
    return mean(both) + others(own) { 1 - lambda($0) } + others(moved, share: lambda)
      + (method == .oat ? 0 : regulariser(held?.layers ?? own.layers, moved.layers))
  }

  /// What the sequential order holds fixed of a model with a bridge.
  func heldBridge(_ image: VisionTowerSpec, _ qformer: QFormerSpec) -> Held {
    let own = see(image, qformer, pixels(everySample), everySample)
    return Held(features: own.features, layers: own.layers)
  }

  private func texts(_ qformer: QFormerSpec) -> [Double] {
    let data = textChoices(qformer, everySample)
    let words = pass(qformer, .text, samples: samples, data: data)
    return ReferenceLoss.normalised(
      head(qformer, .text, words.tokens, samples: samples, data: data),
      width: qformer.embeddingWidth)
  }

  /// Squared distance of an image's features to the anchor's, or cosine distance of its projected
  /// queries to the teacher's, a query at a time.
  private func distance(
    _ image: VisionTowerSpec, _ qformer: QFormerSpec, _ seen: Seen
  ) -> Double {
    // A tower that is not trained is its own anchor.
    let hasOwnImage = values.keys.contains { $0.hasPrefix("reference.") }
    let names = BridgeNames(
      image: hasOwnImage ? "reference" : "image", qformer: "reference-qformer")
    let fixed = see(image, qformer, pixels(everySample), everySample, names: names).features
    let width = qformer.embeddingWidth
    let weight = Double(settings.distanceWeight)
    guard calibration.method == .teacher else {
      return weight
        * mean(ReferenceLoss.squaredDistance(seen.features, fixed, width: qformer.queries * width))
    }
    let student = ReferenceLinear.product(
      seen.queries, values["distillation.projection.weight"] ?? [],
      rows: samples * qformer.queries, k: qformer.block.width, n: width)
    return weight * mean(ReferenceLoss.cosineDistance(student, fixed, width: width))
  }

  /// Positive pairs, wrong images, wrong texts, each weighted by the share of its place.
  private func matching(
    _ qformer: QFormerSpec, _ seen: Seen, share: (Int) -> Double
  ) -> Double {
    guard let negatives = batch.negatives else { return .nan }
    let chosen = seen.samples
    func other(_ sample: Int, _ indices: [Int32]) -> Int {
      sample - (microBatch > 0 ? sample % microBatch : sample) + Int(indices[sample])
    }
    let images = chosen + chosen.map { other($0, negatives.images) } + chosen
    let texts = chosen + chosen + chosen.map { other($0, negatives.texts) }
    let size = seen.values.count / chosen.count
    var data = textChoices(qformer, texts)
    data.lambda = images.map(lambda)
    let labels = images.indices.map { Int32($0 < chosen.count ? 1 : 0) }
    data.labels = { _ in labels }
    let rows = images.compactMap { chosen.firstIndex(of: $0) }.map { Int32($0) }
    let x = pass(
      qformer, .matching, samples: images.count,
      image: ReferenceTokens.rows(seen.values, rows, width: size), imageTokens: seen.imageTokens,
      data: data)
    let losses = head(qformer, .matching, x.tokens, samples: images.count, data: data)
    let weighted = zip(chosen + chosen + chosen, losses).reduce(0) { $0 + share($1.0) * $1.1 }
    return weighted / Double(3 * samples)
  }

  private func captions(
    _ qformer: QFormerSpec, _ seen: Seen, share: (Int) -> Double
  ) -> Double {
    let length = qformer.textTokens
    var data = textChoices(qformer, seen.samples)
    data.lambda = seen.samples.map(lambda)
    let labels = followers(of: data.tokens, length: length, lengths: data.lengths)
    let all = textChoices(qformer, everySample)
    let known = followers(of: all.tokens, length: length, lengths: all.lengths)
    data.labels = { _ in labels }
    if let begin = settings.captionToken {
      for sample in seen.samples.indices { data.tokens[sample * length] = begin }
    }
    let x = pass(qformer, .caption, samples: seen.samples.count, cached: seen.keys, data: data)
    let losses = head(qformer, .caption, x.tokens, samples: seen.samples.count, data: data)
    let weighted = losses.enumerated().reduce(0) {
      $0 + share(seen.samples[$1.offset / length]) * $1.element
    }
    return weighted / Double(known.count { $0 >= 0 })
  }

  /// The token behind every token of a text; -1 behind the last.
  func followers(of tokens: [Int32], length: Int, lengths: [Int]) -> [Int32] {
    lengths.enumerated().flatMap { sample, known in
      (0..<length).map { $0 + 1 < known ? tokens[sample * length + $0 + 1] : -1 }
    }
  }

  /// The queries, projected, stand before the text of a language model.
  func secondStage(
    _ image: VisionTowerSpec, _ qformer: QFormerSpec, _ model: LanguageModelSpec
  ) -> Double {
    let queries = see(
      image, qformer, pixels(everySample), everySample, compares: false
    ).queries
    let prefix = apply(
      .projection(from: qformer.block.width, to: model.block.width), "qformer.projection",
      [queries], shape: BlockShape(samples: samples, tokens: qformer.queries))[0]
    var prefixed = model
    prefixed.prefixTokens = qformer.queries
    return language(prefixed, prefix: prefix)
  }
}
