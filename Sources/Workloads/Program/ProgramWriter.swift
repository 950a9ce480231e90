/// Writes the step program of a family under options: the family's chains and a method's recipe.
///
/// The order follows the features: towers run forward, the loss is differentiated down to the
/// features, then each tower's backward runs from its own features, text first. Nothing in the
/// result depends on that order but the memory.
struct ProgramWriter {
  let model: ModelSpec
  let options: ProgramOptions
  private(set) var recipe: BranchRecipe
  let layout: FamilyLayout
  var segments: [StepProgram.Segment] = []
  var segmentIndex: [StepProgram.Segment: Int] = [:]
  var phases: [StepProgram.Phase] = []
  var passes: [Pass] = []
  /// Classes that an evaluation tells apart; nil in training, where texts are the batch's own.
  var classes: Int?
  /// Loops over micro-batches begun so far.
  var loops = 0
  /// The loop that phases added now belong to.
  var loop: Int?
  /// Names of all towers, those that the method adds last.
  let towerNames: [String]
  /// Features whose gradient a loss has delivered already.
  var delivered: Set<Buffer.Content> = []

  init(model: ModelSpec, options: ProgramOptions, layout: FamilyLayout? = nil) {
    self.model = model
    self.options = options
    recipe = options.calibration.recipe
    var whole =
      layout
      ?? model.layout(
        frozen: options.frozen, partial: options.partial, patchDropout: options.patchDropout)
    Self.condition(&whole.imageChain, recipe.conditioning)
    self.layout = whole.onOneRank(sharding: options.sharding, stage: options.stage)
    towerNames =
      self.layout.towers.map(\.name)
      + (recipe.distils && self.layout.contrastive != nil ? ["distillation"] : [])
      + (recipe.references > 0 ? Self.copies(of: self.layout, recipe).map(\.tower) : [])
    let reached = reachedLayers
    recipe.selection = recipe.selection?.filter(reached.contains)
    recipe.taps = min(recipe.taps, reached.count)
  }

  /// What conditions on lambda is trained wherever it is.
  static func condition(_ chain: inout [TowerPath], _ conditioning: LambdaConditioning) {
    guard let index = chain.firstIndex(where: \.trainable) else { return }
    chain[index] = chain[index].conditioned(conditioning)
  }

  /// Layers of the compared tower behind which a gradient has somewhere to go.
  var reachedLayers: Range<Int> {
    guard let path = comparedPath else { return 0..<0 }
    var layer = 0
    for (index, entry) in path.entries.enumerated() where entry.spec.isBlock {
      if path.need(at: index).any { return layer..<path.blocks }
      layer += entry.count
    }
    return layer..<layer
  }

  // MARK: Batches

  var batch: Int { options.microBatch }
  /// No other rank to gather from: features are compared where they are.
  var isSingle: Bool { options.dataParallel == 1 }

  /// Samples with an adversarial branch: the rest of exactly `round(p0 b)` clean ones.
  func adversarial(of samples: Int) -> Int {
    guard recipe.adversarialShare > 0 else { return 0 }
    return samples - Int(((1 - recipe.adversarialShare) * Double(samples)).rounded())
  }

  // MARK: Paths to steps

  mutating func segment(
    _ entry: TowerPath.Entry, path: TowerPath, samples: Int, conditioned: Bool, tower: String
  ) -> Int {
    let owner = towerNames.firstIndex(of: tower) ?? 0
    var shape = BlockShape(
      samples: samples * path.samplesFactor, tokens: entry.tokens,
      crossTokens: entry.crossTokens,
      conditioning: conditioned && path.name == conditionedTower ? recipe.conditioning : .none)
    shape.sharding = options.sharding
    // A copy that is held beside the trained tower has no adapters.
    if tower == path.name { shape.trained = entry.trained ?? .all }
    return segment(
      StepProgram.Segment(
        spec: entry.spec, shape: shape,
        style: options.styles[path.name] ?? options.defaultStyle, tower: owner))
  }

  mutating func segment(_ segment: StepProgram.Segment) -> Int {
    if let known = segmentIndex[segment] { return known }
    segments.append(segment)
    segmentIndex[segment] = segments.count - 1
    return segments.count - 1
  }

  mutating func pass(_ role: Pass.Role, _ branch: Pass.Branch, samples: Int) -> Int {
    let pass = Pass(role: role, branch: branch, samples: samples)
    if let known = passes.firstIndex(of: pass) { return known }
    passes.append(pass)
    return passes.count - 1
  }

