import TestSupport
import Testing
import TrainingCore
import Workloads

/// A segment with a name, small enough for differences of every element.
struct SegmentCase: Sendable, CustomTestStringConvertible {
  var name: String
  var spec: SegmentSpec
  var shape: BlockShape
  /// Inputs that are held fixed: no gradient may reach them.
  var fixed: Set<Int> = []
  /// Positions of rotary angles given row by row, as behind patch dropout.
  var hasRotaryPositions = false

  init(
    _ name: String, _ spec: SegmentSpec, samples: Int = 2, tokens: Int = 3, crossTokens: Int = 0,
    conditioning: LambdaConditioning = .none, trained: TrainedWeights = .all,
    fixed: Set<Int> = [], hasRotaryPositions: Bool = false
  ) {
    self.name = name
    self.spec = spec
    shape = BlockShape(
      samples: samples, tokens: tokens, crossTokens: crossTokens, conditioning: conditioning)
    shape.trained = trained
    self.fixed = fixed
    self.hasRotaryPositions = hasRotaryPositions
  }

  var testDescription: String { name }

  /// Random choices that every kernel of the segment understands.
  func choices(_ random: inout SeededGenerator) -> DoubleChoices {
    var choices = DoubleChoices()
    let graph = spec.graph(shape, style: .core(.flash))
    let samples = shape.samples
    choices.lambda = [0.25, 0, 1, 0.5].prefix(samples).map { $0 }
    choices.lengths = (0..<samples).map { $0 == 0 ? shape.tokens : max(1, shape.tokens - $0) }
    for kernel in graph.forwardKernels {
      switch kernel.function {
      case .lookup(let width):
        let known = graph.tensor(kernel.touches[0]).elements / width
        choices.tokens = (0..<graph.tensor(kernel.writes[0]).elements / width).map { _ in
          Int32.random(in: 0..<Int32(known), using: &random)
        }
      case .attention(let call) where call.mask.isPadded:
        let text = call.shape.keys - call.mask.prefixKeys
        choices.lengths = (0..<samples).map { max(1, text - $0) }
      case .pointwise(.rotary(_, let headWidth, let tokens)):
        choices.rotary = angles(positions: tokens + 2, headWidth: headWidth)
      case .pointwise(.dropPath):
        choices.dropPath[kernel.label] = (0..<samples).map { _ in
          Bool.random(using: &random) ? 1.25 : 0
        }
      case .pointwise(.keptPatches(_, let tokens, let kept, _, let classToken)):
        choices.keptRows = (0..<samples).flatMap { sample -> [Int32] in
          let first = classToken ? 1 : 0
          let patches = Array(first..<tokens).shuffled(using: &random).prefix(kept - first)
          return (Array(0..<first) + patches.sorted()).map { Int32(sample * tokens + $0) }
        }
      default: break
      }
    }
    if hasRotaryPositions {
      choices.rotaryPositions = (0..<samples * shape.tokens).map { _ in
        Int32.random(in: 0..<Int32(shape.tokens + 2), using: &random)
      }
    }
    if case .block(let block) = spec, shape.conditioning == .film {
      choices.lambdaCode = random.floats(samples * block.width, in: -1...1).map(Double.init)
    }
    choices.endRows = (0..<samples).map {
      Int32($0 * shape.tokens + Int.random(in: 0..<shape.tokens, using: &random))
    }
    let seed = UInt64.random(in: 0...UInt64.max, using: &random)
    choices.labels = { Self.labels($0, seed: seed) }
    return choices
  }

  /// Cosines, then sines, of angles that every pair of channels shares, rounded to fp32.
  private func angles(positions: Int, headWidth: Int) -> [Double] {
    let half = headWidth / 2
    func table(_ function: (Double) -> Double) -> [Double] {
      (0..<positions * headWidth).map { index in
        let (position, pair) = (index / headWidth, index % headWidth / 2)
        return Double(Float(function(Double(position) / Double(1 + 3 * (pair % half)))))
      }
    }
    return table(DoubleMath.cosine) + table(DoubleMath.sine)
  }

  private static func labels(_ loss: CrossEntropy, seed: UInt64) -> [Int32] {
    var random = SeededGenerator(seed: seed)
    let results = loss.alongColumns ? loss.columns : loss.rows
    let classes = loss.alongColumns ? loss.rows : loss.columns
    switch loss.labels {
    case .pairs, .attackedPairs: return (0..<results).map { Int32($0) }
    case .nextToken:
      return (0..<results).map {
        $0 % 3 == 2 ? -1 : .random(in: 0..<Int32(classes), using: &random)
      }
    case .matching, .classes:
      return (0..<results).map { _ in .random(in: 0..<Int32(classes), using: &random) }
    }
  }
}

extension PassData {
  /// The same choices in the core's types.
  init(_ choices: DoubleChoices) {
    func floats(_ values: [Double]) -> Floats { Floats(values.map { Float($0) }) }
    self.init()
    tokens = choices.tokens
    lengths = choices.lengths.map { Int32($0) }
    endRows = choices.endRows
    keptRows = choices.keptRows
    rotaryPositions = choices.rotaryPositions
    lambda = floats(choices.lambda)
    lambdaCode = choices.lambdaCode.isEmpty ? nil : floats(choices.lambdaCode)
    dropPath = { _, label in choices.dropPath[label].map(floats) }
    labels = choices.labels
    rotaryTable = { _ in choices.rotary.isEmpty ? nil : floats(choices.rotary) }
  }
}
