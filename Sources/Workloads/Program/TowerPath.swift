/// A tower pass: segments in order, as one stretch of a step's forward.
struct TowerPath: Sendable, Hashable {
  /// One entry: a segment spec, its repeat count and token counts.
  struct Entry: Sendable, Hashable {
    var spec: SegmentSpec
    var count: Int
    var tokens: Int
    var crossTokens: Int = 0
    /// Which parameters are trained where the path is; nil: none.
    var trained: TrainedWeights? = .all
    /// Whether it is the first block that wants a gradient and hands none on.
    var endsGradients = false
  }

  /// The tower whose style and recomputation setting apply, for example `image`.
  var name: String
  /// The stretch of the model that it is.
  var role: Pass.Role
  /// Whether any of its parameters are trained.
  var trainable: Bool
  /// The segments.
  var entries: [Entry]
  /// Samples relative to the micro-batch: 1, or 3 for BLIP-2's matching pairs.
  var samplesFactor: Int = 1
  /// Whether something trainable lies before the first segment.
  var inputNeedsGradient = false
  /// Whether what is attended across needs a gradient.
  var crossNeedsGradient = false
  /// Whether what is attended across needs a gradient where the blocks have one: the same blocks of
  /// another pass have made it.
  var crossFollowsBlocks = false

  /// Whether the entry at `index` has trained parameters.
  func trainsWeights(at index: Int) -> Bool { trainable && entries[index].trained != nil }

  /// The need of the entry at `index`.
  ///
  /// A gradient goes on to an entry's input where anything before wants one: trained parameters,
  /// what the path's input is made of, or what an earlier block attends to.
  func need(at index: Int) -> GradientNeed {
    let weights = trainsWeights(at: index)
    let input =
      inputNeedsGradient || (0..<index).contains { trainsWeights(at: $0) || crosses(at: $0) }
    return GradientNeed(weights: weights, input: input, cross: crosses(at: index))
  }

  /// Whether the entry at `index` sends a gradient to what it attends to.
  private func crosses(at index: Int) -> Bool {
    guard entries[index].spec.attendsAcross else { return false }
    if let encoder = encoderEnd {
      // A decoder attends to what the same path's encoder has made.
      return inputNeedsGradient || (0...encoder).contains(where: trainsWeights)
    }
    if crossNeedsGradient { return true }
    return crossFollowsBlocks && (0...index).contains(where: trainsWeights)
  }

  /// The norm that ends an encoder on this path.
  private var encoderEnd: Int? {
    entries.firstIndex { if case .encoderNorm = $0.spec { true } else { false } }
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
      shape.trained = entry.trained ?? .all
      return sum + entry.count
        * entry.spec.graph(shape, style: .float32).parameterElements
    }
  }
}
