import Foundation
import Workloads

/// One file of reference numbers, see `scripts/reference/README.md`.
struct ReferenceFixture: Decodable {
  struct Rotary: Decodable {
    var grid: Int
    var pretrainedGrid: Int
  }

  struct Block: Decodable {
    var width: Int
    var heads: Int
    var mlpWidth: Int
    var mlp: String
    var attentionBias: String
    var normPosition: String
    var subNorms: Bool
    var causal: Bool
    var rotary: Rotary?
  }

  struct Image: Decodable {
    var imageSize: Int
    var patchSize: Int
    var block: Block
    var layers: Int
    var outputWidth: Int?
    var classToken: Bool
    var conditioned: Bool
    var patchBias: Bool
    var preNorm: Bool
    var finalNorm: String
    var pooling: String
    var poolerHeads: Int
    var poolerMlpWidth: Int
    var outputBias: Bool
  }

  struct Text: Decodable {
    var tokens: Int
    var vocabulary: Int
    var block: Block
    var layers: Int
    var outputWidth: Int
    var outputBias: Bool
  }

  struct QFormer: Decodable {
    var width: Int
    var heads: Int
    var mlpWidth: Int
    var layers: Int
    var queries: Int
    var vocabulary: Int
    var positions: Int
    var embeddingWidth: Int
  }

  struct Model: Decodable {
    var family: String
    var image: Image
    var text: Text?
    var qformer: QFormer?
  }

  struct Calibration: Decodable {
    var lambdas: [Float]
    var layers: [Int]
    var gammas: [Float]
    var attackSteps: Int
    var epsilon: Float
    var alpha: Float
    var lowestPixel: Float
    var highestPixel: Float
    var comparisonDetached: Bool
    var columnsDetached: Bool
  }

  struct Inputs: Decodable {
    var batch: Int
    var imageAmplitude: Double
    var imageShape: [Int]
    var tokens: [[Int32]]
    var endPositions: [Int32]?
    var textLengths: [Int32]?
    var captionToken: Int32?
    var imageNegatives: [Int32]?
    var textNegatives: [Int32]?
    var calibration: Calibration?
  }

  struct Checksum: Decodable {
    var sum: Double
    var sumOfSquares: Double
    var samples: [[Double]]
  }

  struct Fixed: Decodable {
    var attacked: [Int]?
    var deltaAfterSteps: [Checksum]?
  }

  struct Optimizer: Decodable {
    var learningRate: Float
    var beta1: Float
    var beta2: Float
    var epsilon: Float
    var weightDecay: Float
    var steps: Int
  }

  struct Parameter: Decodable {
    var name: String
    var shape: [Int]
    var amplitude: Double
    var ones: Int
    var constant: Double
    var decay: Bool
    var trainable: Bool
    var gradient: [Double]?
    var after: Checksum?
  }

  var `case`: String
  var model: Model
  var inputs: Inputs
  var fixed: Fixed
  var loss: Double
  var optimizer: Optimizer
  var lossesOfSteps: [Double]
  var parameters: [Parameter]

  /// Reads a case from the folder beside this file.
  static func read(_ name: String) throws -> ReferenceFixture {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(
      ReferenceFixture.self, from: Data(contentsOf: folder.appending(path: name + ".json")))
  }

  /// Element `index` of the stream called `name`, within `amplitude` of 0.
  static func value(_ name: String, _ index: Int, amplitude: Double) -> Double {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    var z = hash &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    z &+= 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return (Double(z >> 40) / 16_777_216 - 0.5) * 2 * amplitude
  }

  /// The first values of a parameter.
  func values(of parameter: Parameter) -> [Float] {
    (0..<parameter.shape.reduce(1, *)).map { index in
      Float(
        parameter.constant + (index < parameter.ones ? 1 : 0)
          + Self.value(parameter.name, index, amplitude: parameter.amplitude))
    }
  }
}

extension ReferenceFixture {
  /// The model in our own terms.
  var spec: ModelSpec {
    let image = imageSpec
    let family: ModelSpec.Family
    if let qformer = model.qformer {
      family = .blip2Stage1(image: image, qformer: qformerSpec(qformer))
    } else if let text = model.text {
      let text = textSpec(text)
      family =
        model.family == "siglip"
        ? .sigLIP(image: image, text: text)
        : .clip(image: image, text: text)
    } else {
      family = .imageClassifier(image: image, classes: 2)
    }
    return ModelSpec(id: `case`, family: family, source: "reference fixture")
  }

  private func block(_ block: Block) -> BlockSpec {
    var spec = BlockSpec(width: block.width, heads: block.heads, mlpWidth: block.mlpWidth)
    spec.mlp = MLPKind(rawValue: block.mlp) ?? .gelu
    spec.attentionBias = AttentionBias(rawValue: block.attentionBias) ?? .all
    spec.normPosition = NormPosition(rawValue: block.normPosition) ?? .pre
    spec.attentionSubNorm = block.subNorms
    spec.mlpSubNorm = block.subNorms
    spec.causal = block.causal
    spec.rotary = block.rotary != nil
    return spec
  }

  private var imageSpec: VisionTowerSpec {
    let image = model.image
    var spec = VisionTowerSpec(
      imageSize: image.imageSize, patchSize: image.patchSize, block: block(image.block),
      layers: image.layers, outputWidth: image.outputWidth)
    spec.classToken = image.classToken
    spec.patchBias = image.patchBias
    spec.preNorm = image.preNorm
    spec.finalNorm = image.finalNorm != "none"
    spec.finalNormAfterPooling = image.finalNorm == "pooled"
    spec.pooling = Pooling(rawValue: image.pooling) ?? .none
    spec.poolerHeads = image.poolerHeads
    spec.poolerMLPWidth = image.poolerMlpWidth
    spec.outputBias = image.outputBias
    return spec
  }

  private func textSpec(_ text: Text) -> TextTowerSpec {
    var spec = TextTowerSpec(
      tokens: text.tokens, vocabulary: text.vocabulary, block: block(text.block),
      layers: text.layers, outputWidth: text.outputWidth)
    spec.outputBias = text.outputBias
    return spec
  }

  private func qformerSpec(_ qformer: QFormer) -> QFormerSpec {
    var block = BlockSpec(width: qformer.width, heads: qformer.heads, mlpWidth: qformer.mlpWidth)
    block.normPosition = .postResidual
    block.crossAttentionWidth = model.image.block.width
    return QFormerSpec(
      block: block, layers: qformer.layers, queries: qformer.queries,
      vocabulary: qformer.vocabulary, positions: qformer.positions,
      textTokens: inputs.tokens[0].count, embeddingWidth: qformer.embeddingWidth)
  }
}
