import TestSupport
import TrainingCore
import Workloads

/// Objectives: weighted sums of losses, term by term.
extension DoubleModel {
  /// `e^s z t^T`, `[images, texts]`, of the best of several vectors per image.
  private func logits(_ images: [Double], _ texts: [Double], vectors: Int, width: Int) -> [Double] {
    let columns = texts.count / width
    let rows = images.count / width
    let products = ReferenceLinear.product(
      images, ReferenceLinear.transpose(texts, rows: columns, columns: width), rows: rows,
      k: width, n: columns)
    let best =
      vectors > 1 ? ReferenceLoss.best(products, vectors: vectors, columns: columns) : products
    return ReferenceLoss.scaled(
      best, logScale: values["loss.logit_scale"]?[0] ?? .nan,
      bias: values["loss.logit_bias"]?[0] ?? 0)
  }

  /// Loss of every sample: the mean of both directions, or the pairwise sigmoid.
  func contrastive(
    _ images: [Double], _ texts: [Double], width: Int, vectors: Int = 1, isSigmoid: Bool = false,
    smoothing: Double = 0
  ) -> [Double] {
    let logits = logits(images, texts, vectors: vectors, width: width)
    let columns = texts.count / width
    if isSigmoid { return ReferenceLoss.sigmoid(logits, rows: columns, offset: 0) }
    let labels = (0..<columns).map { Int32($0) }
    let rows = ReferenceLoss.crossEntropy(logits, labels: labels, smoothing: smoothing)
    let other = ReferenceLoss.crossEntropy(
      ReferenceLoss.transposed(logits, columns: columns), labels: labels, smoothing: smoothing)
    return zip(rows, other).map { ($0 + $1) / 2 }
  }

  /// The whole objective of a step.
  func objective() -> Double {
    record.rewind()
    return switch spec.family {
    case .clip(let image, let text): twoTowers(image, text)
    case .sigLIP(let image, let text): twoTowers(image, text, isSigmoid: true)
    case .coca(let image, let text, let decoder): twoTowers(image, text, decoder: decoder)
    case .blip2Stage1(let image, let qformer): firstStage(image, qformer)
    case .blip2Stage2(let image, let qformer, let model): secondStage(image, qformer, model)
    case .visionLanguage: preconditionFailure("priced, not run")
    case .imageClassifier(let image, let classes):
      mean(
        classifier(image, classes: classes, pixels: pixels(everySample), samples: everySample))
    case .languageModel(let model): language(model, prefix: nil)
    }
  }

  func mean(_ losses: [Double]) -> Double { losses.reduce(0, +) / Double(losses.count) }

  // MARK: Two towers under every method

  /// Contrastive losses, captions where there is a decoder, and what the method adds.
  private func twoTowers(
    _ image: VisionTowerSpec, _ text: TextTowerSpec, isSigmoid: Bool = false,
    decoder: CaptionDecoderSpec? = nil
  ) -> Double {
    var image = image
    image.handsOnTokens = decoder != nil
    let words = self.text(text)
    func losses(_ images: [Double]) -> [Double] {
      contrastive(
        images, words.features, width: text.outputWidth ?? text.block.width, isSigmoid: isSigmoid)
    }
    /// Captions of samples whose image tokens these are.
    func captions(_ tokens: [Double], _ chosen: [Int], share: (Int) -> Double) -> Double {
      guard let decoder else { return 0 }
      return self.captions(
        text, decoder, words: words.tokens, image: tokens, samples: chosen,
        shares: chosen.map(share))
    }
    let method = calibration.method
    let clean = imageBlocks(
      image, pixels(everySample), samples: everySample, conditioning: conditioning)
    let own = imageFeatures(image, clean, samples: samples)
    guard method.attacks else {
      let plain = mean(losses(own.features)) + captions(own.tokens, everySample) { _ in 1 }
      return method == .teacher ? plain + distillation(image, clean) : plain
    }
    let attacked = attackedSamples
    let moved = imageBlocks(
      image, DoubleMath.sum(pixels(attacked), perturbation), samples: attacked,
      conditioning: conditioning)
    let other = imageFeatures(image, moved, samples: attacked.count)
    switch method {
    case .anchored, .atLR:
      return mean(losses(other.features)) + captions(other.tokens, attacked) { _ in 1 }
        + (method == .atLR
          ? regulariser(clean.layers, moved.layers) : anchoring(image, other.features))
    default:
      let plain = losses(own.features)
      let mixed = losses(mixed(other.features, held?.features ?? own.features))
      let both = everySample.map { (1 - lambda($0)) * plain[$0] + lambda($0) * mixed[$0] }
      return mean(both) + captions(own.tokens, everySample) { 1 - lambda($0) }
        + captions(other.tokens, attacked, share: lambda)
        + (method == .oat ? 0 : regulariser(held?.layers ?? clean.layers, moved.layers))
    }
  }

