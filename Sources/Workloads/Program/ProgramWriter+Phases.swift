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
    add(.optimizer, [.update] + (images.map { [.drop($0)] } ?? []))
    return StepProgram(
      towers: towers, segments: segments, phases: phases, passes: passes, microBatch: batch,
      accumulation: options.accumulation)
  }

  /// Contrastive accumulation caches features so that the contrastive batch stays whole.
  var isCached: Bool { layout.contrastive != nil && options.accumulation > 1 }

  /// The layout's towers with conditioning and references.
  var towers: [StepProgram.Tower] {
    var towers = layout.towers
    if let index = towers.firstIndex(where: { $0.name == conditionedTower }) {
      let more = conditioningParameters
      let isPartial = towers[index].isPartlyTrained
      towers[index].parameters += more
      if isPartial, recipe.conditioning != .none {
        towers[index].trained = layout.trainedElements(
          of: conditionedTower, conditioning: recipe.conditioning, sharding: options.sharding)
      } else if towers[index].trainable {
        towers[index].trained += more
      }
    }
    if let student = studentPath, let contrastive = layout.contrastive {
      // The student's token is projected into the teacher's space: d x d_e.
      towers.append(
        StepProgram.Tower(
          name: "distillation", parameters: width(of: student) * contrastive.width,
          trainable: true))
    }
    return towers + referenceTowers
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
    guard recipe.conditioning != .none,
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
  /// `accum_images`, GradCache); plain accumulation loads one micro-batch at a time. Where products
  /// have epilogues the patch embedding reads the images where they are.
  var inputImages: Buffer? {
    guard imageElements > 0 else { return nil }
    let style = self.style("image")
    let isSeparate = style.weights != style.compute || style.epilogues
    let samples = (isCached ? options.localBatch : batch) - (isSeparate ? 0 : batch)
    guard samples > 0 else { return nil }
    return Buffer(
      name: "images", bytes: samples * imageElements * style.weights.bytes, category: .activations,
      content: .images)
  }

  // MARK: Branches

  /// The clean image chain as far as the recipe trains it.
  mutating func cleanPieces() -> [[Piece]] {
    switch recipe.clean {
    case .none: return []
    case .trained:
      return layout.imageChain.map {
        pieces(of: $0, branch: .clean, samples: batch, cuts: cuts(in: $0))
      }
    case .forwardOnly:
      return layout.imageChain.map {
        pieces(of: $0, branch: .clean, samples: batch, need: GradientNeed.none, cuts: cuts(in: $0))
      }
    case .toLastSelectedLayer:
      guard recipe.selection?.isEmpty != true else { return [] }
      let last = layout.imageChain.firstIndex { $0.role == comparedPath?.role } ?? 0
      return layout.imageChain.prefix(last + 1).enumerated().map { position, path in
        guard position == last else {
          return pieces(of: path, branch: .clean, samples: batch)
        }
        let depth =
          recipe.selection?.max().map { $0 + 1 }
          ?? Int((recipe.cleanDepth * Double(path.blocks)).rounded(.up))
        return pieces(
          of: path, branch: .clean, samples: batch, toBlock: max(1, depth),
          cuts: cuts(in: path))
      }
    }
  }

  /// The adversarial image chain from the attacked site on.
  mutating func adversarialPieces() -> [[Piece]] {
    let samples = adversarial(of: batch)
    guard samples > 0 else { return [] }
    return chain(
      from: recipe.attackSite, branch: .attacked, samples: samples, need: nil,
      chain: layout.imageChain)
  }

  /// A chain from a site to its end.
  ///
  /// What lies before the site is shared with the clean branch.
  mutating func chain(
    from site: AttackSite, branch: Pass.Branch, samples: Int, need: GradientNeed?,
    chain: [TowerPath]
  ) -> [[Piece]] {
    func cut(_ path: TowerPath) -> [Int] { branch == .attacked ? cuts(in: path) : [] }
    switch site {
    case .pixels:
      return chain.map {
        pieces(of: $0, branch: branch, samples: samples, need: need, cuts: cut($0))
      }
    case .block(let index):
      return chain.enumerated().map {
        pieces(
          of: $1, branch: branch, samples: samples, need: need, fromBlock: $0 == 0 ? index : nil,
          cuts: cut($1))
      }
    case .encoderOutput:
      return chain.dropFirst().map {
        pieces(of: $0, branch: branch, samples: samples, need: need, cuts: cut($0))
      }
    }
  }
}