  /// Lambda conditions the image tower, or the bridge where the image tower is frozen.
  var conditionedTower: String {
    layout.imageChain.first { $0.trainable }?.name ?? layout.imageChain.first?.name ?? ""
  }

  /// A stretch of a path as (segment, count, keep, need), with everything kept.
  ///
  /// `fromBlock`: how many blocks are left out at the front, with the embedding; nil: nothing is.
  /// `toBlock`: the block after the last one; nil: to the end, head included.
  /// `cuts`: blocks before which a stretch ends, because something happens there.
  mutating func pieces(
    of path: TowerPath, branch: Pass.Branch, samples: Int, need override: GradientNeed? = nil,
    fromBlock: Int? = nil, toBlock: Int? = nil, conditioned: Bool = true, cuts: [Int] = [],
    tower: String? = nil
  ) -> [Piece] {
    var result: [Piece] = []
    var seen = 0
    let pass = pass(path.role, branch, samples: samples)
    for (index, entry) in path.entries.enumerated() {
      var need = override ?? path.need(at: index)
      need.weights = need.weights && path.trainsWeights(at: index)
      let keep: Keep = need.any ? .all : .nothing
      guard entry.spec.isBlock else {
        let isBeforeBlocks = seen == 0
        guard isBeforeBlocks ? fromBlock == nil : toBlock == nil else { continue }
        let id = segment(
          entry, path: path, samples: samples, conditioned: conditioned, tower: tower ?? path.name)
        result.append(
          Piece(segment: id, count: entry.count, keep: keep, need: need, blocks: nil, pass: pass))
        continue
      }
      let first = max(seen, fromBlock ?? 0)
      let end = min(seen + entry.count, toBlock ?? .max)
      let edges = [first] + cuts.filter { $0 > first && $0 < end }.sorted() + [end]
      let group = path.group(at: index)
      for (from, to) in zip(edges, edges.dropFirst()) where to > from {
        let id = segment(
          entry, path: path, samples: samples, conditioned: conditioned, tower: tower ?? path.name)
        result.append(
          Piece(
            segment: id, count: to - from, keep: keep, need: need,
            blocks: BlockRange(
              group: group.group, first: group.first + from - seen, of: group.of, layer: from),
            pass: pass))
      }
      seen += entry.count
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
    var pass: Int
    /// The block behind the last one of this piece.
    var endLayer: Int? { blocks.map { $0.layer + count } }
  }

  func forward(_ pieces: [Piece], keeping: Bool = true) -> [Step] {
    pieces.map {
      .forward(
        segment: $0.segment, count: $0.count, keep: keeping ? $0.keep : .nothing,
        need: keeping ? $0.need : .none, blocks: $0.blocks, pass: $0.pass)
    }
  }

  func backward(_ pieces: [Piece], synchronises: Bool = true) -> [Step] {
    pieces.reversed().filter { $0.need.any }.map {
      backward($0, synchronises: synchronises)
    }
  }

  func backward(_ piece: Piece, synchronises: Bool = true) -> Step {
    .backward(
      segment: piece.segment, count: piece.count, keep: piece.keep, need: piece.need,
      blocks: piece.blocks, synchronises: synchronises && piece.need.weights, pass: piece.pass)
  }

  // MARK: Buffers

  func style(_ tower: String) -> KernelStyle { options.styles[tower] ?? options.defaultStyle }

  var imageElements: Int {
    guard let entry = layout.imageChain.first?.entries.first,
      case .patchEmbedding(let tower) = entry.spec
    else { return 0 }
    return 3 * tower.imageSize * tower.imageSize
  }

  // MARK: Phases

  /// Adds a phase; within a loop it runs `repeats` times for every micro-batch.
  mutating func add(
    _ name: StepProgram.PhaseName, _ steps: [Step], repeats: Int = 1, every: Int = 1,
    advances: Bool = false
  ) {
    guard !steps.isEmpty else { return }
    var phase = StepProgram.Phase(
      name, steps, repeats: repeats * (loop == nil ? 1 : options.accumulation), every: every,
      loop: loop)
    phase.advances = advances
    phases.append(phase)
  }

  /// Begins a loop over micro-batches: phases until `endLoop` belong to it.
  mutating func beginLoop() {
    guard options.accumulation > 1 else { return }
    loop = loops
    loops += 1
  }

  mutating func endLoop() { loop = nil }
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

  /// Parameters of a tower that are trained where only part of it is.
  public func trainedParameters(of tower: String, _ training: Trainability) -> Int {
    layout(frozen: [], partial: [tower: training], patchDropout: 0).towers
      .first { $0.name == tower }?.trained ?? 0
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
