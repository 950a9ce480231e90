import Testing
import Training
import TrainingCore
import Workloads

@Suite("First values of parameters")
struct InitializerTests {
  private func layout(
    _ method: CalibrationMethod, conditioning: LambdaConditioning = .classToken,
    width: Int = 64
  ) -> ParameterLayout {
    var block = BlockSpec(width: width, heads: 2, mlpWidth: 4 * width)
    block.layerScale = true
    let image = VisionTowerSpec(
      imageSize: 32, patchSize: 8, block: block, layers: 3, outputWidth: 32)
    var textBlock = BlockSpec(width: 48, heads: 2, mlpWidth: 96)
    textBlock.causal = true
    let text = TextTowerSpec(
      tokens: 12, vocabulary: 400, block: textBlock, layers: 2, outputWidth: 32)
    var calibration = CalibrationSettings(method: method)
    calibration.selectedLayers = []
    if calibration.conditioning != .none { calibration.conditioning = conditioning }
    let model = ModelSpec(id: "m", family: .clip(image: image, text: text), source: "")
    return ParameterLayout(
      model.stepProgram(
        ProgramOptions(microBatch: 4, defaultStyle: .core(.flash), calibration: calibration)))
  }

  private func values(
    _ name: String, in layout: ParameterLayout, seed: UInt64 = 1
  ) throws -> [Float] {
    let position = try #require(layout.position(of: name), "\(name)")
    return ParameterInitializer(seed: seed).values(of: layout.entries[position], in: layout)
  }

