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
    imageTokens: Int = 0, cached: [[[Double]]] = [], data: DoubleChoices
  ) -> (tokens: [Double], keys: [[[Double]]]) {
    let tokens = qformer.queryTokens(pass) + qformer.textTokens(pass)
    func shape(_ crossTokens: Int) -> BlockShape {
      BlockShape(samples: samples, tokens: tokens, crossTokens: crossTokens)
    }
    var x = apply(
      .qformerEmbedding(qformer, pass), "qformer.embedding", [], shape: shape(0), choices: data)[0]
    var keys: [[[Double]]] = []
    for layer in 0..<qformer.layers {
      let crosses = isCrossing(layer) && !image.isEmpty
      let others = crosses ? [image] : cached.isEmpty ? [] : cached[layer]
      let outputs = apply(
        .qformerBlock(qformer, pass, crossing: crosses), "qformer.blocks.\(layer)", [x] + others,
        shape: shape(crosses ? imageTokens : 0), choices: data)
      x = outputs[0]
      keys.append(Array(outputs.dropFirst()))
    }
    return (x, keys)
  }

  private func head(
    _ qformer: QFormerSpec, _ pass: QFormerPass, _ x: [Double], samples: Int,
    data: DoubleChoices
  ) -> [Double] {
    let tokens = qformer.queryTokens(pass) + qformer.textTokens(pass)
    return apply(
      .qformerHead(qformer, pass), "qformer.head", [x],
      shape: BlockShape(samples: samples, tokens: tokens), choices: data)[0]
  }

  private func textChoices(_ qformer: QFormerSpec, _ samples: [Int]) -> DoubleChoices {
    var data = DoubleChoices()
    data.tokens = tokens(samples, count: qformer.textTokens)
    data.lengths = samples.map {
      batch.lengths.isEmpty ? qformer.textTokens : Int(batch.lengths[$0])
    }
    return data
  }

  /// The image tower's tokens, normalised for the bridge.
  private func bridged(_ image: VisionTowerSpec) -> (values: [Double], tokens: Int) {
    let images = imageBlocks(image, pixels(everySample), samples: everySample)
    let tokens = image.tokens(patchDropout: patchDropout)
    let normed = apply(
      .tokenNorm(width: image.block.width), "qformer.token_norm", [images.tokens],
      shape: BlockShape(samples: samples, tokens: tokens))[0]
    return (normed, tokens)
  }

  /// Contrastive, matching and caption losses, added up.
  func firstStage(_ image: VisionTowerSpec, _ qformer: QFormerSpec) -> Double {
    let seen = bridged(image)
    let own = textChoices(qformer, everySample)
    let queries = pass(
      qformer, .cachingQueries, samples: samples, image: seen.values, imageTokens: seen.tokens,
      data: own)
    let width = qformer.embeddingWidth
    let images = ReferenceLoss.normalised(
      head(qformer, .cachingQueries, queries.tokens, samples: samples, data: own), width: width)
    let words = pass(qformer, .text, samples: samples, data: own)
    let texts = ReferenceLoss.normalised(
      head(qformer, .text, words.tokens, samples: samples, data: own), width: width)
    return mean(
      contrastive(images, texts, width: width, vectors: qformer.queries, smoothing: 0.1))
      + matching(qformer, seen.values, imageTokens: seen.tokens)
      + captions(qformer, keys: queries.keys)
  }

  /// Positive pairs, wrong images, wrong texts.
  private func matching(_ qformer: QFormerSpec, _ image: [Double], imageTokens: Int) -> Double {
    guard let negatives = batch.negatives else { return .nan }
    let images = everySample + negatives.images.map(Int.init) + everySample
    let texts = everySample + everySample + negatives.texts.map(Int.init)
    let size = image.count / samples
    var data = textChoices(qformer, texts)
    let labels = images.indices.map { Int32($0 < samples ? 1 : 0) }
    data.labels = { _ in labels }
    let x = pass(
      qformer, .matching, samples: images.count,
      image: ReferenceTokens.rows(image, images.map { Int32($0) }, width: size),
      imageTokens: imageTokens,
      data: data)
    return mean(head(qformer, .matching, x.tokens, samples: images.count, data: data))
  }

  private func captions(_ qformer: QFormerSpec, keys: [[[Double]]]) -> Double {
    var data = textChoices(qformer, everySample)
    let length = qformer.textTokens
    let labels = followers(of: data.tokens, length: length, lengths: data.lengths)
    data.labels = { _ in labels }
    if let begin = settings.captionToken {
      for sample in everySample { data.tokens[sample * length] = begin }
    }
    let x = pass(qformer, .caption, samples: samples, cached: keys, data: data)
    let losses = head(qformer, .caption, x.tokens, samples: samples, data: data)
    return losses.reduce(0, +) / Double(labels.count { $0 >= 0 })
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
    let seen = bridged(image)
    let queries = pass(
      qformer, .queries, samples: samples, image: seen.values, imageTokens: seen.tokens,
      data: DoubleChoices())
    let prefix = apply(
      .projection(from: qformer.block.width, to: model.block.width), "qformer.projection",
      [queries.tokens], shape: BlockShape(samples: samples, tokens: qformer.queries))[0]
    var prefixed = model
    prefixed.prefixTokens = qformer.queries
    return language(prefixed, prefix: prefix)
  }
}
