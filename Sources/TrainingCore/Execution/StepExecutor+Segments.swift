import Workloads

/// One application of a segment: operands in, kernels, results out.
extension StepExecutor {
  private func runner(
    _ plan: SegmentPlan, layer: Int?, pass: Int, regions: [Int: Region]
  ) -> KernelRunner {
    let tower = program.towers[plan.segment.tower].name
    return KernelRunner(
      core: core, arena: arena, store: store, plan: plan,
      parameters: store.table(plan, tower: tower, layer: layer), layer: layer ?? 0,
      data: arena.isReal ? data(for: program.passes[pass], plan: plan) : PassData(),
      regions: regions)
  }

  /// Runs kernels, allocating and releasing as the plan says; borrowed memory is left alone.
  private func run(
    _ turns: [SegmentPlan.Turn], _ runner: inout KernelRunner, borrowed: [Int: Region]
  ) {
    for turn in turns {
      for owner in turn.allocates where runner.regions[owner] == nil {
        runner.regions[owner] = arena.allocate(runner.plan.tensors[owner].elements)
      }
      if arena.isReal {
        if let profile {
          let bytes = (turn.kernel.reads + turn.kernel.writes).reduce(0) {
            $0 + runner.plan.tensors[$1.index].bytes
          }
          profile.time(turn.kernel, bytes: bytes) { runner.run(turn.kernel) }
        } else {
          runner.run(turn.kernel)
        }
      }
      for owner in turn.releases where borrowed[owner] == nil {
        if let region = runner.regions.removeValue(forKey: owner) { arena.release(region) }
      }
    }
  }

  func forward(_ segment: Int, keep: Keep, need: GradientNeed, layer: Int?, pass: Int) {
    let plan = plan(segment, need)
    var regions: [Int: Region] = [:]
    var borrowed: [Int: Region] = [:]
    for (position, input) in plan.inputs.enumerated() {
      guard let value = self.input(position, of: plan, layer: layer, pass: pass) else { continue }
      regions[plan.owners[input.index]] = value.region
      if !value.isOwned { borrowed[plan.owners[input.index]] = value.region }
    }
    var runner = runner(plan, layer: layer, pass: pass, regions: regions)
    run(plan.forward(keep), &runner, borrowed: borrowed)
    deliverOutputs(of: plan, runner, layer: layer, pass: pass, borrowed: borrowed)
    if keep != .nothing {
      var kept: [Int: Region] = [:]
      for owner in plan.keptOwners(keep) where borrowed[owner] == nil {
        guard let region = runner.regions[owner] else { continue }
        arena.retain(region)
        kept[owner] = region
      }
      state.frames[pass, default: []].append(
        StepState.Frame(segment: segment, layer: layer, kept: kept, borrowed: borrowed))
    }
    for (owner, region) in runner.regions where borrowed[owner] == nil { arena.release(region) }
  }

  func backward(_ segment: Int, keep: Keep, need: GradientNeed, layer: Int?, pass: Int) {
    let plan = plan(segment, need)
    guard let frame = state.frames[pass]?.popLast(), frame.segment == segment,
      frame.layer == layer
    else { preconditionFailure("a backward without its forward") }
    retainTapped(plan, frame, pass: pass)
    var runner = runner(
      plan, layer: layer, pass: pass,
      regions: frame.kept.merging(frame.borrowed) { kept, _ in kept })
    var borrowed = frame.borrowed
    for (owner, value) in arrivingGradients(plan, layer: layer, pass: pass) {
      runner.regions[owner] = value.region
      if !value.isOwned { borrowed[owner] = value.region }
    }
    if plan.arriving.isEmpty, let unused = state.gradients.removeValue(forKey: pass),
      unused.isOwned
    {
      // Nothing before this segment wants a gradient: learned queries under attack.
      arena.release(unused.region)
    }
    for (position, gradient) in plan.shared.enumerated() {
      let region = sharedGradient(
        position, of: plan, elements: plan.tensors[gradient.index].elements, pass: pass)
      runner.regions[plan.owners[gradient.index]] = region
      borrowed[plan.owners[gradient.index]] = region
    }
    for (gradient, input) in zip(plan.leaving, plan.leavingInputs) {
      let owner = plan.owners[gradient.index]
      let elements = plan.tensors[owner].elements
      if let place = placeForGradient(
        ofInput: input, of: plan, elements: elements, layer: layer, pass: pass)
      {
        runner.regions[owner] = place
        borrowed[owner] = place
      }
    }
    if keep == .input { run(plan.again, &runner, borrowed: borrowed) }
    if keep == .selective { run(plan.core, &runner, borrowed: borrowed) }
    run(plan.backward, &runner, borrowed: borrowed)
    for (gradient, input) in zip(plan.leaving, plan.leavingInputs) {
      let owner = plan.owners[gradient.index]
      guard let region = runner.regions[owner] else { continue }
      let isOwned = borrowed[owner] == nil
      if isOwned { arena.retain(region) }
      deliverGradient(
        StepState.Value(region: region, isOwned: isOwned), toInput: input, of: plan, layer: layer,
        pass: pass)
    }
    for (owner, region) in runner.regions where borrowed[owner] == nil { arena.release(region) }
  }

