import Glibc
public import Workloads

/// Small models at random sizes, whose stretches are timed kernel by kernel.
///
/// They are never trained: their programs only say which kernels follow which, at which sizes. Sizes
/// are log-uniform; widths are multiples of 32, as those of real layers are.
public struct BenchModels {
  private var random: SeededRandom
  private var count = 0

  /// Models from a seed: equal seeds give equal models.
  public init(seed: UInt64) { random = SeededRandom(seed: seed &+ 0xc4a1) }

  /// The chains of so many models, and of the attack of as many others; every fourth is held out.
  ///
  /// What only attacks and conditioned norms run is rare in models drawn at random: laws would rest
  /// on a handful of kernels, and methods of calibration on such laws.
  ///
  /// - Parameters:
  ///   - models: how many.
  ///   - flops: least and most FLOP of a model's whole step.
  ///   - seed: equal seeds give equal models.
  /// - Returns: chains by model.
  public static func chains(
    models: Int, flops: ClosedRange<Double>, seed: UInt64
  ) -> [[BenchChain]] {
    var maker = BenchModels(seed: seed)
    return (0..<models).map { index in
      let (role, most): (BenchItem.Role, Int) = (
        index % 4 == 3 ? .heldOut : .fit, index.isMultiple(of: 2) ? 2 : 4
      )
      let all = BenchChain.chains(of: maker.program(flops: flops), role: role, most: most)
      let attacked = maker.attackedProgram(index, flops: flops)
      let rare = BenchChain.chains(of: attacked, role: role, most: most).filter {
        $0.segment.spec.isBlock
          && ($0.need == .inputOnly
            || [.dualAffine, .film].contains($0.segment.shape.conditioning))
      }
      return all + rare.filter { !all.contains($0) }
    }
  }

  /// Methods that attack, in turn, with every way to tell a model lambda.
  private static let attacks: [(CalibrationMethod, LambdaConditioning)] = [
    (.oat, .dualAffine), (.atLR, .none), (.lsaITC, .film), (.lsaITC, .classToken),
    (.lsaITCSequential, .dualAffine), (.anchored, .none), (.oat, .film),
  ]

  /// A program of two towers under the attack of turn `index`.
  private mutating func attackedProgram(
    _ index: Int, flops range: ClosedRange<Double>
  ) -> StepProgram {
    program(flops: range) { maker in
      let (method, conditioning) = Self.attacks[index % Self.attacks.count]
      let model = maker.pairModel()
      var options = ProgramOptions(microBatch: 1, defaultStyle: .core(.flash))
      options.calibration = CalibrationSettings(method: method)
      options.calibration.attackSteps = 1
      options.calibration.vulnerableLayers = 1
      if conditioning != .none { options.calibration.conditioning = conditioning }
      return (ProgramFactory(model: model, frozen: [], patchDropout: 0), options)
    }
  }

  /// The next program, with as many samples as make its step need so many FLOP.
  public mutating func program(flops range: ClosedRange<Double>) -> StepProgram {
    program(flops: range) { $0.anyFactory() }
  }

  private mutating func program(
    flops range: ClosedRange<Double>,
    of draw: (inout BenchModels) -> (ProgramFactory, ProgramOptions)
  ) -> StepProgram {
    while true {
      let target = exp(
        Double.random(in: log(range.lowerBound)...log(range.upperBound), using: &random))
      let (factory, drawn) = draw(&self)
      var options = drawn
      options.microBatch = 8
      let perSample = Self.flops(of: factory.program(options)) / Double(8 * options.accumulation)
      options.microBatch = Int((target / perSample).rounded())
      guard (4...160).contains(options.microBatch) else { continue }
      count += 1
      return factory.program(options)
    }
  }

  /// FLOP of all forwards, times three for what follows them.
  private static func flops(of program: StepProgram) -> Double {
    let graphs = program.segments.map { $0.spec.graph($0.shape, style: $0.style).forwardFlops }
    return program.phases.reduce(0) { sum, phase in
      phase.steps.reduce(sum) { sum, step in
        guard case .forward(let segment, let count, _, _, _, _) = step else { return sum }
        return sum + 3 * Double(count * phase.repeats) * graphs[segment]
      }
    }
  }

