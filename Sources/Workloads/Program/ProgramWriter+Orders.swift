extension ProgramWriter {
  /// Image tokens that later passes attend to, held from the image forward to the last backward.
  var tokenBuffer: Buffer? {
    guard layout.heldTokenElements > 0 else { return nil }
    return Buffer(
      name: "image tokens",
      bytes: batch * layout.heldTokenElements * style("image").residual.bytes,
      category: .activations)
  }

  /// BLIP-2's matching pairs attend to images of other ranks: gathered, picked, held.
  func pairSteps(samples: Int) -> (steps: [Step], buffer: Buffer?) {
    guard layout.pairTokenElements > 0, samples > 0 else { return ([], nil) }
    let perElement = style("image").residual.bytes
    let held = Buffer(
      name: "matching pairs", bytes: samples * layout.pairTokenElements * perElement,
      category: .activations)
    let world = Buffer(
      name: "gathered image tokens",
      bytes: samples * options.dataParallel * layout.heldTokenElements * perElement,
      category: .loss)
    return (
      [
        .hold(world),
        .collective(
          Collective(kind: .allGather, label: "matching negatives", bytes: world.bytes)),
        .hold(held), .drop(world),
      ], held
    )
  }

  /// Passes behind the contrastive loss, with losses of their own: forward, then backward.
  mutating func tailSteps(samples: Int) -> (forward: [Step], backward: [Step]) {
    guard samples > 0, !layout.tail.isEmpty else { return ([], []) }
    let pairs = pairSteps(samples: samples)
    let tails = layout.tail.map { pieces(of: $0, samples: samples) }
    var back = tails.reversed().flatMap { backward($0) }
    if let buffer = pairs.buffer { back.append(.drop(buffer)) }
    return (pairs.steps + tails.flatMap { forward($0) }, back)
  }

  /// A frozen image tower's forward, or the cache that replaces it.
  mutating func referenceSteps() -> [Step] {
    var steps: [Step] = []
    for _ in 0..<recipe.references {
      for path in layout.imageChain.prefix(1) {
        steps += forward(
          pieces(of: path, samples: batch, need: GradientNeed.none, conditioned: false),
          keeping: false)
      }
    }
    if recipe.referenceReadsCache, let contrastive = layout.contrastive {
      let bytes = batch * contrastive.width * 2
      steps.append(
        .pass(
          ElementwisePass(
            label: "cached teacher features", bytesRead: bytes, bytesWritten: bytes, kernels: 1)))
    }
    return steps
  }

  /// Both branches live at once: one loss, then text, tails, adversarial and clean backward.
  mutating func writeTogether() {
    let repeats = plainRepeats
    let texts = layout.textChain.map { pieces(of: $0, samples: batch) }
    let clean = cleanPieces()
    let attacked = adversarialPieces()
    add(.textForward, texts.flatMap { forward($0) }, repeats: repeats)
    let tokens = tokenBuffer
    var images = clean.flatMap { forward($0) }
    if let tokens { images.append(.hold(tokens)) }
    add(.imageForward, images + referenceSteps(), repeats: repeats)
    let inputs = writeAttack(repeats: repeats)
    let adversarialTokens = attacked.isEmpty ? nil : adversarialTokenBuffer
    var adversarialSteps = attacked.flatMap { forward($0) }
    if let adversarialTokens { adversarialSteps.append(.hold(adversarialTokens)) }
    add(.adversarialForward, adversarialSteps, repeats: repeats)
    let losses = contrastiveParts(
      local: batch, clean: hasCleanLoss, adversarialRows: adversarial(of: batch))
    // Where passes follow, one sum of all losses is differentiated: the logits wait for them.
    let waits = !layout.tail.isEmpty
    add(
      .loss,
      losses.opening
        + losses.losses.flatMap { waits ? Array($0.prefix(1)) : $0 } + (waits ? [] : losses.closing)
        + regulariser() + reweighting(), repeats: repeats)
    // The clean chain's passes behind the loss, then those of the adversarial branch.
    var back: [Step] = []
    if hasCleanLoss || adversarial(of: batch) == 0 {
      let tail = tailSteps(samples: batch)
      add(.textForward, tail.forward, repeats: repeats)
      back += tail.backward
    }
    if adversarial(of: batch) > 0 {
      let tail = tailSteps(samples: adversarial(of: batch))
      if !back.isEmpty {
        add(.backward, back, repeats: repeats)
        back = []
      }
      add(.adversarialForward, tail.forward, repeats: repeats)
      back += tail.backward
    }
    if waits {
      add(.backward, back, repeats: repeats)
      back = []
      add(
        .loss, losses.losses.reversed().flatMap { $0.dropFirst() } + losses.closing,
        repeats: repeats)
    }
    back += texts.reversed().flatMap { backward($0) }
    back += attacked.reversed().flatMap { backward($0) }
    if let adversarialTokens { back.append(.drop(adversarialTokens)) }
    back += inputs.map { .drop($0) }
    back += clean.reversed().flatMap { backward($0) }
    if let tokens { back.append(.drop(tokens)) }
    add(.backward, back, repeats: repeats)
    writeRefresh(extraForward: false)
  }

  var adversarialTokenBuffer: Buffer? {
    guard let clean = tokenBuffer else { return nil }
    return Buffer(
      name: "attacked image tokens", bytes: clean.bytes / batch * adversarial(of: batch),
      category: .activations)
  }

  /// Whether the clean images have a loss of their own.
  var hasCleanLoss: Bool { recipe.clean == .trained }

  /// Branches one after the other: the clean branch is finished and freed before the attack; the
  /// text graph stays until both have sent it their gradients.
  mutating func writeSequential() {
    let texts = layout.textChain.map { pieces(of: $0, samples: batch) }
    let repeats = plainRepeats
    let clean = cleanPieces()
    add(.textForward, texts.flatMap { forward($0) }, repeats: repeats)
    let tokens = tokenBuffer
    let taps = tapBuffer
    var images = clean.flatMap { forward($0) }
    if let tokens { images.append(.hold(tokens)) }
    add(.imageForward, images + [.hold(taps)] + referenceSteps(), repeats: repeats)
    add(
      .loss, contrastiveSteps(local: batch, clean: true, adversarialRows: 0), repeats: repeats)
    let tail = tailSteps(samples: batch)
    add(.textForward, tail.forward, repeats: repeats)
    add(
      .backward,
      tail.backward + clean.reversed().flatMap { backward($0) }
        + (tokens.map { [.drop($0)] } ?? []), repeats: repeats)
    let attacked = adversarialPieces()
    let inputs = writeAttack(repeats: repeats)
    let adversarialTokens = adversarialTokenBuffer
    var forwardSteps = attacked.flatMap { forward($0) }
    if let adversarialTokens { forwardSteps.append(.hold(adversarialTokens)) }
    add(.adversarialForward, forwardSteps, repeats: repeats)
    add(
      .loss,
      contrastiveSteps(local: batch, clean: false, adversarialRows: adversarial(of: batch))
        + regulariser(), repeats: repeats)
    let attackedTail = tailSteps(samples: adversarial(of: batch))
    add(.adversarialForward, attackedTail.forward, repeats: repeats)
    var back = attackedTail.backward
    back += attacked.reversed().flatMap { backward($0) }
    if let adversarialTokens { back.append(.drop(adversarialTokens)) }
    back += [.drop(taps)]
    back += inputs.map { .drop($0) }
    back += texts.reversed().flatMap { backward($0) }
    add(.backward, back, repeats: repeats)
    writeRefresh(extraForward: true)
  }

  /// Clean block outputs of the selected layers, kept while the adversarial branch runs.
  var tapBuffer: Buffer {
    let path = layout.imageChain.first
    let tokens = path?.entries.first?.tokens ?? 0
    let width = path.map { self.width(of: $0) } ?? 0
    return Buffer(
      name: "clean taps",
      bytes: recipe.taps * adversarial(of: batch) * tokens * width
        * style(path?.name ?? "").residual.bytes, category: .activations)
  }

  /// Every R steps the selection is refreshed from norms over all layers.
  ///
  /// With both branches live the block inputs of both are there already. The sequential order
  /// runs both forwards once more, block by block in lockstep, and keeps no more than one pair.
  mutating func writeRefresh(extraForward: Bool) {
    guard recipe.taps > 0, recipe.adversarialShare > 0, let path = layout.imageChain.first else {
      return
    }
    let samples = adversarial(of: batch)
    let blocks = path.entries.filter(\.spec.isBlock).reduce(0) { $0 + $1.count }
    let tokens = path.entries.first?.tokens ?? 0
    let bytes = blocks * samples * tokens * width(of: path) * style(path.name).residual.bytes
    var steps: [Step] = []
    if extraForward {
      for _ in 0..<2 {
        steps += forward(
          pieces(of: path, samples: samples, need: GradientNeed.none), keeping: false)
      }
    }
    steps.append(
      .pass(
        ElementwisePass(
          label: "layer comparison", bytesRead: 3 * bytes, bytesWritten: 0, kernels: 2 * blocks)))
    steps.append(
      .collective(Collective(kind: .allReduce, label: "layer statistics", bytes: 8 * blocks)))
    add(.loss, steps, repeats: plainRepeats, every: recipe.refreshSteps)
  }

  /// Gradient norms of the last layer for every loss term.
  func reweighting() -> [Step] {
    guard recipe.reweightsLosses, let contrastive = layout.contrastive else { return [] }
    let bytes = contrastive.width * contrastive.width * 4
    return [
      .pass(
        ElementwisePass(
          label: "loss weights", bytesRead: 2 * bytes, bytesWritten: 0, kernels: 6))
    ]
  }

  /// LSA's analysis on a few attacked samples every R steps.
  mutating func writeProbe() {
    guard recipe.probeSamples > 0, !layout.imageChain.isEmpty else { return }
    let samples = min(recipe.probeSamples, batch)
    var quiet: [Step] = []
    for path in layout.imageChain {
      quiet += forward(pieces(of: path, samples: samples, need: GradientNeed.none), keeping: false)
    }
    let buffers = attackBuffers(samples: samples)
    add(.attack, buffers.map { .hold($0) } + quiet, every: recipe.refreshSteps)
    add(
      .attack, attackIteration(samples: samples), repeats: recipe.probeAttackSteps,
      every: recipe.refreshSteps)
    add(.attack, quiet + buffers.map { .drop($0) }, every: recipe.refreshSteps)
  }

  /// GradCache: all features first without keeping, one loss over the local batch, then a second
  /// forward and the backward of every micro-batch (Gao et al., arXiv 2101.06983).
  mutating func writeCachedFeatures() {
    let count = options.accumulation
    let texts = layout.textChain.map { pieces(of: $0, samples: batch) }
    let clean = cleanPieces()
    let attacked = adversarialPieces()
    add(.textForward, texts.flatMap { forward($0, keeping: false) }, repeats: count)
    add(
      .imageForward, clean.flatMap { forward($0, keeping: false) } + referenceSteps(),
      repeats: count)
    let local = options.localBatch
    let attackedLocal = adversarial(of: batch) * count
    // Perturbations are fixed in the first pass and kept for the whole local batch, in fp32.
    let perturbations = Buffer(
      name: "perturbations", bytes: attackedLocal * perturbedElements * 4, category: .activations)
    if attackedLocal > 0 { add(.attack, [.hold(perturbations)]) }
    let inputs = writeAttack(repeats: count)
    add(.adversarialForward, attacked.flatMap { forward($0, keeping: false) }, repeats: count)
    add(
      .loss, contrastiveSteps(local: local, clean: hasCleanLoss, adversarialRows: attackedLocal))
    var again: [Step] = []
    let tail = tailSteps(samples: batch)
    for piece in texts { again += forward(piece) }
    if recipe.isSequential {
      for piece in clean { again += forward(piece) }
      again += tail.forward + tail.backward
      again += clean.reversed().flatMap { backward($0) }
      for piece in attacked { again += forward(piece) }
      again += regulariser()
      again += attacked.reversed().flatMap { backward($0) }
      again += texts.reversed().flatMap { backward($0) }
    } else {
      for piece in clean { again += forward(piece) }
      for piece in attacked { again += forward(piece) }
      again += tail.forward + tail.backward + regulariser()
      again += texts.reversed().flatMap { backward($0) }
      again += attacked.reversed().flatMap { backward($0) }
      again += clean.reversed().flatMap { backward($0) }
    }
    add(.backward, again, repeats: count)
    let held = inputs + (attackedLocal > 0 ? [perturbations] : [])
    add(.backward, held.map { .drop($0) })
    writeRefresh(extraForward: recipe.isSequential)
  }
}
