import Workloads

/// Memory that the program holds by name, and what it becomes.
extension StepExecutor {
  /// Begins a buffer's life: what a pass has just made is adopted, everything else is allocated.
  func hold(_ buffer: Buffer) {
    guard let content = buffer.content else { return }
    let elements = buffer.bytes / MemoryLayout<Float>.stride
    switch content {
    case .features(.text, .clean) where pass(.text, .clean) == nil:
      let region = arena.allocate(elements)
      if arena.isReal { arena.floats(region).assign(givenTextFeatures) }
      state.buffers[content] = region
    case .features(let role, let branch) where program.accumulation == 1 || !isCached:
      adoptStream(of: pass(role, branch), as: content, elements: elements)
    case .featureGradients:
      if let region = state.pending.removeValue(forKey: content) {
        state.buffers[content] = region
      } else {
        state.buffers[content] = arena.allocate(elements)
      }
    case .tokens:
      guard let offered = state.offered.removeValue(forKey: content) else {
        preconditionFailure("nobody has made \(buffer.name)")
      }
      if !offered.isOwned { arena.retain(offered.region) }
      state.buffers[content] = offered.region
    case .lastBlock(let branch):
      // The head reads it too: both hold it.
      guard let pass = comparedPass(branch), let stream = state.streams[pass] else {
        preconditionFailure("no block has run before \(buffer.name)")
      }
      arena.retain(stream.region)
      state.buffers[content] = stream.region
    case .images:
      let region = arena.allocate(elements)
      if arena.isReal { arena.floats(region).assign(batchImages(elements)) }
      state.buffers[content] = region
    default: state.buffers[content] = arena.allocate(elements)
    }
  }

  /// Ends a buffer's life.
  func drop(_ buffer: Buffer) {
    guard let content = buffer.content else { return }
    if case .lastBlock(let branch) = content, let pass = comparedPass(branch),
      let stream = state.streams[pass], stream.region == state.buffers[content]
    {
      // A clean branch that ends here has nobody behind it.
      state.streams[pass] = nil
      if stream.isOwned { arena.release(stream.region) }
    }
    guard let region = state.buffers.removeValue(forKey: content) else {
      preconditionFailure("\(buffer.name) is dropped but not held")
    }
    arena.release(region)
  }

  /// Whether features of all micro-batches are cached before one loss.
  var isCached: Bool {
    program.accumulation > 1 && program.passes.contains { $0.role == .loss }
  }

  private func adoptStream(of pass: Int?, as content: Buffer.Content, elements: Int) {
    if let pass, let stream = state.streams.removeValue(forKey: pass) {
      if !stream.isOwned { arena.retain(stream.region) }
      report(stream.region, as: content)
      state.buffers[content] = stream.region
    } else {
      // An attack on features themselves: what was perturbed is the feature.
      guard case .features(_, .attacked) = content, let attacked = state.buffers[.attackedInputs]
      else { preconditionFailure("no features for \(content)") }
      arena.retain(attacked)
      state.buffers[content] = attacked
    }
  }

  private func report(_ region: Region, as content: Buffer.Content) {
    guard reportsFeatures, arena.isReal, case .features(let role, let branch) = content else {
      return
    }
    if role == .text {
      result.textFeatures += arena.floats(region).values
    } else {
      result.features[branch, default: []] += arena.floats(region).values
    }
  }

  /// The images of all micro-batches, or of the present one.
  private func batchImages(_ elements: Int) -> [Float] {
    guard batch.images.count > elements else { return batch.images }
    return Array(batch.images[microBatch * elements..<(microBatch + 1) * elements])
  }

  /// Plain accumulation reads one micro-batch after the other into the same buffer.
  func loadImages() {
    guard arena.isReal, !isCached, program.accumulation > 1,
      let region = state.buffers[.images]
    else { return }
    arena.floats(region).assign(batchImages(region.count))
  }

  /// Releases whatever a step has left: nothing but values that no pass wanted.
  func releaseEverything() {
    for value in state.streams.values where value.isOwned { arena.release(value.region) }
    for value in state.gradients.values where value.isOwned { arena.release(value.region) }
    for value in state.offered.values where value.isOwned { arena.release(value.region) }
    for region in state.pending.values { arena.release(region) }
    for region in state.retained.values.flatMap(\.values) { arena.release(region) }
    for region in state.buffers.values { arena.release(region) }
    for frame in state.frames.values.flatMap(\.self) {
      for region in frame.kept.values { arena.release(region) }
    }
    state = StepState()
  }
}
