/// Accumulation with features made ahead, where the loss needs the whole batch.
extension ProgramWriter {
  /// GradCache: all features first without keeping, one loss over the local batch, then a second
  /// forward and the backward of every micro-batch (Gao et al., arXiv 2101.06983).
  mutating func writeCachedFeatures() {
    let count = options.accumulation
    let texts = layout.textChain.map { pieces(of: $0, branch: .clean, samples: batch) }
    let clean = cleanPieces()
    let attacked = adversarialPieces()
    let attackedRows = adversarial(of: batch)
    let local = options.localBatch
    let attackedLocal = attackedRows * count
    // Perturbations are fixed in the first pass and kept for the whole local batch, in fp32.
    let perturbations = Buffer(
      name: "perturbations", bytes: attackedLocal * perturbedElements * 4, category: .activations,
      content: .perturbation)
    add(.textForward, cacheHolds(local: local, attacked: attackedLocal))
    if attackedLocal > 0 { add(.attack, [.hold(perturbations)]) }
    beginLoop()
    add(
      .textForward,
      texts.flatMap { forward($0, keeping: false) } + cache(.text, .clean, samples: batch))
    // An attack compares images with the texts of all micro-batches.
    endLoop()
    beginLoop()
    add(
      .imageForward,
      clean.flatMap { forward($0, keeping: false) }
        + (hasCleanFeatures ? cache(featureRole, .clean, samples: batch) : []) + referenceSteps())
    var inputs: [Buffer] = []
    if attackedLocal > 0 {
      inputs = attackBuffers(samples: attackedRows).filter { $0.content != .perturbation }
      add(.attack, inputs.map { .hold($0) } + [attackStart(samples: attackedRows)])
      add(.attack, attackIteration(samples: attackedRows), repeats: recipe.attackSteps)
      add(
        .adversarialForward,
        attacked.flatMap { forward($0, keeping: false) }
          + cache(featureRole, .attacked, samples: attackedRows) + inputs.map { .drop($0) })
    }
    endLoop()
    add(
      .loss,
      contrastiveSteps(local: local, clean: hasCleanLoss, adversarialRows: attackedLocal)
        + reweighting())
    beginLoop()
    writeSecondPass(texts: texts, clean: clean, attacked: attacked)
    writeRefresh()
    add(.backward, inputs.prefix(1).map { .drop($0) })
    endLoop()
    writeProbe()
    add(
      .backward,
      (attackedLocal > 0 ? [.drop(perturbations)] : [])
        + cacheDrops(local: local, attacked: attackedLocal))
  }

  private mutating func writeSecondPass(texts: [[Piece]], clean: [[Piece]], attacked: [[Piece]]) {
    let attackedRows = adversarial(of: batch)
    let cleanTokens = tokenSteps(.clean, samples: clean.isEmpty ? 0 : batch)
    let attackedTokens = tokenSteps(.attacked, samples: attackedRows)
    // x' is made again from x and the kept perturbation.
    let inputs = attackedRows > 0 ? [attackBuffers(samples: attackedRows)[0]] : []
    let tail =
      hasCleanLoss || attackedRows == 0
      ? tailSteps(samples: batch, branch: .clean) : ([], [])
    let attackedTail = tailSteps(samples: attackedRows, branch: .attacked)
    let words = captionTokens
    var again = texts.flatMap { forward($0) } + words.hold
    let cleanForward =
      imageForward(clean, branch: .clean, samples: batch) + distillationForward()
    var attackedForward: [Step] = []
    if let input = inputs.first {
      attackedForward = [
        .hold(input),
        .pass(
          ElementwisePass(
            label: "attacked inputs", bytesRead: 2 * input.bytes, bytesWritten: input.bytes,
            kernels: 1, function: .attackAgain)),
      ]
    }
    attackedForward += imageForward(attacked, branch: .attacked, samples: attackedRows)
    let cleanBackward =
      cleanTokens.gradient + tail.1
      + imageBackward(clean, branch: .clean, samples: batch) + cleanTokens.drop
    let attackedBackward =
      attackedTokens.gradient + attackedTail.backward
      + imageBackward(attacked, branch: .attacked, samples: attackedRows) + attackedTokens.drop
    let textBackward = textBackward(texts)
    if recipe.isSequential {
      again += cleanForward + tail.0 + words.gradient + cleanBackward
      again += attackedForward + regulariser() + attackedTail.forward + words.drop
      again += attackedBackward + textBackward
    } else {
      again += cleanForward + attackedForward + tail.0 + attackedTail.forward + words.drop
      again += regulariser()
      // Caption decoders send the text tower gradients: it waits for them.
      let waits = !words.hold.isEmpty
      again += waits ? [] : textBackward
      again += words.gradient + attackedBackward + cleanBackward
      again += waits ? textBackward : []
    }
    add(.backward, again)
  }

  // MARK: Feature caches

  private var cachedBranches: [(Pass.Role, Pass.Branch)] {
    [(.text, .clean)] + (hasCleanFeatures ? [(featureRole, .clean)] : [])
      + (adversarial(of: batch) > 0 ? [(featureRole, .attacked)] : [])
      + (recipe.references > 0 ? [(featureRole, .reference)] : [])
  }

  private func cacheHolds(local: Int, attacked: Int) -> [Step] {
    guard isSingle else { return [] }
    return cachedBranches.compactMap { role, branch in
      featureBuffer(role, branch, samples: branch == .attacked ? attacked : local)
        .map { .hold($0) }
    }
  }

  private func cacheDrops(local: Int, attacked: Int) -> [Step] {
    guard isSingle else { return [] }
    return cachedBranches.flatMap { role, branch in
      let samples = branch == .attacked ? attacked : local
      let hasGradient =
        role == .text || branch == .attacked || branch == .clean && hasCleanLoss
      return dropFeatures(role, branch, samples: samples)
        + (hasGradient ? dropFeatures(role, branch, samples: samples, gradient: true) : [])
    }
  }

  /// A micro-batch's features copied to their place among those of all.
  func cache(_ role: Pass.Role, _ branch: Pass.Branch, samples: Int) -> [Step] {
    guard isSingle, let buffer = featureBuffer(role, branch, samples: samples) else { return [] }
    return [
      .pass(
        ElementwisePass(
          label: "cache features", bytesRead: buffer.bytes, bytesWritten: buffer.bytes,
          kernels: 1, function: .cacheFeatures(role, branch)))
    ]
  }
}
