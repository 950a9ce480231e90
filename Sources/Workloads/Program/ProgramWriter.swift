/// Writes the phases of a step from a family's chains and a method's recipe.
///
/// The order follows the features: towers run forward, the loss is differentiated down to the
/// features, then each tower's backward runs from its own features, text first. Nothing in the
/// result depends on that order but the memory.
struct ProgramWriter {
  let model: ModelSpec
  let options: ProgramOptions
  let recipe: BranchRecipe
  let layout: FamilyLayout
  var segments: [StepProgram.Segment] = []
  var segmentIndex: [StepProgram.Segment: Int] = [:]
  var phases: [StepProgram.Phase] = []

  init(model: ModelSpec, options: ProgramOptions, layout: FamilyLayout? = nil) {
    self.model = model
    self.options = options
    recipe = options.calibration.recipe
    self.layout =
      layout ?? model.layout(frozen: options.frozen, patchDropout: options.patchDropout)
  }

  // MARK: Batches

  var batch: Int { options.microBatch }

  /// Samples with an adversarial branch: the rest of exactly `round(p0 b)` clean ones.
  func adversarial(of samples: Int) -> Int {
    guard recipe.adversarialShare > 0 else { return 0 }
    return samples - Int(((1 - recipe.adversarialShare) * Double(samples)).rounded())
  }

  // MARK: Paths to steps

  mutating func segment(
    _ entry: TowerPath.Entry, path: TowerPath, samples: Int, conditioned: Bool
  ) -> Int {
    let tower = layout.towers.firstIndex { $0.name == path.name } ?? 0
    let segment = StepProgram.Segment(
      spec: entry.spec,
      shape: BlockShape(
        samples: samples * path.samplesFactor, tokens: entry.tokens,
        crossTokens: entry.crossTokens,
        conditioning: conditioned && path.name == conditionedTower ? recipe.conditioning : .none),
      style: options.styles[path.name] ?? options.defaultStyle, tower: tower)
    if let known = segmentIndex[segment] { return known }
    segments.append(segment)
    segmentIndex[segment] = segments.count - 1
    return segments.count - 1
  }

  /// Lambda conditions the image tower, or the bridge where the image tower is frozen.
  var conditionedTower: String {
    layout.imageChain.first { $0.trainable }?.name ?? layout.imageChain.first?.name ?? ""
  }

  /// A stretch of a path as (segment, count, keep, need), with everything kept.
  ///
  /// `fromBlock`: how many blocks are left out at the front, with the embedding.
  /// `toBlock`: the block after the last one; nil: to the end, head included.
  mutating func pieces(
    of path: TowerPath, samples: Int, need override: GradientNeed? = nil, fromBlock: Int = 0,
    toBlock: Int? = nil, conditioned: Bool = true
  ) -> [Piece] {
    var result: [Piece] = []
    var group = 0
    var seen = 0
    for (index, entry) in path.entries.enumerated() {
      let need = override ?? path.need(at: index)
      let keep: Keep = need.any ? .all : .nothing
      guard entry.spec.isBlock else {
        let isBeforeBlocks = seen == 0
        guard isBeforeBlocks ? fromBlock == 0 : toBlock == nil else { continue }
        let id = segment(entry, path: path, samples: samples, conditioned: conditioned)
        result.append(
          Piece(segment: id, count: entry.count, keep: keep, need: need, blocks: nil))
        continue
      }
      let first = max(seen, fromBlock)
      let end = min(seen + entry.count, toBlock ?? .max)
      if end > first {
        let id = segment(entry, path: path, samples: samples, conditioned: conditioned)
        result.append(
          Piece(
            segment: id, count: end - first, keep: keep, need: need,
            blocks: BlockRange(group: group, first: first - seen, of: entry.count)))
      }
      seen += entry.count
      group += 1
    }
    return result
  }

  /// A stretch of a path: a segment, how often, what its forward keeps, what its backward makes.
  struct Piece {
    var segment: Int
    var count: Int
    var keep: Keep
    var need: GradientNeed
    var blocks: BlockRange?
  }

  func forward(_ pieces: [Piece], keeping: Bool = true) -> [Step] {
    pieces.map {
      .forward(
        segment: $0.segment, count: $0.count, keep: keeping ? $0.keep : .nothing,
        need: keeping ? $0.need : .none, blocks: $0.blocks)
    }
  }

  func backward(_ pieces: [Piece], synchronises: Bool = true) -> [Step] {
    pieces.reversed().filter { $0.need.any }.map {
      .backward(
        segment: $0.segment, count: $0.count, keep: $0.keep, need: $0.need, blocks: $0.blocks,
        synchronises: synchronises && $0.need.weights)
    }
  }

  // MARK: Buffers

  func style(_ tower: String) -> KernelStyle { options.styles[tower] ?? options.defaultStyle }

  var imageElements: Int {
    guard let entry = layout.imageChain.first?.entries.first,
      case .patchEmbedding(let tower) = entry.spec
    else { return 0 }
    return 3 * tower.imageSize * tower.imageSize
  }

  mutating func add(
    _ name: StepProgram.PhaseName, _ steps: [Step], repeats: Int = 1, every: Int = 1
  ) {
    guard !steps.isEmpty else { return }
    phases.append(StepProgram.Phase(name, steps, repeats: repeats, every: every))
  }
}

extension ModelSpec {
  /// The step program of this model under options.
  public func stepProgram(_ options: ProgramOptions) -> StepProgram {
    var writer = ProgramWriter(model: self, options: options)
    return writer.write().recomputing(options.recomputation)
  }

  /// Parameters of the model: every tower, every buffer that is trained or frozen.
  public var parameters: Int {
    layout(frozen: [], patchDropout: 0).towers.reduce(0) { $0 + $1.parameters }
  }

  /// FLOP of one sample's forward through all towers, with every patch kept and without the
  /// contrastive logits (whose size depends on the batch).
  ///
  /// Convention: 2 x MACs of convolution, matrix and attention products, causal attention counted
  /// in full.
  public var forwardFlopsPerSample: Double {
    forwardFlopsByTower.reduce(0) { $0 + $1.flops }
  }

  /// The same by tower pass, in order of execution.
  public var forwardFlopsByTower: [(tower: String, flops: Double)] {
    let layout = layout(frozen: [], patchDropout: 0)
    return (layout.imageChain + layout.textChain + layout.tail).map {
      (tower: $0.name, flops: $0.forwardFlops(samples: 1, style: .float32))
    }
  }
}
