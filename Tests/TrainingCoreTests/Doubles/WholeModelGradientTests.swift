import Testing
import TrainingCore
import Workloads

/// Whole steps of whole models against differences of their objectives in double precision.
@Suite("Gradients of whole models against central differences")
struct WholeModelGradientTests {
  @Test(
    "plain training of every family, fused and unfused attention",
    arguments: SmallModels.families)
  func plain(_ family: String) throws {
    var check = WholeModelCheck(family)
    check.attention = AttentionKernel.allCases
    try check.run()
  }

  @Test(
    "texts of unequal length",
    arguments: ["clip", "siglip", "blip2-stage1", "coca"])
  func raggedTexts(_ family: String) throws {
    var check = WholeModelCheck(family)
    check.hasRaggedTexts = true
    try check.run()
  }

  @Test(
    "dropped patches and branches are the same in all passes of a sample",
    arguments: [
      ("eva", CalibrationMethod.none), ("eva", .lsaITC), ("clip-mean", .none), ("eva-post", .none),
      ("blip2-stage1", .none), ("classifier", .none),
    ])
  func randomChoices(_ family: String, _ method: CalibrationMethod) throws {
    var check = WholeModelCheck(family)
    check.patchDropout = 0.5
    check.dropPathRate = 0.3
    check.calibration = CalibrationSettings(method: method)
    check.calibration.selectedLayers = [1]
    try check.run()
  }

  @Test(
    "frozen towers",
    arguments: [
      ("blip2-stage1", "image"), ("blip2-stage2", "language"), ("coca", "image"),
      ("coca", "text"), ("coca", "decoder"),
    ])
  func frozen(_ family: String, _ tower: String) throws {
    var check = WholeModelCheck(family)
    check.frozen = [tower]
    try check.run()
  }

  @Test("the last blocks alone", arguments: SmallModels.families, [0, 1, 2, 5])
  func lastBlocks(_ family: String, _ count: Int) throws {
    // Nothing of this image tower is trained then, and keys of frozen queries are refused.
    if family == "blip2-stage1", count == 0 { return }
    var check = WholeModelCheck(family)
    for tower in SmallModels.model(family).blockTowerNames {
      check.partial[tower] = .lastBlocks(count)
    }
    try check.run()
  }

  @Test("adapters alone", arguments: SmallModels.families)
  func adapters(_ family: String) throws {
    for targets in [Set([LoRA.Target.query, .value]), Set(LoRA.Target.allCases)] {
      var check = WholeModelCheck(family)
      for tower in SmallModels.model(family).blockTowerNames {
        check.partial[tower] = .lora(LoRA(rank: 2, targets: targets))
      }
      // Twice as many products round (1.5e-4 was seen at the end of the longest chain).
      check.tolerance = 3e-4
      check.attention = AttentionKernel.allCases
      try check.run()
    }
  }

  @Test(
    "one tower partly, the others frozen or whole",
    arguments: [
      ("clip", "image", ["text"]), ("clip", "text", []), ("coca", "image", ["text"]),
      ("coca", "decoder", ["text"]), ("coca", "text", ["image"]),
      ("blip2-stage1", "image", []),
      ("blip2-stage1", "image", ["qformer"]), ("blip2-stage2", "qformer", ["image", "language"]),
      ("blip2-stage2-encoder", "language", ["image"]),
      ("blip2-stage2-encoder", "language", ["image", "qformer"]),
      ("blip2-stage2-encoder", "qformer", ["image", "language"]),
    ] as [(String, String, Set<String>)])
  func oneTower(_ family: String, _ tower: String, _ frozen: Set<String>) throws {
    for partial in [Trainability.lastBlocks(1), .lora(LoRA(rank: 2))] {
      var check = WholeModelCheck(family)
      check.partial = [tower: partial]
      check.frozen = frozen
      try check.run()
    }
  }

  @Test(
    "an anchor and a teacher of a model with a bridge",
    arguments: [CalibrationMethod.anchored, .teacher], [[], ["image"]] as [Set<String>])
  func bridgedReferences(_ method: CalibrationMethod, _ frozen: Set<String>) throws {
    for accumulation in [1, 2] {
      var check = WholeModelCheck("blip2-stage1")
      check.frozen = frozen
      check.accumulation = accumulation
      check.calibration = CalibrationSettings(method: method)
      try check.run()
    }
  }

