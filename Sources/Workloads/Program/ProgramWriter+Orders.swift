/// The order of a step: branches together, one after the other, or features first.
extension ProgramWriter {
  /// Whether the clean images have a loss of their own.
  var hasCleanLoss: Bool { recipe.clean == .trained }
  /// Whether the clean images are followed to their features.
  var hasCleanFeatures: Bool { recipe.clean == .trained || recipe.clean == .forwardOnly }

  /// Forward of all chains of a branch, then what of it is held.
  mutating func imageForward(_ pieces: [[Piece]], branch: Pass.Branch, samples: Int) -> [Step] {
    var steps: [Step] = []
    for chain in pieces {
      guard let first = chain.first else { continue }
      let role = passes[first.pass].role
      guard let path = layout.imageChain.first(where: { $0.role == role }) else { continue }
      steps += forwardWithTaps(chain, branch: branch, path: path)
      if branch == .clean, role == .image, featureRole != .image,
        recipe.attackSite == .encoderOutput
      {
        steps += siteCopy()
      }
    }
    // An attack on features leaves no pass to run: what was perturbed is the feature.
    guard !pieces.isEmpty || branch == .attacked && samples > 0 else { return [] }
    steps += tokenSteps(branch, samples: samples).hold
    if branch == .attacked || hasCleanFeatures {
      steps += holdFeatures(featureRole, branch, samples: samples)
    }
    if branch == .clean, featureRole == .image, recipe.attackSite == .encoderOutput {
      steps += siteCopy()
    }
    return steps
  }

  /// Both branches live at once: one loss, then text, tails, adversarial and clean backward.
  mutating func writeTogether() {
    beginLoop()
    let attackedRows = adversarial(of: batch)
    let texts = layout.textChain.map { pieces(of: $0, branch: .clean, samples: batch) }
    let words = captionTokens
    let clean = cleanPieces()
    let attacked = adversarialPieces()
    add(
      .textForward,
      texts.flatMap { forward($0) } + words.hold + holdFeatures(.text, .clean, samples: batch))
    add(
      .imageForward,
      imageForward(clean, branch: .clean, samples: batch) + referenceSteps())
    let inputs = writeAttack()
    add(.adversarialForward, imageForward(attacked, branch: .attacked, samples: attackedRows))
    writeRefresh()
    writeProbe()
    // Where passes follow, one sum of all losses is differentiated: the logits wait for them.
    let waits = !layout.tail.isEmpty
    let losses = contrastiveParts(
      local: batch, clean: hasCleanLoss, adversarialRows: attackedRows, isReversed: waits)
    let features = featureDrops(attackedRows: attackedRows)
    add(
      .loss,
      losses.opening
        + losses.losses.flatMap { waits ? Array($0.prefix(1)) : $0 }
        + (waits ? [] : losses.closing + features)
        + distillationForward() + regulariser() + (waits ? [] : reweighting()))
    let cleanTokens = tokenSteps(.clean, samples: clean.isEmpty ? 0 : batch)
    let attackedTokens = tokenSteps(.attacked, samples: attackedRows)
    // The clean chain's passes behind the loss, then those of the adversarial branch.
    var back: [Step] = []
    if hasCleanLoss || attackedRows == 0 {
      let tail = tailSteps(samples: batch, branch: .clean)
      add(.textForward, tail.forward + (attackedRows > 0 ? [] : words.drop))
      back += words.gradient + cleanTokens.gradient + tail.backward
    }
    if attackedRows > 0 {
      let tail = tailSteps(samples: attackedRows, branch: .attacked)
      let begins = back.isEmpty ? words.gradient : []
      if !back.isEmpty {
        add(.backward, back)
        back = []
      }
      add(.adversarialForward, tail.forward + words.drop)
      back += begins + attackedTokens.gradient + tail.backward
    }
    if waits {
      add(.backward, back)
      back = []
      add(
        .loss,
        losses.losses.reversed().flatMap { $0.dropFirst() } + losses.closing + features
          + reweighting())
    }
    back += textBackward(texts) + textGradientDrop()
    back += imageBackward(attacked, branch: .attacked, samples: attackedRows)
    if attackedRows > 0 {
      back += attackedTokens.drop
      back += dropFeatures(featureRole, .attacked, samples: attackedRows, gradient: true)
    }
    back += inputs.map { .drop($0) }
    // A clean branch that ends at a selected layer has no passes behind the loss.
    if !hasCleanLoss, attackedRows > 0, !clean.isEmpty { back += cleanTokens.gradient }
    back += imageBackward(clean, branch: .clean, samples: batch)
    if recipe.distils { back += referenceDrop }
    if !clean.isEmpty {
      back += cleanTokens.drop
      if hasCleanLoss { back += dropFeatures(featureRole, .clean, samples: batch, gradient: true) }
    }
    add(.backward, back)
    endLoop()
  }

