/// What a parameter is to the model; decides whether weight decay pulls on it.
public enum ParameterRole: String, Sendable, Hashable, CaseIterable, Codable {
  /// Matrices of products, and tables of token vectors or learned queries.
  case matrix
  /// Gains of norms, layer scales.
  case gain
  /// Biases.
  case bias
  /// Class tokens.
  case classToken
  /// Learned positions.
  case positions
  /// The logit scale and bias of a contrastive loss.
  case logitScale
  /// What conditions on lambda: second class tokens and affine sets.
  case conditioning

  /// Whether weight decay applies: to matrices alone.
  public var decays: Bool { self == .matrix }
}

/// One tensor of the parameter arena.
public struct ParameterTensor: Sendable, Hashable {
  /// Its elements in the arena.
  public var range: Range<Int>
  /// What it is.
  public var role: ParameterRole
  /// Its layer, counted from the input: 0 for embeddings, `layers` for what follows the last block.
  public var layer: Int

  /// A tensor.
  public init(range: Range<Int>, role: ParameterRole, layer: Int = 0) {
    self.range = range
    self.role = role
    self.layer = layer
  }
}

/// Elements of the arena that are updated with the same rate and decay.
public struct ParameterGroup: Sendable, Hashable {
  /// Its elements in the arena.
  public var range: Range<Int>
  /// Multiplies the step's learning rate.
  public var learningRateFactor: Float
  /// Decoupled weight decay.
  public var weightDecay: Float

  /// A group.
  public init(range: Range<Int>, learningRateFactor: Float = 1, weightDecay: Float) {
    self.range = range
    self.learningRateFactor = learningRateFactor
    self.weightDecay = weightDecay
  }
}

/// How an optimizer treats the parts of the parameter arena.
///
/// Elements outside all groups are not trained.
public struct ParameterGroups: Sendable, Hashable {
  /// One group a tensor, in order: LAMB has a trust ratio for each.
  public let tensors: [ParameterGroup]
  /// The same with neighbours joined that are treated alike: as few stretches as possible.
  public let stretches: [ParameterGroup]

  /// Groups that are given one by one.
  ///
  /// - Precondition: no range overlaps another; none is empty.
  public init(_ groups: [ParameterGroup]) {
    tensors = groups.sorted { $0.range.lowerBound < $1.range.lowerBound }
    var joined: [ParameterGroup] = []
    for group in tensors {
      precondition(!group.range.isEmpty && group.range.lowerBound >= 0, "group \(group.range)")
      guard let last = joined.last else {
        joined.append(group)
        continue
      }
      precondition(
        last.range.upperBound <= group.range.lowerBound,
        "groups \(last.range) and \(group.range) overlap")
      let isAlike =
        last.learningRateFactor == group.learningRateFactor
        && last.weightDecay == group.weightDecay
      if isAlike, last.range.upperBound == group.range.lowerBound {
        joined[joined.count - 1].range = last.range.lowerBound..<group.range.upperBound
      } else {
        joined.append(group)
      }
    }
    stretches = joined
  }

  /// Groups by role and layer: rate factor `layerDecay^(layers - layer)`, decay where the role has it.
  ///
  /// What conditions on lambda has `conditioningFactor` as a further factor.
  ///
  /// - Precondition: `0 < layerDecay <= 1`, no layer above `layers`.
  ///
  /// Source: layer-wise decay as in EVA-CLIP (arXiv 2303.15389), after BEiT (arXiv 2106.08254).
  public init(
    _ tensors: [ParameterTensor], weightDecay: Float, layerDecay: Float = 1, layers: Int = 0,
    conditioningFactor: Float = 1
  ) {
    precondition(layerDecay > 0 && layerDecay <= 1, "a layer decay of \(layerDecay)")
    self.init(
      tensors.map { tensor in
        precondition(
          tensor.layer >= 0 && (layerDecay == 1 || tensor.layer <= layers),
          "layer \(tensor.layer) of \(layers)")
        let below = layerDecay == 1 ? 0 : layers - tensor.layer
        let factor = (0..<below).reduce(1.0) { product, _ in product * Double(layerDecay) }
        return ParameterGroup(
          range: tensor.range,
          learningRateFactor: Float(factor)
            * (tensor.role == .conditioning ? conditioningFactor : 1),
          weightDecay: tensor.role.decays ? weightDecay : 0)
      })
  }

  /// Elements of all groups.
  public var count: Int { tensors.reduce(0) { $0 + $1.range.count } }

  /// Elements that an arena must have at least.
  public var end: Int { tensors.last?.range.upperBound ?? 0 }
}
