/// LSA's analysis and regulariser: which layers are compared, when, and what is held for it.
extension ProgramWriter {
  /// The stretch whose layers are compared: the image tower, or the bridge where it is frozen; the
  /// one that makes features where they have a teacher.
  var comparedPath: TowerPath? {
    studentPath ?? layout.imageChain.first { $0.trainable } ?? layout.imageChain.first
  }

  /// Whether steps say exactly which layers are regularised.
  var isExact: Bool { recipe.taps > 0 && recipe.selection != nil && adversarial(of: batch) > 0 }

  /// Blocks behind which something happens on this path: selected layers are cut out.
  func cuts(in path: TowerPath) -> [Int] {
    var site: [Int] = []
    if case .block(let block) = recipe.attackSite, copiesSite, path.role == .image {
      site = [block]
    }
    return site + tapCuts(in: path)
  }

  private func tapCuts(in path: TowerPath) -> [Int] {
    guard isExact, path.role == comparedPath?.role, let selection = recipe.selection else {
      return []
    }
    return selection.map { $0 + 1 }
  }

  /// Bytes of one sample's output of one layer.
  var layerBytesPerSample: Int {
    guard let path = comparedPath else { return 0 }
    let tokens = path.entries.last { $0.spec.isBlock }?.tokens ?? 0
    return tokens * width(of: path) * style(path.name).residual.bytes
  }

  /// Bytes of one layer's output for the attacked samples.
  var layerBytes: Int { adversarial(of: batch) * layerBytesPerSample }

  /// Whether the clean branch is gone, or has no gradient, when the attacked one is differentiated.
  var isCleanDetached: Bool { recipe.isSequential || recipe.clean == .forwardOnly }

  /// A forward with what it must leave behind: copies of selected layers where the branch forgets
  /// them, the last block's output where its head does.
  mutating func forwardWithTaps(_ pieces: [Piece], branch: Pass.Branch, path: TowerPath) -> [Step] {
    if branch == .clean, path.role == studentPath?.role {
      return forwardForTeacher(pieces)
    }
    let selection = isExact && path.role == comparedPath?.role ? recipe.selection ?? [] : []
    var steps: [Step] = []
    for (index, piece) in pieces.enumerated() {
      steps += forward([piece])
      if branch == .clean, path.role == .image, siteBegins(behind: pieces, at: index) {
        steps += siteCopy()
      }
      guard let end = piece.endLayer, selection.contains(end - 1) else { continue }
      if branch == .clean, isCleanDetached {
        let bytes = layerBytes
        steps.append(.hold(tapBuffer(layer: end - 1)))
        steps.append(
          .pass(
            ElementwisePass(
              label: "tap", bytesRead: bytes, bytesWritten: bytes, kernels: 1,
              function: .tap(layer: end - 1))))
      } else if let last = lastBlock(pieces, after: index, branch: branch) {
        steps.append(.hold(last))
      }
    }
    return steps
  }

  /// The last block's output, if what follows does not keep its input.
  func lastBlock(_ pieces: [Piece], after index: Int, branch: Pass.Branch) -> Buffer? {
    if index + 1 < pieces.count {
      let next = segments[pieces[index + 1].segment]
      let graph = next.spec.graph(next.shape, style: next.style)
      let need = pieces[index + 1].need
      let kept = graph.backward(need, gradientType: next.style.gradients).kept
      if graph.inputs.first.map(kept.contains) == true { return nil }
    }
    let samples = branch == .clean ? batch : adversarial(of: batch)
    return Buffer(
      name: "last block of the \(branch.rawValue) branch",
      bytes: layerBytesPerSample * samples, category: .activations,
      content: .lastBlock(branch))
  }

  func tapBuffer(layer: Int) -> Buffer {
    Buffer(
      name: "tap of layer \(layer)", bytes: layerBytes, category: .activations,
      content: .tap(layer: layer))
  }

  private func tapGradientBuffer(layer: Int) -> Buffer {
    Buffer(
      name: "tap gradient of layer \(layer)", bytes: layerBytes, category: .activations,
      content: .tapGradient(layer: layer))
  }