  private mutating func anyFactory() -> (ProgramFactory, ProgramOptions) {
    // The first model alone may have to do: fused attention is what scenarios ask for.
    let attention: AttentionKernel = pick([.flash, .flash, .unfused])
    let style = KernelStyle.core(count == 0 ? .flash : attention)
    let model = count % 5 == 4 ? bridgeModel() : pairModel()
    var options = ProgramOptions(microBatch: 1, defaultStyle: style)
    let isBridge = count % 5 == 4
    if isBridge { options.frozen = ["image"] }
    options.patchDropout = pick([0, 0, 0, 0.25, 0.5])
    options.recomputation = recomputation(of: model)
    var settings = CalibrationSettings(method: isBridge ? .none : pick(CalibrationMethod.allCases))
    settings.attackSteps = 1
    settings.cleanShare = pick([0, 1.0 / 6, 0.25, 0.5])
    if [.oat, .lsaITC, .lsaITCSequential].contains(settings.method) {
      settings.conditioning = pick([.classToken, .classToken, .dualAffine, .film])
    }
    settings.vulnerableLayers = 1
    options.calibration = settings
    if !isBridge, settings.method == .none { options.accumulation = pick([1, 1, 2]) }
    let factory = ProgramFactory(
      model: model, frozen: options.frozen, patchDropout: options.patchDropout)
    return (factory, options)
  }

  private mutating func recomputation(of model: ModelSpec) -> [String: RecomputationPlan] {
    let plan = pick([RecomputationPlan.none, .none, .none, .selective, .full])
    guard plan != .none else { return [:] }
    return Dictionary(uniqueKeysWithValues: model.blockTowerNames.map { ($0, plan) })
  }

  // MARK: Models

  private mutating func block() -> BlockSpec {
    let head = pick([32, 64])
    let width = (logUniform(56, 600) + 16) / 32 * 32
    let heads = max(1, (width + head / 2) / head)
    var block = BlockSpec(
      width: width, heads: heads, headWidth: head,
      mlpWidth: max(32, (Int(Double(width) * pick([2, 2.67, 4, 4])) + 16) / 32 * 32))
    block.mlp = pick([.gelu, .gelu, .quickGELU, .swiGLU])
    if block.mlp == .swiGLU {
      block.rotary = true
      block.attentionSubNorm = pick([true, false])
      block.mlpSubNorm = block.attentionSubNorm
      block.attentionBias = .queryValue
    }
    return block
  }

  private mutating func imageTower(outputWidth: Int?) -> VisionTowerSpec {
    let grid = logUniform(3, 15)
    let patch = pick([4, 6, 8, 14, 16])
    return VisionTowerSpec(
      imageSize: grid * patch, patchSize: patch, block: block(), layers: 3,
      outputWidth: outputWidth)
  }

  private mutating func pairModel() -> ModelSpec {
    let width = (logUniform(60, 600) + 16) / 32 * 32
    let image = imageTower(outputWidth: width)
    var textBlock = block()
    textBlock.rotary = false
    textBlock.causal = true
    let text = TextTowerSpec(
      tokens: logUniform(9, 90), vocabulary: logUniform(500, 6000), block: textBlock, layers: 3,
      outputWidth: width)
    return ModelSpec(
      id: "bench-\(count)",
      family: pick([true, true, false])
        ? .clip(image: image, text: text) : .sigLIP(image: image, text: text), source: "bench")
  }

  private mutating func bridgeModel() -> ModelSpec {
    var image = imageTower(outputWidth: nil)
    image.pooling = .none
    image.finalNorm = false
    var block = block()
    block.mlp = .gelu
    block.rotary = false
    block.attentionSubNorm = false
    block.mlpSubNorm = false
    block.attentionBias = .all
    // Cached keys and values are as wide as the stream.
    block.width = block.attentionWidth
    block.normPosition = .postResidual
    block.crossAttentionWidth = image.block.width
    let tokens = logUniform(9, 40)
    let qformer = QFormerSpec(
      block: block, layers: 2, queries: logUniform(4, 40), vocabulary: logUniform(500, 4000),
      positions: tokens, textTokens: tokens, embeddingWidth: (logUniform(40, 300) + 16) / 32 * 32)
    return ModelSpec(
      id: "bench-\(count)", family: .blip2Stage1(image: image, qformer: qformer), source: "bench",
      frozenByDefault: ["image"])
  }

  // MARK: Random choices

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  private mutating func logUniform(_ low: Double, _ high: Double) -> Int {
    Int(exp(Double.random(in: log(low)...log(high), using: &random)).rounded())
  }
}
