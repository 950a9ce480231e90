import Workloads

/// Kernels between passes that make and move attacked inputs.
extension StepExecutor {
  /// Runs the work of a pass on buffers; in planning nothing is computed.
  func perform(_ pass: ElementwisePass) {
    switch pass.function {
    case .addStreamGradient: addStreamGradient()
    case .layerGradient(let layer, let detached): layerGradient(layer, isDetached: detached)
    case .tapGradient(let layer, let starts): tapGradient(layer, starts: starts)
    case .addFeatureGradient(let role, let branch): addFeatureGradient(role, branch)
    case .attackUpdate: attackUpdate()
    case .layerComparison(layers: 1) where comparedPass(.comparison) != nil: compareHalves()
    case .cacheFeatures(let role, let branch): cacheFeatures(role, branch)
    default:
      guard arena.isReal else { return }
      if let profile {
        profile.time(pass) { compute(pass.function) }
      } else {
        compute(pass.function)
      }
    }
  }

  private func compute(_ function: ElementwisePass.Function) {
    switch function {
    case .siteInputs: siteInputs()
    case .attackStart: attackStart()
    case .attackAgain:
      let delta = perturbation
      core.add(cleanInputs(count: delta.count), delta, into: floats(.attackedInputs))
    case .comparisonInputs: comparisonInputs()
    case .layerMeasure(let layer): layerMeasure(layer)
    case .layerComparison(let layers): layerComparison(layers)
    case .tap(let layer): tap(layer)
    case .gatherPairs(let branch): gatherPairs(branch)
    case .scatterPairs(let branch): scatterPairs(branch)
    case .clear(let content): core.clear(floats(content))
    case .lossWeights: updateTermWeights()
    case .priced, .addFeatureGradient, .addStreamGradient, .layerGradient, .tapGradient,
      .attackUpdate, .cacheFeatures:
      break
    }
  }

  func floats(_ content: Buffer.Content) -> Floats {
    guard let region = state.buffers[content] else {
      preconditionFailure("\(content) is not held")
    }
    return arena.floats(region)
  }

  // MARK: Attack

  /// The perturbation of the present micro-batch.
  private var perturbation: Floats {
    let attacked = floats(.attackedInputs).count
    let all = floats(.perturbation)
    return all.count == attacked ? all : all.part(microBatch * attacked, attacked)
  }

  /// What is perturbed, as it was: the first samples of the images, or a block's input.
  private func cleanInputs(count: Int) -> Floats {
    if let region = state.buffers[.cleanInputs] { return arena.floats(region) }
    let images = floats(.images)
    let perMicroBatch = isCached ? images.count / program.accumulation : images.count
    let start = isCached ? microBatch * perMicroBatch : 0
    return images.part(start, count)
  }

  /// Channels bound pixels; features have no range.
  private var range: (lowest: Floats, highest: Floats, columns: Int)? {
    guard state.buffers[.cleanInputs] == nil, let lowest = settings.lowest,
      let highest = settings.highest
    else { return nil }
    return (Floats(lowest), Floats(highest), patchColumns)
  }

  /// Columns of a patch, `3 patch^2`.
  private var patchColumns: Int {
    for segment in program.segments {
      if case .patchEmbedding(let tower) = segment.spec {
        return 3 * tower.patchSize * tower.patchSize
      }
    }
    return 1
  }

  private func attackStart() {
    let delta = perturbation
    let attacked = floats(.attackedInputs)
    let clean = cleanInputs(count: delta.count)
    if let given = givenPerturbation {
      // Comparisons with other programs fix where the attack begins.
      let start = given.count > delta.count ? microBatch * delta.count : 0
      core.attackStart(
        clean, given: Array(given[start..<start + delta.count]), into: delta, attacked: attacked)
      return
    }
    let range = range
    core.attackStart(
      clean, epsilon: settings.epsilon, lower: range?.lowest, upper: range?.highest,
      columns: range?.columns ?? 1, seed: settings.seed &+ UInt64(step),
      counter: UInt64(microBatch) * UInt64(delta.count), into: delta, attacked: attacked)
  }

  /// The attacked samples' value at the site, as the clean branch has just made it.
  private func siteInputs() {
    let copy = floats(.cleanInputs)
    let source: Region
    if let pass = pass(.image, .clean), let stream = state.streams[pass] {
      source = stream.region
    } else if let features = state.buffers[.features(.image, .clean)] {
      source = features
    } else {
      preconditionFailure("the clean branch has made nothing to attack")
    }
    core.copy(arena.floats(source).part(0, copy.count), into: copy)
  }

