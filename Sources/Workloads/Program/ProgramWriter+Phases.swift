extension ProgramWriter {
  /// The whole program.
  mutating func write() -> StepProgram {
    let images = inputImages
    if let images { add(.imageForward, [.hold(images)]) }
    if isCached {
      writeCachedFeatures()
    } else if recipe.isSequential {
      writeSequential()
    } else {
      writeTogether()
    }
    writeProbe()
    add(.optimizer, [.update] + (images.map { [.drop($0)] } ?? []))
    return StepProgram(
      towers: towers, segments: segments, phases: phases, microBatch: batch,
      accumulation: options.accumulation)
  }

  /// Contrastive accumulation caches features so that the contrastive batch stays whole.
  var isCached: Bool { layout.contrastive != nil && options.accumulation > 1 }

  /// Repeats of every phase where accumulation is plain.
  var plainRepeats: Int { isCached ? 1 : options.accumulation }

  /// The layout's towers with conditioning and references.
  var towers: [StepProgram.Tower] {
    var towers = layout.towers
    if let index = towers.firstIndex(where: { $0.name == conditionedTower }) {
      towers[index].parameters += conditioningParameters
    }
    if recipe.distils, let image = layout.imageChain.first,
      let contrastive = layout.contrastive
    {
      // The student's tokens are projected into the teacher's space: d x d_e.
      towers.append(
        StepProgram.Tower(
          name: "distillation", parameters: width(of: image) * contrastive.width,
          trainable: true))
    }
    if recipe.references > 0, let image = layout.towers.first(where: { $0.name == "image" }) {
      towers.append(
        StepProgram.Tower(
          name: "reference", parameters: image.parameters, trainable: false, isReference: true))
    }
    return towers
  }

  func width(of path: TowerPath) -> Int {
    for entry in path.entries {
      switch entry.spec {
      case .block(let block): return block.width
      case .qformerBlock(let qformer, _, _): return qformer.block.width
      default: continue
      }
    }
    return 0
  }

  /// Extra parameters of the conditioning.
  var conditioningParameters: Int {
    guard recipe.conditioning != .none, recipe.adversarialShare > 0,
      let path = layout.imageChain.first(where: { $0.name == conditionedTower })
    else { return 0 }
    if recipe.conditioning == .classToken { return width(of: path) }
    return path.entries.reduce(0) { sum, entry in
      func count(_ conditioning: LambdaConditioning) -> Int {
        entry.spec.graph(
          BlockShape(
            samples: 1, tokens: entry.tokens, crossTokens: entry.crossTokens,
            conditioning: conditioning), style: .float32
        ).parameterElements
      }
      return sum + entry.count * (count(recipe.conditioning) - count(.none))
    }
  }

  /// Images as they arrive on the device, from the first forward to the end of the step.
  ///
  /// Autocast reads fp32 images and casts them: they stay beside the cast that the patch embedding
  /// keeps. A stack with 16-bit weights casts on arrival: the patch embedding's input is the image.
  /// Cached features need the images of the whole local batch twice, so all stay (open_clip's
  /// `accum_images`, GradCache); plain accumulation loads one micro-batch at a time.
  var inputImages: Buffer? {
    guard imageElements > 0 else { return nil }
    let style = self.style("image")
    let isCast = style.weights != style.compute
    let samples = (isCached ? options.localBatch : batch) - (isCast ? 0 : batch)
    guard samples > 0 else { return nil }
    return Buffer(
      name: "images", bytes: samples * imageElements * style.weights.bytes, category: .activations)
  }

  // MARK: Branches

  /// The clean image chain as far as the recipe trains it.
  mutating func cleanPieces() -> [[Piece]] {
    switch recipe.clean {
    case .none: return []
    case .trained:
      return layout.imageChain.map { pieces(of: $0, samples: batch) }
    case .forwardOnly:
      return layout.imageChain.map { pieces(of: $0, samples: batch, need: GradientNeed.none) }
    case .toLastSelectedLayer:
      return layout.imageChain.prefix(1).map { path in
        let blocks = path.entries.filter(\.spec.isBlock).reduce(0) { $0 + $1.count }
        let depth = Int((recipe.cleanDepth * Double(blocks)).rounded(.up))
        return pieces(of: path, samples: batch, toBlock: max(1, depth))
      }
    }
  }

  /// The adversarial image chain from the attacked site on.
  mutating func adversarialPieces() -> [[Piece]] {
    let samples = adversarial(of: batch)
    guard samples > 0 else { return [] }
    return chain(from: recipe.attackSite, samples: samples, need: nil, chain: layout.imageChain)
  }

  /// A chain from a site to its end.
  ///
  /// What lies before the site is shared with the clean branch.
  mutating func chain(
    from site: AttackSite, samples: Int, need: GradientNeed?, chain: [TowerPath]
  ) -> [[Piece]] {
    switch site {
    case .pixels: return chain.map { pieces(of: $0, samples: samples, need: need) }
    case .block(let index):
      return chain.enumerated().map {
        pieces(of: $1, samples: samples, need: need, fromBlock: $0 == 0 ? index : 0)
      }
    case .encoderOutput:
      return chain.dropFirst().map { pieces(of: $0, samples: samples, need: need) }
    }
  }

  // MARK: Attack

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

  /// The steps of one attack iteration on `samples` images: forward, one-sided loss, input-only
  /// backward, projected signed step on fp32 buffers.
  mutating func attackIteration(samples: Int) -> [Step] {
    let need =
      recipe.attackWeightGradients ? GradientNeed.all : GradientNeed.inputOnly
    var paths = layout.imageChain
    if let size = recipe.attackImageSize {
      paths =
        model.layout(
          frozen: options.frozen, patchDropout: options.patchDropout, imageSize: size
        ).imageChain
    }
    let chains = chain(from: recipe.attackSite, samples: samples, need: need, chain: paths)
    var steps = chains.flatMap { forward($0) }
    if let contrastive = layout.contrastive {
      steps += loss(
        ContrastiveLossSpec(
          imageRows: samples, textRows: 0, columns: options.globalBatch,
          width: contrastive.width, kind: contrastive.kind,
          vectorsPerImage: contrastive.vectorsPerImage),
        need: GradientNeed(weights: false, input: true, cross: false))
    } else {
      // Families without a contrastive loss are attacked through their own.
      let tails = layout.tail.map { pieces(of: $0, samples: samples, need: need) }
      steps += tails.flatMap { forward($0) }
      steps += tails.reversed().flatMap { backward($0, synchronises: false) }
    }
    steps += chains.reversed().flatMap { backward($0, synchronises: false) }
    let bytes = samples * perturbedElements * 4
    // delta <- clip(delta + alpha sign(gradient)), x' = clip(x + delta), a cast for the tower.
    steps.append(
      .pass(
        ElementwisePass(
          label: "attack update", bytesRead: 3 * bytes, bytesWritten: 2 * bytes + bytes / 2,
          kernels: 4)))
    return steps
  }

  /// x, delta and x' in fp32; x where the step does not hold it already.
  func attackBuffers(samples: Int) -> [Buffer] {
    let bytes = samples * perturbedElements * 4
    // Autocast holds the clean images in fp32 anyway.
    let style = self.style("image")
    let isHeld = recipe.attackSite == .pixels && style.weights != style.compute
    return (["attacked inputs", "perturbation"] + (isHeld ? [] : ["clean inputs"])).map {
      Buffer(name: $0, bytes: bytes, category: .activations)
    }
  }

  /// All attack phases; the attacked inputs stay held.
  mutating func writeAttack(repeats: Int) -> [Buffer] {
    let samples = adversarial(of: batch)
    guard samples > 0, recipe.attackSteps > 0 else { return [] }
    let buffers = attackBuffers(samples: samples)
    add(.attack, buffers.map { .hold($0) })
    add(.attack, attackIteration(samples: samples), repeats: recipe.attackSteps * repeats)
    add(.attack, buffers.dropFirst().map { .drop($0) })
    return [buffers[0]]
  }

  // MARK: Losses

  /// A loss forward and backward down to the features.
  mutating func loss(_ spec: ContrastiveLossSpec, need: GradientNeed) -> [Step] {
    let tower = layout.towers.firstIndex { $0.name == "loss" } ?? 0
    let segment = StepProgram.Segment(
      spec: .contrastiveLoss(spec), shape: BlockShape(samples: spec.imageRows, tokens: 1),
      style: options.defaultStyle, tower: tower)
    let id: Int
    if let known = segmentIndex[segment] {
      id = known
    } else {
      segments.append(segment)
      id = segments.count - 1
      segmentIndex[segment] = id
    }
    return [
      .forward(segment: id, count: 1, keep: .all, need: need, blocks: nil),
      .backward(
        segment: id, count: 1, keep: .all, need: need, blocks: nil, synchronises: false),
    ]
  }

  /// Gathers of features forward, their reduce-scatters backward, and the symmetric losses.
  mutating func contrastiveSteps(local: Int, clean: Bool, adversarialRows: Int) -> [Step] {
    let parts = contrastiveParts(local: local, clean: clean, adversarialRows: adversarialRows)
    return parts.opening + parts.losses.flatMap { $0 } + parts.closing
  }

  /// The same, cut: gathers, each loss as forward and backward, what follows the last backward.
  mutating func contrastiveParts(
    local: Int, clean: Bool, adversarialRows: Int
  ) -> (opening: [Step], losses: [[Step]], closing: [Step]) {
    guard let contrastive = layout.contrastive else { return ([], [], []) }
    let global = local * options.dataParallel
    let bytes = global * contrastive.width * options.defaultStyle.compute.bytes
    var steps: [Step] = []
    var gathered: [(String, Int)] = [("text features", bytes)]
    if clean { gathered.append(("image features", bytes * contrastive.vectorsPerImage)) }
    if adversarialRows > 0 {
      gathered.append(("attacked image features", bytes * contrastive.vectorsPerImage))
    }
    for (label, bytes) in gathered {
      steps.append(.collective(Collective(kind: .allGather, label: label, bytes: bytes)))
    }
    let isGlobal = options.gather == .global
    func spec(imageRows: Int, textRows: Int) -> ContrastiveLossSpec {
      ContrastiveLossSpec(
        imageRows: imageRows, textRows: textRows, columns: global, width: contrastive.width,
        kind: contrastive.kind, vectorsPerImage: contrastive.vectorsPerImage)
    }
    let held = Buffer(
      name: "gathered features", bytes: 2 * gathered.reduce(0) { $0 + $1.1 }, category: .loss)
    steps.append(.hold(held))
    var losses: [[Step]] = []
    if clean {
      var whole = spec(imageRows: isGlobal ? global : local, textRows: isGlobal ? 0 : local)
      whole.sharedMatrix = isGlobal
      losses.append(loss(whole, need: .all))
    }
    if adversarialRows > 0 {
      losses.append(loss(spec(imageRows: adversarialRows, textRows: local), need: .all))
    }
    var closing: [Step] = [.drop(held)]
    for (label, bytes) in gathered {
      closing.append(
        .collective(Collective(kind: .reduceScatter, label: "d " + label, bytes: bytes)))
    }
    return (steps, losses, closing)
  }

  /// The regulariser on tapped layers: distances and norms forward, a scaled difference backward.
  func regulariser() -> [Step] {
    guard recipe.taps > 0, recipe.adversarialShare > 0, let path = layout.imageChain.first else {
      return []
    }
    let tokens = path.entries.first?.tokens ?? 0
    let type = style(path.name).residual
    let bytes = recipe.taps * adversarial(of: batch) * tokens * width(of: path) * type.bytes
    return [
      .pass(
        ElementwisePass(
          label: "layer regulariser", bytesRead: 4 * bytes, bytesWritten: 2 * bytes,
          kernels: 4 * recipe.taps)),
      .collective(
        Collective(kind: .allReduce, label: "layer statistics", bytes: 4 * 2 * recipe.taps)),
    ]
  }
}
