import Glibc
public import TrainingCore
import TrainingData

/// First values of parameters: a function of the seed and the parameter's name.
///
/// Nothing depends on the order of parameters or on what else there is, so methods that add
/// parameters start from the same shared ones.
///
/// | kind | values |
/// |---|---|
/// | matrix | normal, deviation `1 / sqrt(inputs)`; the last one of a residual branch also `/ sqrt(2 layers)` |
/// | adapter | A as a matrix, B 0: the first forward is the frozen model's |
/// | bias | 0; the sigmoid loss's -10 |
/// | affine | scale 1, bias 0, in every set |
/// | table | normal, deviation 0.02; class tokens and positions of images `0.5 / sqrt(width)` |
/// | layer scale | 0.1 |
/// | logit scale | ln(1 / 0.07); ln 10 for the sigmoid loss |
///
/// The robust class token equals the class token, the robust shift is 0, both layers behind lambda's
/// code are 0 where they end, and a reference tower is a copy of the tower that it stands for.
///
/// Source: deviations after CLIP (arXiv 2103.00020, github.com/openai/CLIP, clip/model.py), the
/// residual factor after GPT-2 (Radford et al., 2019), the sigmoid loss after arXiv 2303.15343.
public struct ParameterInitializer: Sendable {
  /// Chooses all values.
  public let seed: UInt64

  /// Values from a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// Fills every parameter of an executor.
  public func fill(_ executor: StepExecutor) {
    let layout = executor.layout
    for entry in layout.entries {
      executor.values(of: entry.name).assign(values(of: entry, in: layout))
    }
  }

  /// The first values of one parameter.
  public func values(
    of entry: ParameterLayout.Entry, in layout: ParameterLayout
  ) -> [Float] {
    let name = Self.drawnName(of: entry.name, in: layout)
    switch entry.kind {
    case .matrix(let inputs):
      if Self.startsAtZero(name) { return [Float](repeating: 0, count: entry.count) }
      var deviation = 1 / Double(max(1, inputs)).squareRoot()
      if Self.endsBranch(name) {
        deviation /= (2 * Double(Self.layers(of: entry, in: layout))).squareRoot()
      }
      return normal(name, count: entry.count, deviation: deviation)
    case .bias:
      let value: Float = entry.name == "loss.logit_bias" ? -10 : 0
      return [Float](repeating: value, count: entry.count)
    case .affine(let width, let sets, let biases):
      let set =
        [Float](repeating: 1, count: width) + (biases ? [Float](repeating: 0, count: width) : [])
      return (0..<sets).flatMap { _ in set }
    case .table(let width):
      if Self.startsAtZero(name) { return [Float](repeating: 0, count: entry.count) }
      let isOfImages =
        entry.tower != "text" && (name.hasSuffix("class_token") || name.hasSuffix("positions"))
      let deviation = isOfImages ? 0.5 / Double(max(1, width)).squareRoot() : 0.02
      return normal(name, count: entry.count, deviation: deviation)
    case .layerScale: return [Float](repeating: 0.1, count: entry.count)
    case .logitScale:
      let isSigmoid = layout.position(of: "loss.logit_bias") != nil
      return [Float](repeating: Float(log(isSigmoid ? 10 : 1 / 0.07)), count: entry.count)
    }
  }

  // MARK: Names

  /// The name that a parameter's values are drawn with.
  private static func drawnName(of name: String, in layout: ParameterLayout) -> String {
    copiedName(of: name, in: layout) ?? name
  }

  /// The parameter whose values this one starts with; nil where it has values of its own.
  static func copiedName(of name: String, in layout: ParameterLayout) -> String? {
    var own = name
    for (copy, tower) in [("reference.", "image."), ("reference-qformer.", "qformer.")]
    where name.hasPrefix(copy) {
      own = tower + name.dropFirst(copy.count)
    }
    let robust = "robust_class_token"
    if own.hasSuffix(robust) { own = own.dropLast(robust.count) + "class_token" }
    return own != name && layout.position(of: own) != nil ? own : nil
  }

  private static func startsAtZero(_ name: String) -> Bool {
    name.hasSuffix("film_scale_2.weight") || name.hasSuffix("film_shift_2.weight")
      || name.hasSuffix(".lora_b") || name.hasSuffix("robust_shift")
  }

  /// Whether a matrix is added to the residual stream.
  private static func endsBranch(_ name: String) -> Bool {
    name.contains(".blocks.") && (name.hasSuffix("proj.weight") || name.hasSuffix("fc2.weight"))
  }

  private static func layers(
    of entry: ParameterLayout.Entry, in layout: ParameterLayout
  ) -> Int {
    let deepest = layout.entries.lazy.filter { $0.tower == entry.tower }.compactMap(\.layer).max()
    return (deepest ?? 0) + 1
  }

  // MARK: Numbers

  /// The stream that weights are drawn from: no other draw of this project uses it.
  private static let stream: UInt32 = 0x5745_4947

  /// Normal numbers by Box and Muller's method.
  private func normal(_ name: String, count: Int, deviation: Double) -> [Float] {
    var generator = CounterGenerator(
      seed: seed, stream: Self.stream, index: XXH64.hash(Array(name.utf8)))
    var values: [Float] = []
    values.reserveCapacity(count + 1)
    while values.count < count {
      // 1 - u lies in (0, 1]: its logarithm is finite.
      let radius = deviation * (-2 * log(1 - Double(generator.unit()))).squareRoot()
      let angle = 2 * Double.pi * Double(generator.unit())
      values.append(Float(radius * cos(angle)))
      values.append(Float(radius * sin(angle)))
    }
    if values.count > count { values.removeLast() }
    return values
  }
}