  private func attackUpdate() {
    let role = attackedRole
    // An attack on features has no pass of its own: its gradient is the loss's.
    let arrived =
      pass(role, .attack).flatMap { state.gradients.removeValue(forKey: $0) }
      ?? state.pending.removeValue(forKey: .featureGradients(role, .attack)).map {
        StepState.Value(region: $0, isOwned: true)
      }
    guard let gradient = arrived else { preconditionFailure("an attack step without a gradient") }
    defer { if gradient.isOwned { arena.release(gradient.region) } }
    guard arena.isReal else { return }
    let range = range
    let delta = perturbation
    if let pass = self.pass(.loss, .attack), let losses = state.losses[pass]?.first {
      result.attackLosses.append(losses.reduce(0) { $0 + Double($1) })
    }
    core.attackUpdate(
      cleanInputs(count: delta.count), gradient: arena.floats(gradient.region),
      alpha: settings.alpha, epsilon: settings.epsilon, lower: range?.lowest,
      upper: range?.highest, columns: range?.columns ?? 1, delta: delta,
      into: floats(.attackedInputs))
  }

  /// The first stretch behind the attacked site.
  private var attackedRole: Pass.Role {
    pass(.image, .attack) == nil && pass(.bridge, .attack) != nil ? .bridge : .image
  }

  private func comparisonInputs() {
    let both = floats(.comparisonInputs)
    let half = both.count / 2
    core.copy(cleanInputs(count: half), into: both.part(0, half))
    core.copy(floats(.attackedInputs).part(0, half), into: both.part(half, half))
  }

  // MARK: Features

  private func addFeatureGradient(_ role: Pass.Role, _ branch: Pass.Branch) {
    let content = Buffer.Content.featureGradients(role, branch)
    guard let held = state.buffers[content], let more = state.pending.removeValue(forKey: content)
    else { preconditionFailure("no second gradient of \(content)") }
    if arena.isReal {
      core.add(arena.floats(held), arena.floats(more), into: arena.floats(held))
    }
    arena.release(more)
  }

  /// The teacher's gradient joins that of the last block's output.
  private func addStreamGradient() {
    guard let pass = comparedPass(.clean), let gradient = state.gradients[pass],
      let more = state.pending.removeValue(forKey: .lastBlock(.clean))
    else { preconditionFailure("no gradients to add at the last block") }
    if arena.isReal {
      core.add(
        arena.floats(gradient.region), arena.floats(more), into: arena.floats(gradient.region))
    }
    arena.release(more)
  }

  private func cacheFeatures(_ role: Pass.Role, _ branch: Pass.Branch) {
    guard let pass = pass(role, branch), let stream = state.streams.removeValue(forKey: pass)
    else { preconditionFailure("no features to cache") }
    defer { if stream.isOwned { arena.release(stream.region) } }
    // Tokens for other passes are made again with the second forward.
    if let tokens = state.offered.removeValue(forKey: .tokens(role, branch)), tokens.isOwned {
      arena.release(tokens.region)
    }
    guard arena.isReal else { return }
    let all = floats(.features(role, branch))
    core.copy(
      arena.floats(stream.region),
      into: all.part(microBatch * stream.region.count, stream.region.count))
  }

  // MARK: Matching pairs

  private func pairRows(_ branch: Pass.Branch, samples: Int) -> [Int32] {
    guard let negatives = negatives(branch, samples: samples) else {
      preconditionFailure("matching pairs before the contrastive loss")
    }
    let own = (0..<samples).map { Int32($0) }
    return own + negatives.images + own
  }

  private func gatherPairs(_ branch: Pass.Branch) {
    let (tokens, pairs) = (floats(.tokens(.bridge, branch)), floats(.pairs(branch)))
    let samples = pass(.matching, branch).map { program.passes[$0].samples } ?? 1
    let width = tokens.count / samples
    core.selectRows(
      tokens, width: width, rows: pairRows(branch, samples: samples), into: pairs)
  }

  private func scatterPairs(_ branch: Pass.Branch) {
    let (tokens, pairs) = (
      floats(.tokenGradients(.bridge, branch)), floats(.pairGradients(branch))
    )
    let samples = pass(.matching, branch).map { program.passes[$0].samples } ?? 1
    core.lookupBackward(
      pairs, ids: pairRows(branch, samples: samples), width: tokens.count / samples, into: tokens)
  }
}
