/// Tokens that one stretch hands to others which attend to them, and their gradients.
extension ProgramWriter {
  /// The stretch that owns the tokens: the bridge's image norm, or CoCa's pooled image tokens.
  var tokenRole: Pass.Role {
    layout.imageChain.contains { $0.role == .bridge } ? .bridge : .image
  }

  /// Image tokens that later passes attend to, held from the image forward to the last backward.
  func tokenBuffer(_ branch: Pass.Branch, samples: Int, gradient: Bool = false) -> Buffer? {
    guard layout.heldTokenElements > 0, samples > 0 else { return nil }
    let role = tokenRole
    return Buffer(
      name: (gradient ? "gradients of " : "") + "\(branch.rawValue) image tokens",
      bytes: samples * layout.heldTokenElements * style("image").residual.bytes,
      category: .activations,
      content: gradient ? .tokenGradients(role, branch) : .tokens(role, branch))
  }

  /// Whether passes that attend to the image send a gradient back to its tokens.
  func tokensNeedGradient(_ branch: Pass.Branch) -> Bool {
    guard layout.heldTokenElements > 0 else { return false }
    if branch == .clean, recipe.clean != .trained, !endsInBridge { return false }
    if branch == .attack { return recipe.attackSite != .encoderOutput || tokenRole == .bridge }
    return layout.imageChain.contains { $0.crossNeedsGradient }
      || layout.tail.contains {
        $0.crossNeedsGradient && $0.role != .caption && $0.role != .language
      }
  }

  /// Whether the clean branch ends at a selected layer that attends to image tokens.
  private var endsInBridge: Bool {
    recipe.clean == .toLastSelectedLayer && recipe.selection?.isEmpty != true
      && comparedPath?.role == .bridge
  }

  /// Tokens held behind a branch's forward; their gradient from the first backward that adds to it
  /// to the last that reads it.
  func tokenSteps(
    _ branch: Pass.Branch, samples: Int
  ) -> (hold: [Step], gradient: [Step], drop: [Step]) {
    // A clean branch that ends at a selected layer has no tokens to hand on.
    guard let tokens = tokenBuffer(branch, samples: samples),
      branch != .clean || hasCleanFeatures || endsInBridge
    else { return ([], [], []) }
    guard tokensNeedGradient(branch),
      let gradient = tokenBuffer(branch, samples: samples, gradient: true)
    else { return ([.hold(tokens)], [], [.drop(tokens)]) }
    return ([.hold(tokens)], clearing(gradient), [.drop(gradient), .drop(tokens)])
  }

  /// A buffer that gradients are added to, from zero.
  func clearing(_ buffer: Buffer) -> [Step] {
    guard let content = buffer.content else { return [.hold(buffer)] }
    return [
      .hold(buffer),
      .pass(
        ElementwisePass(
          label: "clear " + buffer.name, bytesRead: 0, bytesWritten: buffer.bytes, kernels: 1,
          function: .clear(content))),
    ]
  }

  /// The text tower's tokens that caption decoders read.
  ///
  /// Held from the text forward to the last decoder input, their gradient from the first decoder
  /// backward to that of the text head.
  var captionTokens: (hold: [Step], drop: [Step], gradient: [Step], gradientDrop: [Step]) {
    guard let decoder = layout.tail.first(where: { $0.role == .decoder }),
      case .captionInput(let width, let textTokens)? = decoder.entries.first?.spec
    else { return ([], [], [], []) }
    func buffer(_ name: String, _ content: Buffer.Content) -> Buffer {
      Buffer(
        name: name, bytes: batch * textTokens * width * style("text").residual.bytes,
        category: .activations, content: content)
    }
    let tokens = buffer("text tokens", .tokens(.text, .clean))
    let gradient = buffer("gradients of text tokens", .tokenGradients(.text, .clean))
    guard decoder.inputNeedsGradient else { return ([.hold(tokens)], [.drop(tokens)], [], []) }
    return ([.hold(tokens)], [.drop(tokens)], clearing(gradient), [.drop(gradient)])
  }