  /// Clean block outputs of the selected layers, kept while the adversarial branch runs: one lump
  /// where it is not said which layers are selected.
  var lumpedTaps: Buffer? {
    guard recipe.taps > 0, recipe.selection == nil else { return nil }
    return Buffer(name: "clean taps", bytes: recipe.taps * layerBytes, category: .activations)
  }

  /// A backward with the regulariser's gradients between blocks.
  mutating func backwardWithTaps(_ pieces: [Piece], branch: Pass.Branch, path: TowerPath) -> [Step]
  {
    if branch == .clean, path.role == studentPath?.role {
      return backwardForTeacher(pieces)
    }
    guard isExact, path.role == comparedPath?.role, let selection = recipe.selection else {
      return backward(pieces)
    }
    var steps: [Step] = []
    for (index, piece) in pieces.enumerated().reversed() where piece.need.any {
      if let end = piece.endLayer, selection.contains(end - 1),
        branch == .attacked || !isCleanDetached
      {
        let held = lastBlock(pieces, after: index, branch: branch)
        // Behind the last block of an image tower there may be a bridge, whose gradient has come.
        let starts = recipe.clean == .toLastSelectedLayer && index == pieces.count - 1
        steps += layerGradient(layer: end - 1, branch: branch, starts: starts)
        if let held { steps.append(.drop(held)) }
      }
      steps.append(backward(piece))
    }
    return steps
  }

  private func layerGradient(layer: Int, branch: Pass.Branch, starts: Bool) -> [Step] {
    let bytes = layerBytes
    if branch == .clean {
      guard !isCleanDetached else { return [] }
      return [
        .pass(
          ElementwisePass(
            label: "tap gradient", bytesRead: (starts ? 1 : 2) * bytes, bytesWritten: bytes,
            kernels: 1, function: .tapGradient(layer: layer, starts: starts))),
        .drop(tapGradientBuffer(layer: layer)),
      ]
    }
    let pass = Step.pass(
      ElementwisePass(
        label: "layer gradient", bytesRead: 2 * bytes + 3 * adversarial(of: batch) * 4,
        bytesWritten: (isCleanDetached ? 1 : 2) * bytes, kernels: 1,
        function: .layerGradient(layer: layer, detached: isCleanDetached)))
    return isCleanDetached
      ? [pass, .drop(tapBuffer(layer: layer))]
      : clearing(tapGradientBuffer(layer: layer)) + [pass]
  }

  /// The regulariser on tapped layers: distances and norms forward; where it is not said which
  /// layers are selected, a scaled difference backward too.
  func regulariser() -> [Step] {
    guard recipe.taps > 0, adversarial(of: batch) > 0, comparedPath != nil else { return [] }
    let bytes = layerBytes
    var steps: [Step] = []
    if let selection = recipe.selection {
      steps = selection.map {
        .pass(
          ElementwisePass(
            label: "layer measure", bytesRead: 2 * bytes,
            bytesWritten: 2 * adversarial(of: batch) * 4, kernels: 1,
            function: .layerMeasure(layer: $0)))
      }
    } else {
      steps = [
        .pass(
          ElementwisePass(
            label: "layer regulariser", bytesRead: 4 * recipe.taps * bytes,
            bytesWritten: 2 * recipe.taps * bytes, kernels: 4 * recipe.taps))
      ]
    }
    return steps
      + collective(.allReduce, "layer statistics", bytes: 4 * 2 * recipe.taps)
  }

  func collective(_ kind: Collective.Kind, _ label: String, bytes: Int) -> [Step] {
    isSingle ? [] : [.collective(Collective(kind: kind, label: label, bytes: bytes))]
  }

