import TestSupport
import TrainingCore
import Workloads

/// A model's training step in double precision, wired by hand: what flows where is written out
/// family by family, and losses are their definitions.
struct DoubleModel {
  let spec: ModelSpec
  let batch: StepBatch
  let settings: ExecutionSettings
  let calibration: CalibrationSettings
  let patchDropout: Double
  /// The perturbation of all attacked samples, one after the other.
  let perturbation: [Double]
  /// What is trained of towers that are not trained whole: adapters take part in the forward.
  var partial: [String: Trainability] = [:]
  let choices: StepChoices
  /// Whether nothing of the image tower is trained.
  var isImageFrozen = false
  /// Samples among which a sample's negatives are; 0: all.
  var microBatch = 0
  /// Values of every parameter by its name in the core's layout.
  var values: [String: [Double]] = [:]
  /// Values that an objective holds fixed; nil: what they are.
  var held: Held?
  private let images: [Double]
  /// The parameter that differs from when the objective was first computed.
  var changed: String?
  var record = DoubleRecord()
  private let segments = DoubleSegmentCache()

  /// What the sequential order holds fixed: the clean branch, when the attacked one is compared.
  struct Held {
    var features: [Double]
    var layers: [[Double]]
  }

  init(
    _ spec: ModelSpec, batch: StepBatch, settings: ExecutionSettings, step: Int,
    calibration: CalibrationSettings = .none, patchDropout: Double = 0, perturbation: [Float] = []
  ) {
    self.spec = spec
    self.batch = batch
    self.settings = settings
    self.calibration = calibration
    self.patchDropout = patchDropout
    self.perturbation = perturbation.map(Double.init)
    images = batch.images.map(Double.init)
    choices = StepChoices(seed: settings.seed, step: step)
  }

  // MARK: Samples

  /// Samples of the whole batch.
  var samples: Int {
    max(
      spec.imageElements > 0 ? batch.images.count / spec.imageElements : 0,
      batch.lambda.count)
  }

  var everySample: [Int] { Array(0..<samples) }

  func lambda(_ sample: Int) -> Double {
    batch.lambda.isEmpty ? 0 : Double(batch.lambda[sample])
  }

  /// Pixels of samples.
  func pixels(_ samples: [Int]) -> [Double] {
    ReferenceTokens.rows(images, samples.map { Int32($0) }, width: spec.imageElements)
  }

  func tokens(_ samples: [Int], count: Int) -> [Int32] {
    samples.flatMap { batch.tokens[$0 * count..<($0 + 1) * count] }
  }

  // MARK: Segments

  /// One segment with the parameters of its part of a tower, `image.blocks.0` for example.
  func apply(
    _ spec: SegmentSpec, _ part: String, _ inputs: [[Double]], shape: BlockShape,
    choices: DoubleChoices = DoubleChoices()
  ) -> [[Double]] {
    var shape = shape
    let tower = String(part.prefix { $0 != "." })
    if spec.isBlock, case .lora(let adapters) = partial[tower] {
      shape.trained = .additions(adapters)
    }
    let entry = segments.entry(spec, shape, part: part)
    let isChanged = changed.map { name in entry.names.contains { $0.parameter == name } } ?? false
    return record.outputs(of: inputs, isChanged: isChanged) {
      var parameters: [String: [Double]] = [:]
      for (tensor, name) in entry.names { parameters[tensor] = values[name] }
      return entry.segment(inputs, parameters: parameters, choices: choices)
    }
  }

  /// Factors of stochastic depth for every residual branch of a block.
  func dropPath(_ block: BlockSpec, layer: Int, samples: [Int]) -> [String: [Double]] {
    guard block.dropPath else { return [:] }
    return ["attention", "cross", "self mlp", "mlp"].reduce(into: [:]) { factors, branch in
      let label = branch + " drop path"
      factors[label] = samples.map {
        Double(
          choices.dropPath(
            rate: settings.dropPathRate, layer: layer, branch: label, sample: $0))
      }
    }
  }
}

/// Segments by part and shape: writing their kernels costs more than running them.
final class DoubleSegmentCache {
  struct Entry {
    var segment: DoubleSegment
    /// Tensors with the names of their parameters.
    var names: [(tensor: String, parameter: String)]
  }

  private struct Key: Hashable {
    var part: String
    var spec: SegmentSpec
    var shape: BlockShape
  }
  private var known: [Key: Entry] = [:]

  func entry(_ spec: SegmentSpec, _ shape: BlockShape, part: String) -> Entry {
    let key = Key(part: part, spec: spec, shape: shape)
    if let entry = known[key] { return entry }
    let segment = DoubleSegment(spec, shape)
    let entry = Entry(
      segment: segment,
      names: segment.parameters.keys.map { ($0, Self.name(of: $0, in: part)) })
    known[key] = entry
    return entry
  }

  /// A table that an embedding shares belongs to the tower's embedding.
  private static func name(of tensor: String, in part: String) -> String {
    let isTied = tensor.hasSuffix(Tensor.tiedSuffix)
    let plain = isTied ? String(tensor.dropLast(Tensor.tiedSuffix.count)) : tensor
    let place = isTied ? part.prefix { $0 != "." } + ".embedding" : part[...]
    return place + "." + String(plain.map { $0 == " " ? "_" : $0 })
  }
}
