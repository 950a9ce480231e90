import Workloads

/// Which value flows into which pass, forward and backward.
extension StepExecutor {
  func pass(_ role: Pass.Role, _ branch: Pass.Branch) -> Int? {
    program.passes.firstIndex { $0.role == role && $0.branch == branch }
  }

  /// The stretch that makes compared features: the bridge where there is one.
  var featureRole: Pass.Role {
    program.passes.contains { $0.role == .bridge } ? .bridge : .image
  }

  /// What a pass reads of a buffer: the stretch of its micro-batch where the buffer has one for
  /// each, the first samples otherwise.
  func slice(_ region: Region, of content: Buffer.Content, elements: Int) -> Region {
    let start: Int
    switch content {
    case .images, .features, .featureGradients, .perturbation:
      start = region.count == elements ? 0 : microBatch * elements
    default: start = 0
    }
    return Region(offset: region.offset + start, count: elements)
  }

  // MARK: Forward

  /// The value of an input; the stream of the pass where nothing else is said.
  func input(
    _ position: Int, of plan: SegmentPlan, layer: Int?, pass: Int
  ) -> StepState.Value? {
    let role = program.passes[pass].role
    let branch = program.passes[pass].branch
    let elements = plan.tensors[plan.inputs[position].index].elements
    func lent(_ content: Buffer.Content) -> StepState.Value? {
      if let region = state.buffers[content] {
        return StepState.Value(
          region: slice(region, of: content, elements: elements), isOwned: false)
      }
      return state.offered[content].map {
        StepState.Value(
          region: Region(offset: $0.region.offset, count: elements), isOwned: false)
      }
    }
    switch plan.segment.spec {
    case .patchEmbedding: return lent(images(branch))
    case .captionInput: return lent(.tokens(.text, .clean))
    case .contrastiveLoss(let spec): return feature(position, of: spec, branch: branch)
    case .distillation:
      guard position == 0 else { return lent(.features(featureRole, .reference)) }
      if let held = lent(.lastBlock(.clean)) { return held }
      // The head keeps it.
      let outputs = comparedPass(.clean).flatMap { state.layerOutputs[$0] }
      return outputs?.max { $0.key < $1.key }.map {
        StepState.Value(region: $0.value, isOwned: false)
      }
    default: break
    }
    if position > 0 {
      switch role {
      case .matching: return lent(.pairs(branch))
      case .caption: return cachedKeys(position, branch: branch, layer: layer)
      case .decoder: return lent(.tokens(.image, branch))
      case .language: return lent(.tokens(.language, branch))
      default: return lent(.tokens(.bridge, branch))
      }
    }
    // What a bridge left in the micro-batch before is not what it reads.
    let isFirst = if case .tokenNorm = plan.segment.spec { true } else { false }
    if !isFirst, let stream = state.streams.removeValue(forKey: pass) { return stream }
    if branch != .clean, let region = state.buffers[images(branch)],
      role == .image || role == .bridge
    {
      // The first segment behind the attacked site reads what was perturbed.
      if region.count % elements == 0 {
        if role == .image || self.pass(.image, branch) == nil {
          return StepState.Value(
            region: slice(region, of: images(branch), elements: elements), isOwned: false)
        }
      }
    }
    switch role {
    case .bridge:
      guard let image = self.pass(.image, branch) ?? self.pass(.image, .clean) else { return nil }
      return state.streams.removeValue(forKey: image)
    case .language:
      guard let bridge = self.pass(.bridge, branch) else { return nil }
      return state.streams.removeValue(forKey: bridge)
    default: return nil
    }
  }

  /// The pixels, or perturbed values, that a branch reads.
  private func images(_ branch: Pass.Branch) -> Buffer.Content {
    switch branch {
    case .clean, .reference: .images
    case .attacked, .attack: .attackedInputs
    case .comparison: .comparisonInputs
    }
  }

  /// Features that a loss compares, in the order of its inputs.
  private func feature(
    _ position: Int, of spec: ContrastiveLossSpec, branch: Pass.Branch
  ) -> StepState.Value? {
    let role = featureRole
    func lent(_ role: Pass.Role, _ branch: Pass.Branch) -> StepState.Value? {
      if let region = state.buffers[.features(role, branch)] {
        return StepState.Value(region: region, isOwned: false)
      }
      return nil
    }
    switch position {
    case 0:
      if branch == .attack, let pass = pass(role, .attack) {
        return state.streams.removeValue(forKey: pass)
      }
      if let features = lent(role, branch) { return features }
      // An attack on features themselves has no pass behind it.
      return state.buffers[.attackedInputs].map { StepState.Value(region: $0, isOwned: false) }
    case 1:
      guard let texts = lent(.text, .clean) else { return nil }
      return texts
    case 2 where spec.mixesClean: return lent(role, .clean)
    default: return lent(role, .reference)
    }
  }

  /// Keys (1) and values (2) of the queries at a layer.
  private func cachedKeys(
    _ position: Int, branch: Pass.Branch, layer: Int?
  ) -> StepState.Value? {
    guard let layer, let cached = state.cachedKeys[branch]?[layer] else { return nil }
    let region = position == 1 ? cached.keys.1 : cached.values.1
    return StepState.Value(region: region, isOwned: false)
  }

  // MARK: Backward

