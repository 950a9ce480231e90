import TestSupport
import TrainingCore
import Workloads

/// Image and text towers.
extension DoubleModel {
  /// What an image tower makes of samples.
  struct Images {
    /// The last block's output.
    var tokens: [Double]
    /// Every block's output.
    var layers: [[Double]]
  }

  /// A code of lambda: cosines of growing frequency.
  static func code(of lambdas: [Double], width: Int) -> [Double] {
    lambdas.flatMap { lambda in
      (0..<width).map { DoubleMath.cosine(.pi * lambda * Double($0)) }
    }
  }

  /// Embedding and blocks of an image tower on pixels.
  func imageBlocks(
    _ tower: VisionTowerSpec, _ pixels: [Double], samples: [Int], name: String = "image",
    conditioning: LambdaConditioning = .none
  ) -> Images {
    let kept = tower.tokens(patchDropout: patchDropout)
    let shape = BlockShape(samples: samples.count, tokens: kept, conditioning: conditioning)
    let first = tower.classToken ? 1 : 0
    let patches = samples.map {
      choices.keptPatches(kept - first, of: tower.patches, sample: $0)
    }
    var data = DoubleChoices()
    data.lambda = samples.map(lambda)
    // lambda for FiLM: cosines of growing frequency.
    data.lambdaCode = Self.code(of: data.lambda, width: tower.block.width)
    data.keptRows = patches.enumerated().flatMap { position, patches in
      (Array(0..<first) + patches.map { first + $0 }).map { Int32(position * tower.tokens + $0) }
    }
    var x = apply(
      .patchEmbedding(tower), name + ".embedding", [pixels], shape: shape, choices: data)[0]
    if tower.block.rotary {
      data.rotary = Self.axialAngles(tower)
      data.rotaryPositions = patches.flatMap { patches in
        (Array(0..<first) + patches.map { first + $0 }).map { Int32($0) }
      }
    }
    var layers: [[Double]] = []
    for layer in 0..<tower.layers {
      data.dropPath = dropPath(tower.block, layer: layer, samples: samples)
      x = apply(.block(tower.block), "\(name).blocks.\(layer)", [x], shape: shape, choices: data)[0]
      layers.append(x)
    }
    return Images(tokens: x, layers: layers)
  }

  /// Cosines, then sines: the first half of a head turns by the patch's row, the second by its
  /// column, pair i by `theta^(-2 i / half)`; the class token does not turn.
  private static func axialAngles(_ tower: VisionTowerSpec) -> [Double] {
    let grid = tower.imageSize / tower.patchSize
    let half = tower.block.headWidth / 2
    let turns = (0..<tower.tokens).flatMap { token in
      (0..<tower.block.headWidth).map { channel -> Double in
        guard token > 0 || !tower.classToken else { return 0 }
        let patch = token - (tower.classToken ? 1 : 0)
        let place = channel < half ? patch / grid : patch % grid
        return Double(place)
          * DoubleMath.power(10_000, -2 * Double(channel % half / 2) / Double(half))
      }
    }
    return turns.map(DoubleMath.cosine) + turns.map(DoubleMath.sine)
  }

  /// The features that CLIP and its relatives compare, and what CoCa's decoder attends to.
  func imageFeatures(
    _ tower: VisionTowerSpec, _ images: Images, samples: Int, name: String = "image"
  ) -> (features: [Double], tokens: [Double]) {
    let shape = BlockShape(
      samples: samples, tokens: tower.tokens(patchDropout: patchDropout))
    let head = apply(.visionHead(tower), name + ".head", [images.tokens], shape: shape)
    let vector = head[head.count - 1]
    return (ReferenceLoss.normalised(vector, width: vector.count / samples), head[0])
  }

  /// A text tower's features of every sample, and the last block's tokens.
  func text(_ tower: TextTowerSpec) -> (features: [Double], tokens: [Double]) {
    let length = tower.tokens
    let words = length - (tower.classToken ? 1 : 0)
    let shape = BlockShape(samples: samples, tokens: length)
    var block = tower.block
    // Behind a text the class token sees one key more: of a full text itself.
    block.endsInClassToken = tower.classToken
    var data = DoubleChoices()
    data.tokens = tokens(everySample, count: words)
    data.lengths = everySample.map {
      min(length, (batch.lengths.isEmpty ? words : Int(batch.lengths[$0])) + length - words)
    }
    data.endRows = everySample.map {
      Int32($0 * length)
        + (batch.endPositions.isEmpty ? Int32(length - 1) : batch.endPositions[$0])
    }
    var x = apply(.textEmbedding(tower), "text.embedding", [], shape: shape, choices: data)[0]
    for layer in 0..<tower.layers {
      data.dropPath = dropPath(block, layer: layer, samples: everySample)
      x = apply(.block(block), "text.blocks.\(layer)", [x], shape: shape, choices: data)[0]
    }
    let head = apply(.textHead(tower), "text.head", [x], shape: shape, choices: data)
    let vector = head[head.count - 1]
    return (ReferenceLoss.normalised(vector, width: vector.count / samples), x)
  }

  /// An image classifier's losses.
  func classifier(_ tower: VisionTowerSpec, classes: Int, pixels: [Double], samples: [Int])
    -> [Double]
  {
    let images = imageBlocks(tower, pixels, samples: samples)
    var data = DoubleChoices()
    let labels = samples.map { batch.classes[$0] }
    data.labels = { _ in labels }
    return apply(
      .classifierHead(tower, classes: classes), "image.head", [images.tokens],
      shape: BlockShape(
        samples: samples.count, tokens: tower.tokens(patchDropout: patchDropout)),
      choices: data)[0]
  }
}
