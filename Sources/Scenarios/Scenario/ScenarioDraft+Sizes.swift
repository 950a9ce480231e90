import Strategies
public import Workloads

extension ScenarioDraft {
  /// Sizes that multiply to more bytes than an integer counts are refused before anything is
  /// built from them.
  ///
  /// The whole batch of a rank is checked, because a search may try it without accumulation.
  func checkSizes(
    _ root: Section, _ batch: BatchInput, _ strategy: Strategy,
    _ calibrations: [CalibrationSettings]
  ) {
    guard let model else { return }
    let attacked = calibrations.compactMap(\.attackImageSize).max() ?? 0
    let samples = Double(strategy.microBatch) * Double(strategy.accumulation)
    guard
      !model.isCountable(
        samples: samples, globalBatch: strategy.globalBatch, imageSizeAtLeast: attacked)
    else { return }
    let entry = [batch.micro, batch.global, batch.accelerators].first { !$0.isAbsent }
    let message = "the batch and the model multiply to more bytes than can be counted"
    guard let entry else { return root.error("workload", message, help: "use a smaller model") }
    let perSample =
      model.valuesPerSample(imageSizeAtLeast: attacked) + 8 * Double(strategy.globalBatch)
    let most = Int(SizeLimit.values / perSample)
    let help =
      most > 0
      ? "keep micro_batch x accumulation at \(most) or below, or the global batch smaller"
      : "use a smaller model or attack_resolution"
    entry.error(message, help: help)
  }
}

/// What can be counted.
enum SizeLimit {
  /// Values whose bytes stay within 63 bits, as 4-byte floats and with room for sums.
  static let values = 0x1p60
}

extension ModelSpec {
  /// Whether the bytes of a step stay within what an integer counts.
  ///
  /// - Parameters:
  ///   - samples: Samples of one rank's step.
  ///   - globalBatch: Samples of all ranks: columns of the logits.
  ///   - imageSizeAtLeast: Side in pixels of images that an attack enlarges.
  /// - Returns: False where sums of its sizes could overflow.
  public func isCountable(
    samples: Double, globalBatch: Int, imageSizeAtLeast: Int = 0
  ) -> Bool {
    samples * valuesPerSample(imageSizeAtLeast: imageSizeAtLeast) + 8 * samples
      * Double(globalBatch)
      <= SizeLimit.values
  }

  /// Width of a patch of the image tower in pixels; nil for models without one.
  var imagePatchSize: Int? {
    switch family {
    case .clip(let image, _), .sigLIP(let image, _), .coca(let image, _, _),
      .blip2Stage1(let image, _), .blip2Stage2(let image, _, _), .imageClassifier(let image, _),
      .visionLanguage(let image, _, _):
      max(1, image.patchSize)
    case .languageModel: nil
    }
  }

  /// An upper bound of the values that one sample makes in a step, in floating point because
  /// the sizes of a file may overflow an integer.
  ///
  /// - Parameter imageSizeAtLeast: The size of attacked images; 0 where they are the model's own.
  /// - Returns: Values of all towers, without the logits of a contrastive loss.
  func valuesPerSample(imageSizeAtLeast: Int) -> Double {
    func vision(_ tower: VisionTowerSpec) -> (tokens: Double, values: Double) {
      let size = Double(max(tower.imageSize, imageSizeAtLeast))
      let side = (size / Double(max(1, tower.patchSize))).rounded(.up)
      let tokens = side * side + 1
      let queries = Double(tower.poolerQueries) + 1
      let width = Double(tower.block.width) + Double(tower.outputWidth ?? 0)
      let pooler =
        queries * (16 * width + 4 * Double(tower.poolerMLPWidth))
        + 4 * Double(max(1, tower.poolerHeads)) * queries * tokens
      return (
        tokens,
        12 * size * size + 16 * tokens * width + pooler
          + tower.block.values(layers: tower.layers, tokens: tokens, context: 0)
      )
    }
    func text(_ tower: TextTowerSpec) -> Double {
      let tokens = Double(tower.tokens) + 1
      return 16 * tokens * Double(tower.block.width)
        + tower.block.values(layers: tower.layers, tokens: tokens, context: 0)
    }
    func language(_ model: LanguageModelSpec, prefix: Int) -> Double {
      let tokens = Double(model.tokens) + Double(model.decoderTokens) + Double(prefix) + 1
      let encoder =
        model.encoderBlock?.values(layers: model.encoderLayers, tokens: tokens, context: 0) ?? 0
      return encoder + 4 * tokens * (Double(model.vocabulary) + 4 * Double(model.block.width))
        + model.block.values(layers: model.layers, tokens: tokens, context: tokens)
    }
    func former(_ former: QFormerSpec, imageTokens: Double) -> Double {
      let tokens = Double(former.queries) + Double(former.textTokens) + 1
      return 4 * tokens * (Double(former.vocabulary) + Double(former.embeddingWidth))
        + former.block.values(layers: former.layers, tokens: tokens, context: imageTokens)
    }
    // Image-text matching runs three times the batch.
    switch family {
    case .clip(let image, let words), .sigLIP(let image, let words):
      return vision(image).values + text(words)
    case .coca(let image, let words, let decoder):
      let picture = vision(image)
      let tokens = Double(decoder.tokens) + 1
      let head = 4 * tokens * Double(decoder.vocabulary)
      return picture.values + text(words) + head
        + decoder.block.values(layers: decoder.layers, tokens: tokens, context: picture.tokens)
    case .blip2Stage1(let image, let qformer):
      let picture = vision(image)
      return 3 * (picture.values + former(qformer, imageTokens: picture.tokens))
    case .blip2Stage2(let image, let qformer, let model):
      let picture = vision(image)
      return picture.values + former(qformer, imageTokens: picture.tokens)
        + language(model, prefix: qformer.queries)
    case .visionLanguage(let image, let bridge, let model):
      let picture = vision(image)
      switch bridge {
      case .perceptron(let layers):
        return picture.values
          + 8 * Double(layers) * picture.tokens * Double(model.block.width)
          + language(model, prefix: image.tokens)
      case .qformer(let qformer):
        return picture.values + former(qformer, imageTokens: picture.tokens)
          + language(model, prefix: qformer.queries)
      }
    case .imageClassifier(let image, let classes):
      return vision(image).values + 8 * Double(classes)
    case .languageModel(let model):
      return language(model, prefix: 0)
    }
  }
}

extension BlockSpec {
  /// An upper bound of the values that blocks keep and make for one sample.
  ///
  /// - Parameters:
  ///   - layers: Number of blocks.
  ///   - tokens: Tokens that pass through them.
  ///   - context: Tokens of another tower that they attend to.
  /// - Returns: Values of all blocks.
  fileprivate func values(layers: Int, tokens: Double, context: Double) -> Double {
    let heads = Double(heads)
    let rows = 24 * Double(width) + 16 * heads * Double(headWidth) + 8 * Double(mlpWidth)
    let cross = context * (Double(crossAttentionWidth ?? 0) + 4 * heads * Double(headWidth))
    return Double(layers) * (tokens * rows + cross + 6 * heads * tokens * (tokens + context))
  }
}