  @Test(
    "calibration of a model with a bridge",
    arguments: [CalibrationMethod.oat, .lsaITC, .lsaITCSequential, .atLR],
    [[], ["image"]] as [Set<String>])
  func bridgedMethods(_ method: CalibrationMethod, _ frozen: Set<String>) throws {
    for conditioning in [LambdaConditioning.classToken, .dualAffine, .film]
    where method == .lsaITC || conditioning == .classToken {
      var check = WholeModelCheck("blip2-stage1")
      check.frozen = frozen
      check.calibration = CalibrationSettings(method: method)
      if method != .atLR { check.calibration.conditioning = conditioning }
      check.calibration.selectedLayers = [0, 2]
      try check.run()
    }
  }

  @Test(
    "an anchor and a teacher over micro-batches",
    arguments: [CalibrationMethod.anchored, .teacher], ["clip", "siglip", "coca"])
  func accumulatedReferences(_ method: CalibrationMethod, _ family: String) throws {
    var check = WholeModelCheck(family)
    check.accumulation = 2
    check.samples = 6
    check.calibration = CalibrationSettings(method: method)
    try check.run()
  }

  @Test("adapters and last blocks of a Q-Former behind a frozen image tower")
  func frozenQueries() throws {
    var check = WholeModelCheck("blip2-stage1")
    check.frozen = ["image"]
    check.partial = ["qformer": .lora(LoRA(rank: 2))]
    try check.run()
    check.partial = ["qformer": .lastBlocks(3)]
    try check.run()
    // The caption pass reads keys of queries whose blocks keep nothing.
    check.partial = ["qformer": .lastBlocks(1)]
    #expect(
      throws: ExecutionError.pricedOnly("'keys and values of frozen queries'"),
      performing: { try check.run() })
  }

  @Test(
    "calibration of partly trained towers",
    arguments: [CalibrationMethod.oat, .lsaITC, .lsaITCSequential, .atLR, .anchored, .teacher])
  func partialMethods(_ method: CalibrationMethod) throws {
    for (family, layers) in [("clip", [0, 2]), ("eva", [1]), ("coca", [1])] {
      for partial in [Trainability.lastBlocks(0), .lastBlocks(1), .lora(LoRA(rank: 2))] {
        var check = WholeModelCheck(family)
        check.calibration = CalibrationSettings(method: method)
        check.partial = ["image": partial, "text": partial]
        check.calibration.selectedLayers = layers
        // A layer from which no gradient reaches anything trained is not regularised.
        let isConditioned = check.calibration.conditioning != .none
        if case .lastBlocks(let count) = partial, !isConditioned {
          let first = SmallModels.model(family).blockGroups(of: "image").reduce(0, +) - count
          check.calibration.selectedLayers = layers.filter { $0 >= first }
        }
        try check.run()
      }
    }
  }

  @Test("micro-batches of partly trained towers", arguments: ["clip", "coca", "decoder"])
  func partialAccumulation(_ family: String) throws {
    for partial in [Trainability.lastBlocks(1), .lora(LoRA(rank: 2))] {
      var check = WholeModelCheck(family)
      check.accumulation = 2
      check.samples = 6
      for tower in SmallModels.model(family).blockTowerNames { check.partial[tower] = partial }
      try check.run()
    }
  }

  @Test(
    "micro-batches one after the other",
    arguments: [
      ("clip", CalibrationMethod.none), ("clip", .lsaITC), ("clip", .lsaITCSequential),
      ("siglip", .oat), ("classifier", .none), ("decoder", .none), ("coca", .none),
      ("coca", .lsaITC), ("coca", .lsaITCSequential), ("blip2-stage1", .none),
    ])
  func accumulation(_ family: String, _ method: CalibrationMethod) throws {
    var check = WholeModelCheck(family)
    check.accumulation = 2
    check.samples = 6
    check.calibration = CalibrationSettings(method: method)
    check.calibration.cleanShare = 1.0 / 3
    check.calibration.selectedLayers = [0, 2]
    try check.run()
  }

  @Test(
    "calibration methods at a fixed perturbation",
    arguments: [
      CalibrationMethod.oat, .lsaITC, .lsaITCSequential, .atLR, .anchored, .teacher,
    ])
  func methods(_ method: CalibrationMethod) throws {
    for (family, layers) in [("clip", [0, 2]), ("eva", [1]), ("coca", [1])] {
      var check = WholeModelCheck(family)
      check.calibration = CalibrationSettings(method: method)
      check.calibration.selectedLayers = layers
      try check.run()
    }
  }

  @Test(
    "conditioning on lambda",
    arguments: [LambdaConditioning.none, .classToken, .dualAffine, .film])
  func conditioning(_ conditioning: LambdaConditioning) throws {
    var check = WholeModelCheck("clip")
    check.calibration = CalibrationSettings(method: .lsaITC)
    check.calibration.conditioning = conditioning
    check.calibration.selectedLayers = [1]
    try check.run()
  }
}