  /// Features that no loss reads any more.
  func featureDrops(attackedRows: Int) -> [Step] {
    guard layout.contrastive != nil else { return [] }
    var steps = dropFeatures(.text, .clean, samples: batch)
    if hasCleanFeatures {
      steps += dropFeatures(featureRole, .clean, samples: batch)
    }
    if attackedRows > 0 { steps += dropFeatures(featureRole, .attacked, samples: attackedRows) }
    if !recipe.distils { steps += referenceDrop }
    return steps
  }

  func textGradientDrop() -> [Step] {
    layout.textChain.isEmpty || layout.contrastive == nil
      ? [] : dropFeatures(.text, .clean, samples: batch, gradient: true)
  }

  /// Branches one after the other: the clean branch is finished and freed before the attack; the
  /// text graph stays until both have sent it their gradients.
  mutating func writeSequential() {
    beginLoop()
    let attackedRows = adversarial(of: batch)
    let texts = layout.textChain.map { pieces(of: $0, branch: .clean, samples: batch) }
    let words = captionTokens
    let clean = cleanPieces()
    let lump = lumpedTaps.map { [Step.hold($0)] } ?? []
    add(
      .textForward,
      texts.flatMap { forward($0) } + words.hold + holdFeatures(.text, .clean, samples: batch))
    add(
      .imageForward,
      imageForward(clean, branch: .clean, samples: batch) + lump + referenceSteps())
    add(.loss, contrastiveSteps(local: batch, clean: true, adversarialRows: 0))
    let tail = tailSteps(samples: batch, branch: .clean)
    let tokens = tokenSteps(.clean, samples: batch)
    add(.textForward, tail.forward)
    add(
      .backward,
      words.gradient + tokens.gradient + tail.backward
        + imageBackward(clean, branch: .clean, samples: batch) + tokens.drop
        + dropFeatures(featureRole, .clean, samples: batch, gradient: true))
    let attacked = adversarialPieces()
    let inputs = writeAttack()
    add(.adversarialForward, imageForward(attacked, branch: .attacked, samples: attackedRows))
    add(
      .loss,
      contrastiveSteps(local: batch, clean: false, adversarialRows: attackedRows)
        + featureDrops(attackedRows: attackedRows) + regulariser())
    let attackedTail = tailSteps(samples: attackedRows, branch: .attacked)
    let attackedTokens = tokenSteps(.attacked, samples: attackedRows)
    add(.adversarialForward, attackedTail.forward + words.drop)
    var back = attackedTokens.gradient + attackedTail.backward
    back += imageBackward(attacked, branch: .attacked, samples: attackedRows)
    back += attackedTokens.drop
    back += dropFeatures(featureRole, .attacked, samples: attackedRows, gradient: true)
    back += lumpedTaps.map { [.drop($0)] } ?? []
    back += textBackward(texts) + textGradientDrop()
    add(.backward, back)
    writeRefresh()
    add(.backward, inputs.map { .drop($0) })
    endLoop()
  }
}