  /// Every R steps the selection is refreshed from norms over all layers.
  ///
  /// With both branches trained and live the block inputs of both are there already. Otherwise both
  /// run once more, side by side as one batch, and no more than one pair of outputs is kept.
  mutating func writeRefresh() {
    guard recipe.taps > 0, adversarial(of: batch) > 0, let path = comparedPath else { return }
    guard recipe.isSequential || recipe.clean != .trained || isCached else {
      let blocks = attackedBlocks(of: path)
      guard blocks > 0 else { return }
      add(
        .loss,
        [
          .pass(
            ElementwisePass(
              label: "layer comparison", bytesRead: 2 * blocks * layerBytes,
              bytesWritten: 2 * blocks * adversarial(of: batch) * 4, kernels: blocks,
              function: .layerComparison(layers: blocks)))
        ] + collective(.allReduce, "layer statistics", bytes: 8 * blocks),
        every: recipe.refreshSteps)
      return
    }
    writeComparison(.loss, samples: adversarial(of: batch))
  }

  /// Blocks behind the attacked site: the others are the same in both branches.
  private func attackedBlocks(of path: TowerPath) -> Int {
    guard path.role == .image else { return path.blocks }
    switch recipe.attackSite {
    case .pixels: return path.blocks
    case .block(let index): return max(0, path.blocks - index)
    case .encoderOutput: return 0
    }
  }

  /// Pieces that differ in nothing but what is trained, as one.
  private func joined(_ pieces: [Piece]) -> [Piece] {
    pieces.reduce(into: []) { joined, piece in
      if let last = joined.last, last.segment == piece.segment, last.endLayer == piece.blocks?.layer
      {
        joined[joined.count - 1].count += piece.count
      } else {
        joined.append(piece)
      }
    }
  }

  /// The blocks of a piece, one by one.
  private func singles(_ piece: Piece) -> [Piece] {
    (0..<piece.count).map { application in
      var single = piece
      single.count = 1
      single.blocks?.first += application
      single.blocks?.layer += application
      return single
    }
  }

  /// Clean and attacked images through the compared layers as one batch, a layer at a time.
  mutating func writeComparison(_ name: StepProgram.PhaseName, samples: Int) {
    guard let path = comparedPath else { return }
    let every = recipe.refreshSteps
    let paths = layout.imageChain.prefix { $0.role != path.role }
    // Both versions of the images stand side by side while the first segment reads them.
    let inputs = Buffer(
      name: "compared inputs", bytes: 2 * samples * imageElements * 4, category: .activations,
      content: .comparisonInputs)
    var steps: [Step] = [
      .hold(inputs),
      .pass(
        ElementwisePass(
          label: "compared inputs", bytesRead: inputs.bytes, bytesWritten: inputs.bytes,
          kernels: 2, function: .comparisonInputs)),
    ]
    for before in paths {
      steps += forward(
        pieces(of: before, branch: .comparison, samples: 2 * samples, need: GradientNeed.none),
        keeping: false)
    }
    let all = pieces(of: path, branch: .comparison, samples: 2 * samples, need: GradientNeed.none)
    let layerBytes = layerBytesPerSample * samples
    let compare = Step.pass(
      ElementwisePass(
        label: "layer comparison", bytesRead: 2 * layerBytes, bytesWritten: 2 * samples * 4,
        kernels: 1, function: .layerComparison(layers: 1)))
    let blocks = joined(all.filter { $0.blocks != nil })
    steps += forward(Array(all.prefix { $0.blocks == nil }), keeping: false)
    // A bridge's blocks attend to the image tower's tokens.
    let tokens = path.role == .bridge ? tokenBuffer(.comparison, samples: 2 * samples) : nil
    steps += tokens.map { [.hold($0)] } ?? []
    if blocks.count == 1, let stretch = blocks.first {
      add(name, steps + [.drop(inputs)], every: every)
      var single = stretch
      single.count = 1
      add(
        name, forward([single], keeping: false) + [compare], repeats: stretch.count, every: every,
        advances: true)
      steps = []
    } else {
      for block in blocks.flatMap(singles) {
        steps += forward([block], keeping: false) + [compare]
      }
      steps.append(.drop(inputs))
    }
    steps += tokens.map { [.drop($0)] } ?? []
    add(
      name, steps + collective(.allReduce, "layer statistics", bytes: 8 * path.blocks),
      every: every)
  }
}