  /// Gradients that arrive at a segment's outputs, by owner.
  func arrivingGradients(
    _ plan: SegmentPlan, layer: Int?, pass: Int
  ) -> [(Int, StepState.Value)] {
    let branch = program.passes[pass].branch
    return plan.arriving.enumerated().map { position, id in
      let owner = plan.owners[id.index]
      let elements = plan.tensors[id.index].elements
      if plan.segment.spec.hasLosses {
        let region = arena.allocate(elements)
        if arena.isReal {
          arena.floats(region).assign(
            lossWeights(plan, output: position, pass: program.passes[pass]))
        }
        return (owner, StepState.Value(region: region, isOwned: true))
      }
      let isMain =
        plan.segment.spec.isBlock ? position == 0 : position == plan.arriving.count - 1
      if isMain { return (owner, streamGradient(plan, elements: elements, pass: pass)) }
      return (
        owner,
        otherGradient(
          plan.arrivingOutputs[position], elements: elements, branch: branch, layer: layer,
          pass: pass)
      )
    }
  }

  private func streamGradient(
    _ plan: SegmentPlan, elements: Int, pass: Int
  ) -> StepState.Value {
    if let gradient = state.gradients.removeValue(forKey: pass) { return gradient }
    let role = program.passes[pass].role
    let branch = program.passes[pass].branch
    func held(_ content: Buffer.Content) -> StepState.Value? {
      state.buffers[content].map {
        StepState.Value(region: slice($0, of: content, elements: elements), isOwned: false)
      }
    }
    switch plan.segment.spec {
    case .tokenNorm:
      if let value = held(.tokenGradients(.bridge, branch)) { return value }
    case .encoderNorm:
      if let value = held(.tokenGradients(.language, branch)) { return value }
    case .normalise:
      let features = Buffer.Content.featureGradients(role, branch)
      if let value = held(features) { return value }
      if let pending = state.pending.removeValue(forKey: features) {
        return StepState.Value(region: pending, isOwned: true)
      }
    default: break
    }
    preconditionFailure("no gradient arrives at the \(branch.rawValue) \(role.rawValue) pass")
  }

  /// Gradients of tokens, keys and values that other passes have attended to.
  private func otherGradient(
    _ position: Int, elements: Int, branch: Pass.Branch, layer: Int?, pass: Int
  ) -> StepState.Value {
    let role = program.passes[pass].role
    if let layer, let keys = state.buffers[.keyGradients(branch)] {
      let start = (2 * layer + position - 1) * elements
      return StepState.Value(
        region: Region(offset: keys.offset + start, count: elements), isOwned: false)
    }
    if layer == nil, let held = state.buffers[.tokenGradients(role, branch)] {
      return StepState.Value(region: held, isOwned: false)
    }
    // Nobody attended in this branch.
    let region = arena.allocate(elements)
    if arena.isReal { arena.floats(region).fill(0) }
    return StepState.Value(region: region, isOwned: true)
  }

  /// Where gradients of a shared input add up.
  func sharedGradient(
    _ position: Int, of plan: SegmentPlan, elements: Int, pass: Int
  ) -> Region {
    let role = program.passes[pass].role
    let branch = program.passes[pass].branch
    let content: Buffer.Content =
      switch role {
      case .matching: .pairGradients(branch)
      case .decoder where plan.segment.spec.isBlock: .tokenGradients(.image, branch)
      case .decoder: .tokenGradients(.text, .clean)
      case .language: .tokenGradients(.language, branch)
      default: .tokenGradients(.bridge, branch)
      }
    guard let region = state.buffers[content] else {
      preconditionFailure("the gradient of shared tokens is not held: \(content)")
    }
    // Texts of attacked samples come first.
    return Region(offset: region.offset, count: elements)
  }

  /// Memory that is set aside for a gradient which leaves a segment: those of cached keys.
  func placeForGradient(
    ofInput position: Int, of plan: SegmentPlan, elements: Int, layer: Int?, pass: Int
  ) -> Region? {
    guard program.passes[pass].role == .caption, position > 0, let layer,
      let keys = state.buffers[.keyGradients(program.passes[pass].branch)]
    else { return nil }
    return Region(
      offset: keys.offset + (2 * layer + position - 1) * elements, count: elements)
  }

  /// A gradient that leaves a segment, on its way to whoever made the input.
  func deliverGradient(
    _ value: StepState.Value, toInput position: Int, of plan: SegmentPlan, layer: Int?, pass: Int
  ) {
    let role = program.passes[pass].role
    let branch = program.passes[pass].branch
    func set(_ pass: Int?) {
      guard let pass else {
        if value.isOwned { arena.release(value.region) }
        return
      }
      if let old = state.gradients[pass], old.isOwned { arena.release(old.region) }
      state.gradients[pass] = value
    }
    switch plan.segment.spec {
    case .contrastiveLoss(let spec):
      let content = featureGradient(position, of: spec, branch: branch)
      state.pending[content] = value.region
      return
    case .distillation:
      state.pending[.lastBlock(.clean)] = value.region
      return
    case .tokenNorm:
      set(self.pass(.image, branch) ?? pass)
      return
    case .languageEmbedding where role == .language:
      set(self.pass(.bridge, branch))
      return
    default: break
    }
    // Gradients of cached keys were written where the queries' backward finds them.
    if role == .caption, position > 0 { return }
    set(pass)
  }

  private func featureGradient(
    _ position: Int, of spec: ContrastiveLossSpec, branch: Pass.Branch
  ) -> Buffer.Content {
    let role = featureRole
    switch position {
    case 0: return .featureGradients(role, branch)
    case 1: return .featureGradients(.text, .clean)
    default: return .featureGradients(role, .clean)
    }
  }
}