  /// Keeps a block's input beyond its backward where the regulariser reads it afterwards.
  private func retainTapped(_ plan: SegmentPlan, _ frame: StepState.Frame, pass: Int) {
    guard program.passes[pass].branch == .attacked else { return }
    for layer in state.tapped {
      guard let region = state.layerOutputs[pass]?[layer], state.retained[pass]?[layer] == nil,
        frame.kept.values.contains(region)
      else { continue }
      arena.retain(region)
      state.retained[pass, default: [:]][layer] = region
    }
  }

  // MARK: Outputs

  private func deliverOutputs(
    of plan: SegmentPlan, _ runner: KernelRunner, layer: Int?, pass: Int, borrowed: [Int: Region]
  ) {
    func value(_ id: TensorID) -> StepState.Value? {
      let owner = plan.owners[id.index]
      guard let region = runner.regions[owner] else { return nil }
      if borrowed[owner] == nil { arena.retain(region) }
      return StepState.Value(region: region, isOwned: borrowed[owner] == nil)
    }
    if plan.segment.spec.hasLosses {
      readLosses(plan, runner, pass: pass)
      return
    }
    let isBlock = plan.segment.spec.isBlock
    let role = program.passes[pass].role
    let branch = program.passes[pass].branch
    guard let main = isBlock ? plan.outputs.first : plan.outputs.last, let stream = value(main)
    else { return }
    if let old = state.streams[pass], old.isOwned { arena.release(old.region) }
    state.streams[pass] = stream
    if isBlock, let layer { state.layerOutputs[pass, default: [:]][layer] = stream.region }
    let others = isBlock ? plan.outputs.dropFirst() : plan.outputs.dropLast()
    if isBlock, others.count == 2, let layer {
      // Keys and values lie in a tensor that the frame keeps.
      let columns = others.map { id -> (Int, Region) in
        (id.index, runner.regions[plan.owners[id.index]] ?? Region(offset: 0, count: 0))
      }
      state.cachedKeys[branch, default: [:]][layer] = (columns[0], columns[1])
    } else if let tokens = others.first, state.wanted.contains(.tokens(role, branch)),
      let offered = value(tokens)
    {
      offer(offered, as: .tokens(role, branch))
    }
    switch plan.segment.spec {
    case .tokenNorm: offerStream(of: pass, as: .tokens(.bridge, branch))
    case .encoderNorm: offerStream(of: pass, as: .tokens(.language, branch))
    default: break
    }
  }

  private func offerStream(of pass: Int, as content: Buffer.Content) {
    guard let stream = state.streams.removeValue(forKey: pass) else { return }
    offer(stream, as: content)
  }

  private func offer(_ value: StepState.Value, as content: Buffer.Content) {
    if let old = state.offered[content], old.isOwned { arena.release(old.region) }
    state.offered[content] = value
  }

  private func readLosses(_ plan: SegmentPlan, _ runner: KernelRunner, pass: Int) {
    guard arena.isReal else { return }
    let losses = plan.outputs.map { id -> [Float] in
      guard let region = runner.regions[plan.owners[id.index]] else { return [] }
      return arena.floats(region).values
    }
    state.losses[pass] = losses
    account(losses, plan: plan, pass: program.passes[pass])
    if case .contrastiveLoss = plan.segment.spec { drawNegatives(plan, runner, pass: pass) }
  }
}

extension SegmentSpec {
  /// Width of a block's tokens; nil for what is no block.
  var blockWidth: Int? {
    switch self {
    case .block(let block): block.width
    case .qformerBlock(let qformer, _, _): qformer.block.width
    default: nil
    }
  }

  /// Whether outputs are losses, one per row, and not values that flow on.
  var hasLosses: Bool {
    switch self {
    case .contrastiveLoss, .languageHead, .captionHead, .classifierHead, .distillation: true
    case .qformerHead(_, let pass): pass == .matching || pass == .caption
    default: false
    }
  }
}