  private func moments(_ values: [Float]) -> (mean: Double, deviation: Double, fourth: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0) { $0 + Double($1) } / count
    let second = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    let fourth = values.reduce(0.0) { sum, value in
      let square = (Double(value) - mean) * (Double(value) - mean)
      return sum + square * square
    }
    return (mean, second.squareRoot(), fourth / count / (second * second))
  }

  /// One over the root of the inputs; the ends of branches also over the root of twice the layers.
  private static let expected: [(name: String, deviation: Double)] = [
    ("image.blocks.1.qkv.weight", 0.125), ("image.blocks.1.fc1.weight", 0.125),
    ("image.blocks.1.proj.weight", 0.051_031), ("image.blocks.2.fc2.weight", 0.025_516),
    ("text.blocks.0.proj.weight", 0.072_169),
    ("image.embedding.patch_embedding.weight", 0.072_169),
    ("image.head.image_projection.weight", 0.125), ("text.embedding.token_embedding", 0.02),
    ("image.embedding.positions", 0.0625), ("text.embedding.positions", 0.02),
  ]

  @Test("deviations follow inputs, depth and kind", arguments: expected)
  func deviations(_ name: String, _ expected: Double) throws {
    let values = try values(name, in: layout(.none))
    let found = moments(values)
    let count = Double(values.count)
    // Five standard errors of the mean, the deviation, and a normal's fourth moment of 3.
    let bounds = (
      mean: 5 * expected / count.squareRoot(), deviation: 5 / (2 * count).squareRoot(),
      fourth: 5 * (24 / count).squareRoot()
    )
    #expect(abs(found.mean) < bounds.mean)
    #expect(abs(found.deviation / expected - 1) < bounds.deviation)
    #expect(abs(found.fourth - 3) < bounds.fourth)
  }

  @Test("constants: scales 1, biases 0, layer scales 0.1, the logit scale of CLIP")
  func constants() throws {
    let layout = layout(.none)
    let affine = try values("image.blocks.0.attention_norm.affine", in: layout)
    #expect(affine.prefix(64).allSatisfy { $0 == 1 } && affine.dropFirst(64).allSatisfy { $0 == 0 })
    #expect(try values("image.blocks.0.qkv.bias", in: layout).allSatisfy { $0 == 0 })
    #expect(try values("image.blocks.0.mlp_layer_scale", in: layout).allSatisfy { $0 == 0.1 })
    // ln(1 / 0.07) to fp32's last digits.
    #expect(abs(try values("loss.logit_scale", in: layout)[0] - 2.659_26) < 1e-5)
  }

  @Test("the sigmoid loss starts at its own scale and bias")
  func sigmoid() throws {
    let block = BlockSpec(width: 12, heads: 2, mlpWidth: 12)
    let tower = VisionTowerSpec(
      imageSize: 16, patchSize: 8, block: block, layers: 1, outputWidth: 8)
    let text = TextTowerSpec(tokens: 4, vocabulary: 9, block: block, layers: 1, outputWidth: 8)
    let model = ModelSpec(id: "s", family: .sigLIP(image: tower, text: text), source: "")
    let layout = ParameterLayout(
      model.stepProgram(ProgramOptions(microBatch: 2, defaultStyle: .core(.flash))))
    #expect(try values("loss.logit_bias", in: layout) == [-10])
    #expect(abs(try values("loss.logit_scale", in: layout)[0] - 2.302_585) < 1e-5)
  }

  @Test("what a method adds leaves shared values alone and starts neutral")
  func additions() throws {
    let plain = layout(.none)
    for (method, conditioning) in [
      (CalibrationMethod.lsaITC, LambdaConditioning.classToken), (.lsaITC, .dualAffine),
      (.lsaITC, .film), (.anchored, .none), (.teacher, .none),
    ] {
      let other = layout(method, conditioning: conditioning)
      for entry in plain.entries where !entry.name.contains("norm.affine") {
        #expect(try values(entry.name, in: plain) == values(entry.name, in: other))
      }
      for entry in other.entries {
        let own = try values(entry.name, in: other)
        let name = entry.name
        if name.hasPrefix("reference.") {
          #expect(try own == values("image." + name.dropFirst(10), in: other), "\(name)")
        } else if name.hasSuffix("robust_class_token") {
          #expect(try own == values("image.embedding.class_token", in: other))
        } else if name.hasSuffix("film_shift_2.weight") || name.hasSuffix("film_scale_2.weight") {
          #expect(own.allSatisfy { $0 == 0 })
        } else if case .affine(let width, 2, true) = entry.kind {
          #expect(own.prefix(2 * width) == own.suffix(2 * width))
        }
      }
    }
  }

  @Test("the seed and the name decide, and nothing else")
  func determinism() throws {
    let layout = layout(.none)
    let name = "image.blocks.0.qkv.weight"
    #expect(try values(name, in: layout) == values(name, in: layout))
    #expect(try values(name, in: layout) != values(name, in: layout, seed: 2))
    #expect(try values(name, in: layout) != values("image.blocks.1.qkv.weight", in: layout))
  }

  @Test("weight decay pulls on matrices alone, and layer decay counts from the top of each tower")
  func groups() throws {
    let layout = layout(.lsaITC)
    let (tensors, layers) = layout.optimizerTensors
    #expect(layers == 4 && tensors.count == layout.entries.filter(\.isTrained).count)
    func tensor(_ name: String) throws -> ParameterTensor {
      let position = try #require(layout.position(of: name))
      let offset = layout.entries[position].offset
      return try #require(tensors.first { $0.range.lowerBound == offset })
    }
    #expect(try tensor("image.embedding.robust_class_token").role == .conditioning)
    #expect(try tensor("image.embedding.class_token").role == .classToken)
    #expect(try tensor("text.embedding.token_embedding").role == .matrix)
    #expect(try tensor("image.embedding.positions").role == .positions)
    #expect(try tensor("image.embedding.positions").layer == 0)
    #expect(try tensor("image.blocks.2.qkv.weight").layer == 3)
    #expect(try tensor("text.blocks.1.qkv.weight").layer == 3)
    #expect(try tensor("text.embedding.positions").layer == 1)
    #expect(try tensor("image.head.image_projection.weight").layer == 4)
    #expect(try tensor("loss.logit_scale").role == .logitScale)
  }
}
