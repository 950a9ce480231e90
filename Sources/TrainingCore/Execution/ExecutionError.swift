import Workloads

/// A program that the core cannot run, with what stands in the way.
public enum ExecutionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The program spreads over ranks or has collectives.
  case severalRanks
  /// A segment's style is one of other software.
  case foreignStyle(String)
  /// A kernel of which the program does not say what it computes.
  case unknownKernel(String)
  /// Something that is priced only.
  case pricedOnly(String)

  /// What was found and what can be done.
  public var description: String {
    switch self {
    case .severalRanks:
      "the program runs on several ranks: this core is one rank; set data_parallel to 1"
    case .foreignStyle(let tower):
      "the \(tower) tower is written for other software: set strategy.software to foretrain-core"
    case .unknownKernel(let label): Self.refusal("'\(label)'")
    case .pricedOnly(let what): Self.refusal(what)
    }
  }

  private static func refusal(_ what: String) -> String {
    "\(what) is priced but not implemented here: this core does not train it; train a scenario "
      + "without it, or ask `foretrain estimate` what it costs on other software"
  }

  /// Finds everything that cannot be run before anything is.
  static func check(_ program: StepProgram) throws {
    for segment in program.segments { try check(segment, of: program) }
    try checkCaptions(program)
    let sizes = program.segments.compactMap { segment -> Int? in
      if case .patchEmbedding(let tower) = segment.spec { return tower.imageSize }
      return nil
    }
    if Set(sizes).count > 1 {
      throw ExecutionError.pricedOnly("an attack at another resolution than the model's")
    }
    let steps = program.phases.flatMap(\.steps)
    func has(_ wanted: (ElementwisePass.Function) -> Bool) -> Bool { Self.has(steps, wanted) }
    let attacksInside = steps.contains {
      if case .drop(let buffer) = $0 { buffer.content == .cleanInputs } else { false }
    }
    try checkClean(program, steps)
    if attacksInside, !has({ $0 == .siteInputs }) || has({ $0 == .attackAgain }) {
      throw ExecutionError.pricedOnly(
        "an attack inside the model without a whole clean branch, or with cached features,")
    }
    if attacksInside, program.passes.contains(where: { $0.branch == .comparison }) {
      throw ExecutionError.pricedOnly(
        "a comparison of layers in a pass of its own under an attack inside the model (set "
          + "calibration branches to together, or attack pixels),")
    }
    for phase in program.phases {
      for step in phase.steps {
        switch step {
        case .collective: throw ExecutionError.severalRanks
        case .pass(let pass) where pass.function == .priced:
          throw ExecutionError.pricedOnly("'\(pass.label)'")
        case .hold(let buffer) where buffer.content == nil || buffer.content == .priced:
          throw ExecutionError.pricedOnly("'\(buffer.name)'")
        default: break
        }
      }
    }
  }

  private static func has(
    _ steps: [Step], _ wanted: (ElementwisePass.Function) -> Bool
  ) -> Bool {
    steps.contains { if case .pass(let pass) = $0 { wanted(pass.function) } else { false } }
  }

  /// Samples that are not attacked have clean features to compare, and layers clean outputs.
  private static func checkClean(_ program: StepProgram, _ steps: [Step]) throws {
    let mixes = program.segments.contains {
      if case .contrastiveLoss(let spec) = $0.spec { spec.mixesClean } else { false }
    }
    let holdsFeatures = steps.contains {
      guard case .hold(let buffer) = $0, case .features(let role, .clean)? = buffer.content
      else { return false }
      return role != .text
    }
    // A loss by itself is given its features.
    func hasImages(_ branch: Pass.Branch) -> Bool {
      program.passes.contains { $0.branch == branch && ($0.role == .image || $0.role == .bridge) }
    }
    if mixes, hasImages(.attacked), !holdsFeatures {
      throw ExecutionError.pricedOnly(
        "a clean branch without features beside samples that are not attacked (set clean_branch to "
          + "trained or forward-only, or clean_share to 0),")
    }
    let measures = has(steps) { if case .layerMeasure = $0 { true } else { false } }
    if measures, !hasImages(.clean) {
      throw ExecutionError.pricedOnly(
        "a layer regulariser without a clean branch to compare with (clean_branch none),")
    }
  }

  private static func check(_ segment: StepProgram.Segment, of program: StepProgram) throws {
    guard segment.style.epilogues, segment.style.compute == .float32 else {
      throw ExecutionError.foreignStyle(program.towers[segment.tower].name)
    }
    let graph = segment.spec.graph(segment.shape, style: segment.style)
    for kernel in graph.forwardKernels {
      switch kernel.function {
      case .priced: throw ExecutionError.unknownKernel(kernel.label)
      case .pointwise(.mixAffine(_, _, let width))
      where graph.tensor(kernel.reads[1]).elements != 4 * width:
        throw ExecutionError.pricedOnly("two sets of scales without biases ('\(kernel.label)')")
      default: break
      }
    }
  }

  /// A decoder reads what a text tower with a class token leaves, all but that token.
  ///
  /// It attends to tokens that an image tower has made in the same branch.
  private static func checkCaptions(_ program: StepProgram) throws {
    for decoder in program.segments {
      guard case .captionInput(let width, let textTokens) = decoder.spec else { continue }
      for segment in program.segments {
        guard case .textHead(let tower) = segment.spec else { continue }
        guard tower.classToken, tower.block.width == width, tower.tokens == textTokens,
          decoder.shape.tokens < textTokens
        else {
          throw ExecutionError.pricedOnly(
            "a caption decoder of \(decoder.shape.tokens) tokens \(width) wide behind a text tower "
              + "of \(tower.tokens) tokens \(tower.block.width) wide "
              + (tower.classToken ? "with" : "without") + " a class token")
        }
      }
    }
    for decoder in program.passes where decoder.role == .decoder {
      guard program.passes.contains(where: { $0.role == .image && $0.branch == decoder.branch })
      else {
        throw ExecutionError.pricedOnly("captions of attacked features, which have no tokens,")
      }
    }
  }
}
