extension ProgramWriter {
  /// A loss forward and backward down to the features.
  mutating func loss(
    _ spec: ContrastiveLossSpec, need: GradientNeed, branch: Pass.Branch, samples: Int
  ) -> [Step] {
    let id = segment(
      StepProgram.Segment(
        spec: .contrastiveLoss(spec), shape: BlockShape(samples: spec.imageRows, tokens: 1),
        style: options.defaultStyle, tower: towerNames.firstIndex(of: "loss") ?? 0))
    let pass = pass(.loss, branch, samples: samples)
    return [
      .forward(segment: id, count: 1, keep: .all, need: need, blocks: nil, pass: pass),
      .backward(
        segment: id, count: 1, keep: .all, need: need, blocks: nil, synchronises: false,
        pass: pass),
    ]
  }

  /// The stretch whose output is compared with texts.
  var featureRole: Pass.Role { layout.imageChain.last?.role ?? .image }

  /// Features of a branch, or their gradients, as a buffer.
  func featureBuffer(
    _ role: Pass.Role, _ branch: Pass.Branch, samples: Int, gradient: Bool = false
  ) -> Buffer? {
    guard let contrastive = layout.contrastive else { return nil }
    let vectors = role == .text ? 1 : contrastive.vectorsPerImage
    return Buffer(
      name: (gradient ? "gradients of " : "") + "\(branch.rawValue) \(role.rawValue) features",
      bytes: samples * vectors * contrastive.width * options.defaultStyle.compute.bytes,
      category: .loss,
      content: gradient ? .featureGradients(role, branch) : .features(role, branch))
  }

  /// Holds the features that a forward has just made; on many ranks the gathered ones are held.
  func holdFeatures(_ role: Pass.Role, _ branch: Pass.Branch, samples: Int) -> [Step] {
    guard isSingle, !isCached else { return [] }
    return featureBuffer(role, branch, samples: samples).map { [.hold($0)] } ?? []
  }

  /// Drops features, or gradients whose backward has begun.
  func dropFeatures(
    _ role: Pass.Role, _ branch: Pass.Branch, samples: Int, gradient: Bool = false
  ) -> [Step] {
    guard isSingle else { return [] }
    return featureBuffer(role, branch, samples: samples, gradient: gradient).map { [.drop($0)] }
      ?? []
  }

  /// What becomes of the gradient that a loss has made for features: the first is held, further
  /// ones are added.
  mutating func deliver(_ role: Pass.Role, _ branch: Pass.Branch, samples: Int) -> [Step] {
    guard isSingle,
      let buffer = featureBuffer(role, branch, samples: samples, gradient: true),
      let content = buffer.content
    else { return [] }
    if delivered.insert(content).inserted { return [.hold(buffer)] }
    return [
      .pass(
        ElementwisePass(
          label: "add " + buffer.name, bytesRead: 2 * buffer.bytes, bytesWritten: buffer.bytes,
          kernels: 1, function: .addFeatureGradient(role, branch)))
    ]
  }

  /// Gathers of features forward, their reduce-scatters backward, and the symmetric losses.
  mutating func contrastiveSteps(local: Int, clean: Bool, adversarialRows: Int) -> [Step] {
    let parts = contrastiveParts(local: local, clean: clean, adversarialRows: adversarialRows)
    return parts.opening + parts.losses.flatMap { $0 } + parts.closing
  }

  /// The same, cut: gathers, each loss as forward and backward, what follows the last backward.
  ///
  /// `isReversed`: the last loss is differentiated first.
  mutating func contrastiveParts(
    local: Int, clean: Bool, adversarialRows: Int, isReversed: Bool = false
  ) -> (opening: [Step], losses: [[Step]], closing: [Step]) {
    guard let contrastive = layout.contrastive else { return ([], [], []) }
    let global = local * options.dataParallel
    func spec(imageRows: Int, textRows: Int) -> ContrastiveLossSpec {
      var spec = ContrastiveLossSpec(
        imageRows: imageRows, textRows: textRows, columns: global, width: contrastive.width,
        kind: contrastive.kind, vectorsPerImage: contrastive.vectorsPerImage)
      spec.smoothing = contrastive.smoothing
      return spec
    }
    let isGlobal = options.gather == .global || isSingle
    var losses: [[Step]] = []
    var targets: [[(role: Pass.Role, branch: Pass.Branch, samples: Int)]] = []
    if clean {
      var whole = spec(imageRows: isGlobal ? global : local, textRows: isGlobal ? 0 : local)
      whole.sharedMatrix = isGlobal
      losses.append(loss(whole, need: .all, branch: .clean, samples: local))
      targets.append([(featureRole, .clean, local), (.text, .clean, local)])
    }
    if adversarialRows > 0 {
      var attacked = spec(imageRows: adversarialRows, textRows: isSingle ? 0 : local)
      if isSingle {
        attacked.sharedMatrix = true
        attacked.mixesClean = adversarialRows < local
        // One after the other, the clean branch is held fixed whatever order its features come in.
        attacked.cleanIsDetached =
          attacked.mixesClean && (recipe.isSequential || !(clean && hasCleanLoss))
        attacked.isAnchored = recipe.references > 0 && !recipe.distils
      }
      losses.append(
        loss(attacked, need: .all, branch: .attacked, samples: adversarialRows))
      let reachesClean = attacked.mixesClean && !attacked.cleanIsDetached
      targets.append(
        [(featureRole, .attacked, adversarialRows), (.text, .clean, local)]
          + (reachesClean ? [(featureRole, .clean, local)] : []))
    }
    // The first gradient is held, later ones are added: in the order in which they come.
    for index in isReversed ? Array(losses.indices.reversed()) : Array(losses.indices) {
      for target in targets[index] {
        losses[index] += deliver(target.role, target.branch, samples: target.samples)
      }
    }
    guard !isSingle else { return ([], losses, []) }
    let bytes = global * contrastive.width * options.defaultStyle.compute.bytes
    var gathered: [(String, Int)] = [("text features", bytes)]
    if clean { gathered.append(("image features", bytes * contrastive.vectorsPerImage)) }
    if adversarialRows > 0 {
      gathered.append(("attacked image features", bytes * contrastive.vectorsPerImage))
    }
    let held = Buffer(
      name: "gathered features", bytes: 2 * gathered.reduce(0) { $0 + $1.1 }, category: .loss)
    let opening: [Step] =
      gathered.map {
        .collective(Collective(kind: .allGather, label: $0.0, bytes: $0.1))
      } + [.hold(held)]
    let closing: [Step] =
      [.drop(held)]
      + gathered.map {
        .collective(Collective(kind: .reduceScatter, label: "d " + $0.0, bytes: $0.1))
      }
    return (opening, losses, closing)
  }

  /// Gradient norms of the last layer for every loss term; the core weighs terms by their sizes.
  func reweighting() -> [Step] {
    guard recipe.reweightsLosses, let contrastive = layout.contrastive else { return [] }
    guard !options.defaultStyle.epilogues else {
      return [
        .pass(
          ElementwisePass(
            label: "loss weights", bytesRead: 0, bytesWritten: 0, kernels: 0,
            function: .lossWeights(terms: 2)))
      ]
    }
    let bytes = contrastive.width * contrastive.width * 4
    return [
      .pass(
        ElementwisePass(
          label: "loss weights", bytesRead: 2 * bytes, bytesWritten: 0, kernels: 6))
    ]
  }
}
