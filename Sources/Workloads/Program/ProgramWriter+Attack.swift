extension ProgramWriter {
  /// Elements per sample that the attack perturbs.
  var perturbedElements: Int {
    guard let path = layout.imageChain.first else { return 0 }
    let tokens = path.entries.first?.tokens ?? 0
    switch recipe.attackSite {
    case .pixels: return imageElements
    case .block: return tokens * width(of: path)
    case .encoderOutput:
      return layout.imageChain.count > 1
        ? tokens * width(of: path) : layout.contrastive?.width ?? tokens * width(of: path)
    }
  }

  /// The chain under attack, in another size where the recipe says so.
  var attackedChain: [TowerPath] {
    var paths = layout.imageChain
    if let size = recipe.attackImageSize {
      paths =
        model.layout(
          frozen: options.frozen, partial: options.partial, patchDropout: options.patchDropout,
          imageSize: size
        ).imageChain
      Self.condition(&paths, recipe.conditioning)
    }
    return paths.map(\.withoutCachedQueries)
  }

  /// The steps of one attack iteration on `samples` images: forward, one-sided loss, input-only
  /// backward, projected signed step on fp32 buffers.
  mutating func attackIteration(samples: Int) -> [Step] {
    let need =
      recipe.attackWeightGradients ? GradientNeed.all : GradientNeed.inputOnly
    let chains = chain(
      from: recipe.attackSite, branch: .attack, samples: samples, need: need,
      chain: attackedChain)
    var steps = chains.flatMap { forward($0) }
    let tokens = tokenSteps(.attack, samples: samples)
    steps += tokens.hold
    if let contrastive = layout.contrastive {
      var spec = ContrastiveLossSpec(
        imageRows: samples, textRows: 0, columns: classes ?? options.globalBatch,
        width: contrastive.width,
        kind: contrastive.kind, vectorsPerImage: contrastive.vectorsPerImage)
      spec.isAttack = true
      spec.hasClasses = classes != nil
      // Classes are exact: only the loss of a training step spreads its labels.
      spec.smoothing = classes == nil ? contrastive.smoothing : 0
      steps += loss(
        spec, need: GradientNeed(weights: false, input: true, cross: false), branch: .attack,
        samples: samples)
    } else {
      // Families without a contrastive loss are attacked through their own.
      let tails = layout.tail.map {
        pieces(of: $0, branch: .attack, samples: samples, need: need)
      }
      steps += tails.flatMap { forward($0) }
      for (path, pieces) in zip(layout.tail, tails).reversed() {
        steps += tailBackward(pieces, path: path, branch: .attack, synchronises: false)
      }
    }
    steps += tokens.gradient
    steps += chains.reversed().flatMap { backward($0, synchronises: false) }
    steps += tokens.drop
    let bytes = samples * perturbedElements * 4
    // delta <- clip(delta + alpha sign(gradient)), x' = clip(x + delta), a cast for the tower.
    let isFused = style("image").epilogues
    steps.append(
      .pass(
        ElementwisePass(
          label: "attack update", bytesRead: 3 * bytes,
          bytesWritten: 2 * bytes + (isFused ? 0 : bytes / 2), kernels: isFused ? 1 : 4,
          function: .attackUpdate)))
    return steps
  }

  /// x, delta and x' in fp32; x where the step does not hold it already.
  func attackBuffers(samples: Int) -> [Buffer] {
    let bytes = samples * perturbedElements * 4
    // Autocast holds the clean images in fp32 anyway, and so does the core.
    let style = self.style("image")
    let isHeld =
      recipe.attackSite == .pixels && (style.weights != style.compute || style.epilogues)
    let contents: [(String, Buffer.Content)] =
      [("attacked inputs", .attackedInputs), ("perturbation", .perturbation)]
      + (isHeld ? [] : [("clean inputs", .cleanInputs)])
    return contents.map {
      Buffer(name: $0.0, bytes: bytes, category: .activations, content: $0.1)
    }
  }

  /// All attack phases; the attacked inputs stay held.
  mutating func writeAttack() -> [Buffer] {
    let samples = adversarial(of: batch)
    guard samples > 0, recipe.attackSteps > 0 else { return [] }
    let buffers = attackBuffers(samples: samples)
    // Inside the model, the clean branch has left what is attacked.
    let isLeft = copiesSite
    add(
      .attack,
      buffers.filter { !isLeft || $0.content != .cleanInputs }.map { .hold($0) }
        + [attackStart(samples: samples)])
    add(.attack, attackIteration(samples: samples), repeats: recipe.attackSteps)
    add(.attack, buffers.dropFirst().map { .drop($0) })
    return [buffers[0]]
  }

  /// Whether the clean forward copies the attacked site's value as it passes.
  var copiesSite: Bool {
    recipe.attackSite != .pixels && style("image").epilogues && adversarial(of: batch) > 0
  }

  /// The copy, behind the stretch that has made the value.
  func siteCopy() -> [Step] {
    let buffers = attackBuffers(samples: adversarial(of: batch))
    guard copiesSite, let clean = buffers.first(where: { $0.content == .cleanInputs }) else {
      return []
    }
    return [
      .hold(clean),
      .pass(
        ElementwisePass(
          label: "attacked site", bytesRead: clean.bytes, bytesWritten: clean.bytes, kernels: 1,
          function: .siteInputs)),
    ]
  }

  /// Whether the attacked block begins behind a piece of the clean image forward.
  func siteBegins(behind pieces: [Piece], at index: Int) -> Bool {
    guard copiesSite, case .block(let block) = recipe.attackSite else { return false }
    if let end = pieces[index].endLayer { return end == block }
    return block == 0 && index + 1 < pieces.count && pieces[index + 1].blocks != nil
  }

  /// Uniform perturbations within eps, and x' with them.
  func attackStart(samples: Int) -> Step {
    let bytes = samples * perturbedElements * 4
    return .pass(
      ElementwisePass(
        label: "attack start", bytesRead: bytes, bytesWritten: 2 * bytes,
        kernels: style("image").epilogues ? 1 : 3, function: .attackStart))
  }

  /// LSA's analysis on a few attacked samples every R steps.
  mutating func writeProbe() {
    guard recipe.probeSamples > 0, !layout.imageChain.isEmpty else { return }
    let samples = min(recipe.probeSamples, batch)
    let buffers = attackBuffers(samples: samples)
    let every = recipe.refreshSteps
    add(.attack, buffers.map { .hold($0) } + [attackStart(samples: samples)], every: every)
    add(
      .attack, attackIteration(samples: samples), repeats: recipe.probeAttackSteps, every: every)
    writeComparison(.attack, samples: samples)
    add(.attack, buffers.map { .drop($0) }, every: every)
  }
}
