import Testing
import Workloads

/// Towers of which only the last blocks or adapters are trained: counts by hand, and what a step
/// then does.
@Suite("Partly trained towers")
struct PartialTrainingTests {
  static let image = VisionTowerSpec(
    imageSize: 12, patchSize: 4, block: BlockSpec(width: 8, heads: 2, mlpWidth: 20), layers: 5,
    outputWidth: 6)
  static let model: ModelSpec = {
    var block = BlockSpec(width: 10, heads: 2, mlpWidth: 14)
    block.causal = true
    let text = TextTowerSpec(tokens: 5, vocabulary: 17, block: block, layers: 2, outputWidth: 6)
    return ModelSpec(id: "two towers", family: .clip(image: image, text: text), source: "test")
  }()
  /// Four products with biases, two norms: 4 (64 + 8) + 160 + 20 + 160 + 8 + 2 (16).
  static let blockParameters = 288 + 32 + 160 + 20 + 160 + 8
  /// Norm and projection: 16 + 48.
  static let headParameters = 64

  static func program(
    _ partial: [String: Trainability], calibration: CalibrationSettings = .none,
    model: ModelSpec = Self.model, style: KernelStyle = .float32
  ) -> StepProgram {
    var options = ProgramOptions(microBatch: 3, defaultStyle: style, calibration: calibration)
    options.partial = partial
    return model.stepProgram(options)
  }

  static func tower(_ partial: Trainability) throws -> StepProgram.Tower {
    try #require(program(["image": partial]).towers.first { $0.name == "image" })
  }

  // MARK: Counts

  @Test("the last blocks and the head", arguments: 0...5)
  func lastBlocks(_ count: Int) throws {
    let tower = try Self.tower(.lastBlocks(count))
    #expect(tower.trained == count * Self.blockParameters + Self.headParameters)
    #expect(tower.parameters == Self.program([:]).towers[0].parameters)
  }

  @Test("as many blocks as there are differ from all by the embedding")
  func allBlocks() throws {
    let whole = Self.program([:]).towers[0]
    // Patches 48 x 8, class token 8, positions 10 x 8, norm 16.
    #expect(whole.trained - (try Self.tower(.lastBlocks(5)).trained) == 384 + 8 + 80 + 16)
    #expect(try Self.tower(.lastBlocks(9)) == Self.tower(.lastBlocks(5)))
  }

  @Test(
    "adapters",
    arguments: [
      // A [8, 3] and B [3, 8] each.
      (Set([LoRA.Target.query, .value]), 2 * 3 * 16), ([.key], 3 * 16), ([.projection], 3 * 16),
      ([.fc1], 3 * (8 + 20)), ([.fc2], 3 * (20 + 8)),
      (Set(LoRA.Target.allCases), 4 * 3 * 16 + 2 * 3 * 28),
    ] as [(Set<LoRA.Target>, Int)])
  func adapters(_ targets: Set<LoRA.Target>, _ perBlock: Int) throws {
    let tower = try Self.tower(.lora(LoRA(rank: 3, targets: targets)))
    #expect(tower.trained == 5 * perBlock)
    #expect(tower.frozen == Self.program([:]).towers[0].parameters)
  }

