import Testing
import TrainingCore
import Workloads

/// Every family under every method: what runs is what the program says, and nothing stays behind.
@Suite("Families and methods, kernel by kernel")
struct FamilyTraceTests {
  /// Methods are about images: a language model by itself has none.
  private static func hasImages(_ family: String) -> Bool {
    if case .languageModel = SmallModels.model(family).family { false } else { true }
  }

  /// Every family's plain program.
  @Test(
    "plain training", arguments: SmallModels.families,
    [AttentionKernel.flash, .unfused])
  func plain(_ family: String, _ attention: AttentionKernel) throws {
    try check(family, ProgramOptions(microBatch: 3, defaultStyle: .core(attention)))
  }

  @Test(
    "methods", arguments: SmallModels.families.filter(hasImages), CalibrationMethod.allCases)
  func methods(_ family: String, _ method: CalibrationMethod) throws {
    for frozen in family.hasPrefix("blip2") ? [[], ["image"]] : [[]] as [Set<String>] {
      for selection in [[], [1], [0, 2]] {
        var settings = CalibrationSettings(method: method)
        settings.selectedLayers = selection
        settings.probeSamples = 2
        try check(
          family,
          ProgramOptions(
            microBatch: 4, defaultStyle: .core(.flash), frozen: frozen, calibration: settings))
      }
    }
  }

  @Test(
    "conditioning on lambda", arguments: SmallModels.families.filter(hasImages),
    [LambdaConditioning.none, .classToken, .dualAffine, .film])
  func conditioning(_ family: String, _ conditioning: LambdaConditioning) throws {
    for method in [CalibrationMethod.oat, .lsaITC, .lsaITCSequential] {
      for frozen in family.hasPrefix("blip2") ? [[], ["image"]] : [[]] as [Set<String>] {
        var settings = CalibrationSettings(method: method)
        settings.selectedLayers = [1]
        settings.conditioning = conditioning
        try check(
          family,
          ProgramOptions(
            microBatch: 4, defaultStyle: .core(.flash), frozen: frozen, calibration: settings))
      }
    }
  }

  @Test(
    "attacks inside the model", arguments: ["clip", "eva", "blip2-stage1"],
    [AttackSite.block(0), .block(1), .encoderOutput])
  func sites(_ family: String, _ site: AttackSite) throws {
    for method in [CalibrationMethod.oat, .lsaITC] {
      var settings = CalibrationSettings(method: method)
      settings.attackSite = site
      settings.selectedLayers = method == .oat || site != .block(0) ? [] : [1]
      settings.refreshSteps = 1_000
      try check(
        family,
        ProgramOptions(
          microBatch: 4, defaultStyle: .core(.flash),
          frozen: family == "blip2-stage1" ? ["image"] : [], calibration: settings))
    }
  }

  @Test(
    "partly trained towers", arguments: SmallModels.families,
    [
      Trainability.lastBlocks(0), .lastBlocks(1), .lora(LoRA(rank: 2)),
      .lora(LoRA(rank: 3, targets: Set(LoRA.Target.allCases))),
    ])
  func partial(_ family: String, _ partial: Trainability) throws {
    if family == "blip2-stage1", partial == .lastBlocks(0) { return }
    for method in [CalibrationMethod.none, .oat, .lsaITC, .atLR] {
      var options = ProgramOptions(microBatch: 4, defaultStyle: .core(.flash))
      options.calibration = CalibrationSettings(method: method)
      options.calibration.selectedLayers = [1]
      for tower in SmallModels.model(family).blockTowerNames { options.partial[tower] = partial }
      try check(family, options)
    }
  }

  @Test("what is priced only is refused, with a reason")
  func refusals() {
    #expect(throws: ExecutionError.unknownKernel("relative positions")) {
      try check("t5", ProgramOptions(microBatch: 3, defaultStyle: .core(.flash)))
    }
    #expect(throws: ExecutionError.self) {
      try check("coca-long", ProgramOptions(microBatch: 3, defaultStyle: .core(.flash)))
    }
    #expect(
      throws: ExecutionError.pricedOnly("captions of attacked features, which have no tokens,")
    ) {
      var settings = CalibrationSettings(method: .oat)
      settings.attackSite = .encoderOutput
      try check(
        "coca",
        ProgramOptions(microBatch: 4, defaultStyle: .core(.flash), calibration: settings))
    }
    #expect(
      throws: ExecutionError.pricedOnly("two sets of scales without biases ('attention norm mix')")
    ) {
      var block = BlockSpec(width: 6, heads: 2, mlpWidth: 5)
      block.norm = .rmsNorm
      _ = try SegmentRun(
        StepProgram.Segment(
          spec: .block(block),
          shape: BlockShape(samples: 2, tokens: 3, conditioning: .dualAffine),
          style: .core(.flash), tower: 0), core: cores[0])
    }
    #expect(throws: ExecutionError.foreignStyle("text")) {
      try check("clip", ProgramOptions(microBatch: 3, defaultStyle: .float32))
    }
    #expect(throws: ExecutionError.severalRanks) {
      try check(
        "clip", ProgramOptions(microBatch: 3, dataParallel: 2, defaultStyle: .core(.flash)))
    }
  }

  func check(_ family: String, _ options: ProgramOptions) throws {
    var options = options
    let model = SmallModels.model(family)
    if !Self.hasImages(family) { options.calibration = .none }
    let program = model.stepProgram(options)
    let trace = KernelTrace()
    let executor = try StepExecutor(
      program,
      core: ComputeCore(
        backend: OpenBLASBackend(), workers: Workers(count: 1), trace: trace))
    SmallModels.fill(executor)
    let attacked = program.passes.first { $0.branch == .attacked }?.samples ?? 0
    let batch = SmallModels.batch(
      model, samples: options.localBatch, attacked: attacked, micro: options.microBatch)
    for number in [0, 1] {
      let result = executor.run(program, batch: batch, number: number)
      let difference = ExpectedTrace.difference(
        expected: ExpectedTrace.calls(of: program, step: number), found: trace.take())
      #expect(difference == nil, "\(family) \(options.calibration.method): \(difference ?? "")")
      #expect(result.loss.isFinite && result.loss > 0, "\(family): \(result.terms)")
    }
    #expect(executor.liveBytes == executor.stateBytes, "\(family): something stays behind")
  }
}