  /// The backward of the text towers; what decoders left for their tokens ends with the head.
  func textBackward(_ texts: [[Piece]]) -> [Step] {
    texts.reversed().flatMap { pieces -> [Step] in
      let end = (pieces.lastIndex { $0.blocks != nil } ?? -1) + 1
      return backward(Array(pieces[end...])) + captionTokens.gradientDrop
        + backward(Array(pieces[..<end]))
    }
  }

  /// BLIP-2's matching pairs attend to images of other samples, on many ranks those of others too:
  /// gathered, picked, held.
  private func pairSteps(
    samples: Int, branch: Pass.Branch
  ) -> (forward: [Step], before: [Step], after: [Step]) {
    guard layout.pairTokenElements > 0, samples > 0 else { return ([], [], []) }
    let perElement = style("image").residual.bytes
    let held = Buffer(
      name: "matching pairs", bytes: samples * layout.pairTokenElements * perElement,
      category: .activations, content: .pairs(branch))
    var forward: [Step] = []
    if !isSingle {
      let world = Buffer(
        name: "gathered image tokens",
        bytes: samples * options.dataParallel * layout.heldTokenElements * perElement,
        category: .loss)
      forward = [
        .hold(world),
        .collective(
          Collective(kind: .allGather, label: "matching negatives", bytes: world.bytes)),
      ]
    }
    forward += [
      .hold(held),
      .pass(
        ElementwisePass(
          label: "matching pairs", bytesRead: held.bytes, bytesWritten: held.bytes, kernels: 1,
          function: .gatherPairs(branch))),
    ]
    if case .hold(let world) = forward[0], !isSingle { forward.append(.drop(world)) }
    guard layout.tail.contains(where: { $0.role == .matching && $0.crossNeedsGradient }) else {
      return (forward, [], [.drop(held)])
    }
    let gradient = Buffer(
      name: "gradients of matching pairs", bytes: held.bytes, category: .activations,
      content: .pairGradients(branch))
    let scatter = Step.pass(
      ElementwisePass(
        label: "matching pairs backward", bytesRead: 2 * held.bytes, bytesWritten: held.bytes,
        kernels: 1, function: .scatterPairs(branch)))
    return (
      forward, clearing(gradient),
      [scatter, .drop(gradient)] + gatheredPairsBackward(samples: samples) + [.drop(held)]
    )
  }

  /// Gradients of pairs picked from all ranks' images, one image after the other: each selection's
  /// gradient is as large as what it selects from, and they are added up; then summed over ranks.
  private func gatheredPairsBackward(samples: Int) -> [Step] {
    guard !isSingle else { return [] }
    let world =
      samples * options.dataParallel * layout.heldTokenElements * style("image").residual.bytes
    let sums = Buffer(
      name: "gradients of gathered image tokens", bytes: 2 * world, category: .activations)
    return [
      .hold(sums),
      .pass(
        ElementwisePass(
          label: "sum of selections' gradients", bytesRead: 2 * samples * world,
          bytesWritten: 2 * samples * world, kernels: 2 * samples)),
      .collective(
        Collective(kind: .allReduce, label: "d matching negatives", bytes: world)),
      .drop(sums),
    ]
  }

  /// Gradients of keys and values that the caption pass shares with the queries.
  private func keyGradients(samples: Int, branch: Pass.Branch) -> Buffer? {
    guard let caption = layout.tail.first(where: { $0.role == .caption }),
      caption.entries.indices.contains(where: { caption.need(at: $0).cross }),
      case .qformerEmbedding(let qformer, _)? = caption.entries.first?.spec
    else { return nil }
    return Buffer(
      name: "gradients of cached keys",
      bytes: 2 * qformer.layers * samples * qformer.queries * qformer.block.width
        * style("qformer").residual.bytes, category: .activations, content: .keyGradients(branch))
  }

