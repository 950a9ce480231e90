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

  @Test(
    "micro-batches one after the other",
    arguments: [
      ("clip", CalibrationMethod.none), ("clip", .lsaITC), ("clip", .lsaITCSequential),
      ("siglip", .oat), ("classifier", .none), ("decoder", .none), ("coca", .none),
      ("coca", .lsaITC), ("coca", .lsaITCSequential),
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