  /// How the image tower learns of lambda.
  var conditioning: LambdaConditioning {
    [.oat, .lsaITC, .lsaITCSequential].contains(calibration.method)
      ? calibration.conditioning : .none
  }

  /// What the sequential order holds fixed, at the present values.
  func heldValues() -> Held? {
    guard calibration.method == .lsaITCSequential else { return nil }
    if case .blip2Stage1(let image, let qformer) = spec.family {
      var model = self
      model.record = DoubleRecord()
      return model.heldBridge(image, qformer)
    }
    let tower: VisionTowerSpec
    switch spec.family {
    case .clip(let image, _), .sigLIP(let image, _), .coca(let image, _, _): tower = image
    default: return nil
    }
    var model = self
    model.record = DoubleRecord()
    let clean = model.imageBlocks(
      tower, pixels(everySample), samples: everySample, conditioning: conditioning)
    return Held(
      features: model.imageFeatures(tower, clean, samples: samples).features, layers: clean.layers)
  }

  /// Samples with lambda above 0, or all of them where lambda weighs nothing.
  var attackedSamples: [Int] {
    settings.weighsByLambda ? everySample.filter { lambda($0) > 0 } : everySample
  }

  /// Attacked features, clean ones of samples that are not attacked.
  func mixed(_ attacked: [Double], _ clean: [Double]) -> [Double] {
    let width = clean.count / samples
    let chosen = attackedSamples
    let rows = everySample.map { sample in
      Int32(chosen.firstIndex(of: sample) ?? chosen.count + sample)
    }
    return ReferenceTokens.rows(attacked + clean, rows, width: width)
  }

  /// `gamma / (rho N) sum_l sum_i lambda_i CM_l`.
  func regulariser(_ clean: [[Double]], _ attacked: [[Double]]) -> Double {
    let chosen = attackedSamples
    return (calibration.selectedLayers ?? []).reduce(0) { sum, layer in
      let width = clean[layer].count / samples
      let measures = ReferenceMeasure.comparison(
        clean: ReferenceTokens.rows(clean[layer], chosen.map { Int32($0) }, width: width),
        attacked: attacked[layer], samples: chosen.count)
      let gamma = Double(settings.gamma * (settings.layerGammas[layer] ?? 1))
      return sum + gamma / Double(chosen.count)
        * zip(chosen, measures).reduce(0) {
          $0 + (settings.weighsByLambda ? lambda($1.0) : 1) * $1.1
        }
    }
  }

  /// Squared distance of attacked features to those of the frozen copy.
  private func anchoring(_ image: VisionTowerSpec, _ attacked: [Double]) -> Double {
    let anchors = reference(image)
    return Double(settings.distanceWeight)
      * mean(
        ReferenceLoss.squaredDistance(attacked, anchors, width: anchors.count / samples))
  }

  /// Cosine distance of the last block's projected first token to the teacher's features.
  private func distillation(_ image: VisionTowerSpec, _ clean: Images) -> Double {
    let teacher = reference(image)
    let width = image.block.width
    let tokens = clean.tokens.count / samples / width
    let first = everySample.flatMap {
      clean.tokens[$0 * tokens * width..<($0 * tokens + 1) * width]
    }
    let student = ReferenceLinear.product(
      first, values["distillation.projection.weight"] ?? [], rows: samples, k: width,
      n: teacher.count / samples)
    return Double(settings.distanceWeight)
      * mean(
        ReferenceLoss.cosineDistance(student, teacher, width: teacher.count / samples))
  }

  private func reference(_ image: VisionTowerSpec) -> [Double] {
    let images = imageBlocks(
      image, pixels(everySample), samples: everySample, name: "reference")
    return imageFeatures(image, images, samples: samples, name: "reference").features
  }
}
