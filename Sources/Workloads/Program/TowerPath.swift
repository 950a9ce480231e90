/// A tower pass: segments in order, as one stretch of a step's forward.
struct TowerPath: Sendable, Hashable {
  /// One entry: a segment spec, its repeat count and token counts.
  struct Entry: Sendable, Hashable {
    var spec: SegmentSpec
    var count: Int
    var tokens: Int
    var crossTokens: Int = 0
  }

  /// The tower whose style and recomputation setting apply, for example `image`.
  var name: String
  /// The stretch of the model that it is.
  var role: Pass.Role
  /// Whether its parameters are trained.
  var trainable: Bool
  /// The segments.
  var entries: [Entry]
  /// Samples relative to the micro-batch: 1, or 3 for BLIP-2's matching pairs.
  var samplesFactor: Int = 1
  /// Whether something trainable lies before the first segment.
  var inputNeedsGradient = false
  /// Whether what is attended across needs a gradient.
  var crossNeedsGradient = false

  /// The need of the entry at `index`.
  func need(at index: Int) -> GradientNeed {
    let input = inputNeedsGradient || (trainable && index > 0)
    let any = trainable || inputNeedsGradient || crossNeedsGradient
    return GradientNeed(
      weights: trainable, input: input,
      cross: crossNeedsGradient && any && entries[index].spec.attendsAcross)
  }

  /// Forward FLOP for a micro-batch of `samples`, and the number of parameters.
  func forwardFlops(samples: Int, style: KernelStyle) -> Double {
    entries.reduce(0) { sum, entry in
      let shape = BlockShape(
        samples: samples * samplesFactor, tokens: entry.tokens, crossTokens: entry.crossTokens)
      return sum + Double(entry.count) * entry.spec.graph(shape, style: style).forwardFlops
    }
  }

  /// Parameters of the path on its own.
  var parameterElements: Int { parameterElements(.none) }

  /// Parameters of one rank's share of the path.
  func parameterElements(_ sharding: Sharding) -> Int {
    entries.reduce(0) { sum, entry in
      var shape = BlockShape(samples: 1, tokens: entry.tokens, crossTokens: entry.crossTokens)
      shape.sharding = sharding
      return sum + entry.count
        * entry.spec.graph(shape, style: .float32).parameterElements
    }
  }
}