  /// Keys and values of queries' blocks that keep nothing, held until the caption pass has read them.
  ///
  /// Trained blocks keep theirs for their own backward.
  private func cachedKeys(samples: Int) -> Buffer? {
    guard layout.tail.contains(where: { $0.role == .caption }),
      let bridge = layout.imageChain.first(where: { $0.role == .bridge })
    else { return nil }
    var elements = 0
    for (index, entry) in bridge.entries.enumerated() where !bridge.need(at: index).any {
      guard case .qformerBlock(let qformer, .cachingQueries, _) = entry.spec else { continue }
      elements += 2 * entry.count * qformer.queries * qformer.block.width
    }
    guard elements > 0 else { return nil }
    return Buffer(
      name: "keys and values of frozen queries",
      bytes: samples * elements * style("qformer").compute.bytes, category: .activations,
      content: .priced)
  }

  /// The backward of one pass behind the loss, with the gradients that it leaves for others.
  func tailBackward(
    _ pieces: [Piece], path: TowerPath, branch: Pass.Branch, synchronises: Bool = true
  ) -> [Step] {
    let steps = backward(pieces, synchronises: synchronises)
    guard path.role == .language, pieces.contains(where: \.need.cross),
      let encoder = path.entries.first(where: {
        if case .encoderNorm = $0.spec { true } else { false }
      })
    else { return steps }
    // Every decoder block adds to the gradient of what the encoder handed on.
    let samples = pieces.first.map { segments[$0.segment].shape.samples } ?? 0
    let style = style(path.name)
    let bytes = samples * encoder.tokens * width(of: path) * style.residual.bytes
    func buffer(_ name: String, _ content: Buffer.Content) -> Buffer {
      Buffer(name: name, bytes: bytes, category: .activations, content: content)
    }
    let gradient = buffer("gradients of encoder tokens", .tokenGradients(.language, branch))
    return clearing(gradient) + steps + [.drop(gradient)]
  }

  /// Encoder tokens that a language model's decoder attends to.
  private func encoderTokens(_ pieces: [Piece], path: TowerPath, branch: Pass.Branch) -> Buffer? {
    guard path.role == .language,
      let encoder = path.entries.first(where: {
        if case .encoderNorm = $0.spec { true } else { false }
      })
    else { return nil }
    let samples = pieces.first.map { segments[$0.segment].shape.samples } ?? 0
    return Buffer(
      name: "encoder tokens",
      bytes: samples * encoder.tokens * width(of: path) * style(path.name).residual.bytes,
      category: .activations, content: .tokens(.language, branch))
  }

  /// Passes behind the contrastive loss, with losses of their own: forward, then backward.
  mutating func tailSteps(
    samples: Int, branch: Pass.Branch
  ) -> (forward: [Step], backward: [Step]) {
    guard samples > 0, !layout.tail.isEmpty else { return ([], []) }
    let pairs = pairSteps(samples: samples, branch: branch)
    let keys = cachedKeys(samples: samples)
    var ahead = (keys.map { [.hold($0)] } ?? []) + pairs.forward
    var back: [Step] = []
    for path in layout.tail {
      let pieces = pieces(of: path, branch: branch, samples: samples)
      ahead += forward(pieces)
      var steps = tailBackward(pieces, path: path, branch: branch)
      if let tokens = encoderTokens(pieces, path: path, branch: branch) {
        ahead.append(.hold(tokens))
        steps.append(.drop(tokens))
      }
      if path.role == .caption, let keys = keyGradients(samples: samples, branch: branch) {
        steps.insert(.hold(keys), at: 0)
      }
      if path.role == .matching { steps = pairs.before + steps + pairs.after }
      back = steps + back
    }
    if let keys { ahead.append(.drop(keys)) }
    return (ahead, back)
  }

  /// The backward of a branch's image chain, with what other passes have left for it.
  mutating func imageBackward(_ pieces: [[Piece]], branch: Pass.Branch, samples: Int) -> [Step] {
    var steps: [Step] = []
    for chain in pieces.reversed() {
      guard let first = chain.first else { continue }
      let role = passes[first.pass].role
      guard let path = layout.imageChain.first(where: { $0.role == role }) else { continue }
      steps += backwardWithTaps(chain, branch: branch, path: path)
      if role == .bridge, let keys = keyGradients(samples: samples, branch: branch),
        !layout.tail.isEmpty, first.need.any,
        branch == .attacked || hasCleanLoss || adversarial(of: batch) == 0
      {
        steps.append(.drop(keys))
      }
    }
    return steps
  }
}