  @Test("passes of a Q-Former share their adapters, each is counted once")
  func sharedAdapters() throws {
    var block = BlockSpec(width: 8, heads: 2, mlpWidth: 14)
    block.normPosition = .postResidual
    block.crossAttentionWidth = 8
    let qformer = QFormerSpec(
      block: block, layers: 3, queries: 3, vocabulary: 17, positions: 9, textTokens: 5,
      embeddingWidth: 6)
    let model = ModelSpec(
      id: "bridge", family: .blip2Stage1(image: Self.image, qformer: qformer), source: "test",
      frozenByDefault: ["image"])
    var options = ProgramOptions(microBatch: 3, frozen: ["image"])
    options.partial = ["qformer": .lora(LoRA(rank: 2))]
    let tower = try #require(
      model.stepProgram(options).towers.first { $0.name == "qformer" })
    // Query and value in every block, and across in the first and the third: 2 (8 + 8) each.
    #expect(tower.trained == 2 * (3 + 2) * 2 * 16)
  }

  @Test(
    "a tied vocabulary is frozen with its embedding, one of its own is trained",
    arguments: [
      true, false,
    ])
  func vocabulary(_ isTied: Bool) throws {
    var block = BlockSpec(width: 8, heads: 2, mlpWidth: 12)
    block.causal = true
    var language = LanguageModelSpec(
      vocabulary: 17, block: block, layers: 2, positions: 9, tokens: 6)
    language.tiedEmbeddings = isTied
    let model = ModelSpec(id: "decoder", family: .languageModel(language), source: "test")
    let program = Self.program(["language": .lastBlocks(0)], model: model)
    #expect(program.trainableParameters == 16 + (isTied ? 0 : 17 * 8))
  }

  // MARK: Steps

  @Test("blocks before the first trained one keep nothing and have no backward")
  func frozenBlocks() {
    let program = Self.program(["image": .lastBlocks(2)])
    var backwards: [Int] = []
    for step in program.phases.flatMap(\.steps) {
      switch step {
      case .forward(let segment, let count, let keep, let need, let blocks?, _)
      where program.segments[segment].tower == 0:
        let isTrained = blocks.layer >= 3
        #expect(count == (isTrained ? 1 : 3))
        #expect(keep == (isTrained ? .all : .nothing))
        #expect(need.any == isTrained)
      case .backward(let segment, let count, _, let need, let blocks?, _, _)
      where program.segments[segment].tower == 0:
        backwards.append(blocks.layer)
        // Gradients end at the first trained block.
        #expect(count == 1 && need.weights && need.input == (blocks.layer > 3))
      default: break
      }
    }
    #expect(backwards == [4, 3])
  }

  @Test("an attack on pixels goes through frozen blocks, and forms no weight gradient there")
  func attack() {
    var calibration = CalibrationSettings(method: .oat)
    calibration.attackWeightGradients = true
    calibration.conditioning = .none
    let program = Self.program(["image": .lastBlocks(2)], calibration: calibration)
    var frozen = 0
    for phase in program.phases where phase.name == .attack {
      for case .backward(let segment, let count, _, let need, let blocks?, _, _) in phase.steps
      where program.segments[segment].tower == 0 {
        #expect(need.input)
        #expect(need.weights == (blocks.layer >= 3))
        if blocks.layer < 3 { frozen += count }
      }
    }
    #expect(frozen == 3)
  }

  @Test("what conditions on lambda is trained in front of frozen blocks")
  func conditioned() throws {
    let program = Self.program(
      ["image": .lastBlocks(2)], calibration: CalibrationSettings(method: .oat))
    let tower = program.towers[0]
    // The robust class token.
    #expect(tower.trained == 2 * Self.blockParameters + Self.headParameters + 8)
    for case .backward(let segment, _, _, let need, let blocks?, _, _) in program.phases
      .filter({ $0.name == .backward }).flatMap(\.steps)
    where program.segments[segment].tower == 0 {
      #expect(need.input)
      #expect(need.weights == (blocks.layer >= 3))
    }
  }

  @Test("the regulariser leaves layers alone from which no gradient arrives anywhere")
  func reachedLayers() {
    var calibration = CalibrationSettings(method: .atLR)
    calibration.selectedLayers = [0, 2, 3]
    let program = Self.program(["image": .lastBlocks(2)], calibration: calibration)
    let measured = program.phases.flatMap(\.steps).compactMap { step -> Int? in
      guard case .pass(let pass) = step, case .layerMeasure(let layer) = pass.function else {
        return nil
      }
      return layer
    }
    #expect(measured == [3])
  }

  @Test("every layer is compared, whichever blocks are trained")
  func comparison() {
    var calibration = CalibrationSettings(method: .atLR)
    calibration.refreshSteps = 1
    for partial in [Trainability.all, .lastBlocks(2), .lora(LoRA(rank: 2))] {
      let program = Self.program(["image": partial], calibration: calibration)
      let compared = program.phases.reduce(0) { sum, phase in
        sum + phase.repeats
          * phase.steps.count { step in
            guard case .pass(let pass) = step, case .layerComparison = pass.function else {
              return false
            }
            return true
          }
      }
      #expect(compared == 5)
    }
  }

  // MARK: Work

  /// FLOP of all backward kernels of the image tower, and bytes that its forwards keep.
  static func work(_ partial: Trainability?) -> (flops: Double, kept: Int) {
    let program = program(partial.map { ["image": $0] } ?? [:])
    var result = (flops: 0.0, kept: 0)
    for step in program.phases.flatMap(\.steps) {
      switch step {
      case .forward(let index, let count, let keep, let need, _, _):
        let segment = program.segments[index]
        guard segment.tower == 0, keep == .all else { continue }
        result.kept += count * analysis(segment, need).keptBytes
      case .backward(let index, let count, _, let need, _, _, _):
        let segment = program.segments[index]
        guard segment.tower == 0 else { continue }
        result.flops +=
          Double(count)
          * analysis(segment, need).backward.reduce(0) { $0 + $1.operation.modelFlops }
      default: break
      }
    }
    return result
  }

  static func analysis(_ segment: StepProgram.Segment, _ need: GradientNeed) -> SegmentAnalysis {
    SegmentAnalysis(
      graph: segment.spec.graph(segment.shape, style: segment.style), need: need,
      gradientType: .float32)
  }

  @Test("more trained blocks never cost less")
  func monotonic() {
    let steps = (0...5).map { Self.work(.lastBlocks($0)) } + [Self.work(nil)]
    for (less, more) in zip(steps, steps.dropFirst()) {
      #expect(less.flops < more.flops && less.kept < more.kept)
    }
    let targets = [[], [LoRA.Target.query], [.query, .value], LoRA.Target.allCases]
    let adapted = targets.map { Self.work(.lora(LoRA(rank: 2, targets: Set($0)))) }
    for (less, more) in zip(adapted, adapted.dropFirst()) {
      #expect(less.flops < more.flops && less.kept <= more.kept)
    }
    #expect(adapted[0] == (0, 0))
    #expect(adapted[3].flops < steps[6].flops)
  }

  @Test("FLOP of a block with adapters, by hand")
  func flops() {
    let (rows, width, hidden, rank) = (30, 8, 20, 3)
    var shape = BlockShape(samples: 3, tokens: 10)
    let spec = SegmentSpec.block(Self.image.block)
    func flops(_ need: GradientNeed) -> (forward: Double, backward: Double) {
      let graph = spec.graph(shape, style: .float32)
      let analysis = SegmentAnalysis(graph: graph, need: need, gradientType: .float32)
      return (
        analysis.forwardFlops, analysis.backward.reduce(0) { $0 + $1.operation.modelFlops }
      )
    }
    let plain = flops(.inputOnly)
    shape.trained = .additions(LoRA(rank: rank))
    let adapted = flops(.all)
    // Two adapters of two products; backward has as many for inputs and again for weights.
    let products = Double(2 * 2 * rows * rank * (width + width))
    #expect(adapted.forward - plain.forward == products)
    #expect(adapted.backward - plain.backward == 2 * products)
    // The frozen block's backward is that of an attack: no weight gradient of its own.
    let weights = Double(2 * rows * (4 * width * width + 2 * width * hidden))
    shape.trained = .all
    #expect(flops(.all).backward - plain.backward == weights)
  }

  @Test("inputs of frozen products are not kept where nothing else reads them")
  func kept() {
    var shape = BlockShape(samples: 3, tokens: 10)
    func names(_ need: GradientNeed) -> Set<String> {
      let graph = SegmentSpec.block(Self.image.block).graph(shape, style: .core(.flash))
      return Set(
        graph.backward(need, gradientType: .float32).kept.map { graph.tensor($0).name })
    }
    let whole = names(.all)
    shape.trained = .additions(LoRA(rank: 3))
    let adapted = names(.all)
    // The norm before attention is read by adapters, the MLP's norm by nobody.
    #expect(whole.subtracting(adapted) == ["mlp norm"])
    #expect(adapted.subtracting(whole) == ["q inner", "v inner"])
  }
}
