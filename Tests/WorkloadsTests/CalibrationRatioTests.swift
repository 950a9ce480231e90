import Testing
import Workloads

/// FLOP ratios to plain training, E/14+ and BLIP-2, rho = 5/6.
///
/// The expected figures are pass counts, `(3 + r) F_v (c + rho) + (2 + r) K rho F_v + (3 + r) F_t`
/// over `(3 + r)(F_v + F_t)`. They take an input-only backward as one forward; the program counts
/// attention's backward twice even then, leaves out the gradient of the pixels in training and adds
/// the losses: at most 0.7 % for the towers, 1.5 % where the Q-Former alone is attacked. The exact
/// form is tested below.
@Suite("Ratios of calibrated to plain training")
struct CalibrationRatioTests {
  static let batch = 6

  func flops(
    _ model: ModelSpec, _ calibration: CalibrationSettings, recomputing: Bool, dropout: Double
  ) -> Double {
    let plan: RecomputationPlan = recomputing ? .full : .none
    return model.stepProgram(
      ProgramOptions(
        microBatch: Self.batch, recomputation: ["image": plan, "text": plan],
        patchDropout: dropout, frozen: model.frozenByDefault, calibration: calibration)
    ).flops()
  }

  func ratio(
    _ model: ModelSpec, _ calibration: CalibrationSettings, recomputing: Bool, dropout: Double = 0
  ) -> Double {
    flops(model, calibration, recomputing: recomputing, dropout: dropout)
      / flops(model, .none, recomputing: recomputing, dropout: dropout)
  }

  func itc(_ attackSteps: Int) -> CalibrationSettings {
    var settings = CalibrationSettings(method: .lsaITC)
    settings.attackSteps = attackSteps
    return settings
  }

  @Test(
    "E/14+, 257 and 129 tokens, without and with recomputation",
    arguments: [
      (1, [2.33, 2.40, 2.28, 2.34]), (2, [2.86, 3.00, 2.79, 2.92]), (7, [5.53, 5.99, 5.35, 5.79]),
    ])
  func enormous(_ attackSteps: Int, _ expected: [Double]) {
    let found = [(0.0, false), (0, true), (0.5, false), (0.5, true)].map {
      ratio(Known.enormous, itc(attackSteps), recomputing: $0.1, dropout: $0.0)
    }
    for (found, expected) in zip(found, expected) {
      #expect(abs(found / expected - 1) < 0.007, "\(found) for \(expected)")
    }
  }

  @Test(
    "E/14+, adversarial only",
    arguments: [(1, [1.64, 1.72]), (2, [2.28, 2.44]), (7, [5.47, 6.03])])
  func adversarialOnly(_ attackSteps: Int, _ expected: [Double]) {
    var settings = CalibrationSettings(method: .atLR)
    settings.cleanBranch = .none
    settings.attackSteps = attackSteps
    for (recomputing, expected) in zip([false, true], expected) {
      let found = ratio(Known.enormous, settings, recomputing: recomputing)
      // The hand count leaves out the comparison of layers every 100 steps.
      #expect(abs(found / expected - 1) < 0.01, "\(found) for \(expected)")
    }
  }

  @Test(
    "E/14+, every sample attacked",
    arguments: [(1, [2.60, 2.68]), (2, [3.24, 3.40]), (7, [6.43, 6.99])])
  func everySample(_ attackSteps: Int, _ expected: [Double]) {
    var settings = CalibrationSettings(method: .oat)
    settings.cleanShare = 0
    settings.attackSteps = attackSteps
    for (recomputing, expected) in zip([false, true], expected) {
      let found = ratio(Known.enormous, settings, recomputing: recomputing)
      #expect(abs(found / expected - 1) < 0.007, "\(found) for \(expected)")
    }
  }

  @Test(
    "BLIP-2 stage 1, attack on pixels and on the encoder's output",
    arguments: [(1, 3.04, 1.27), (2, 4.25, 1.30), (7, 10.3, 1.45)])
  func bridge(_ attackSteps: Int, _ pixels: Double, _ output: Double) {
    let onPixels = ratio(Known.bridge, itc(attackSteps), recomputing: false)
    // The hand count leaves out the gradient of the tokens that matching pairs attend to, which
    // the trained norm before them needs: plain training costs 2 % more than it says.
    #expect(abs(onPixels / pixels - 1) < 0.025, "\(onPixels)")
    var settings = itc(attackSteps)
    settings.attackSite = .encoderOutput
    let onOutput = ratio(Known.bridge, settings, recomputing: false)
    #expect(abs(onOutput / output - 1) < 0.015, "\(onOutput)")
  }

  @Test(
    "BLIP-2 stage 1 where the attack recomputes the image tower",
    arguments: [(1, 3.63), (2, 5.44), (7, 14.4)])
  func bridgeRecomputing(_ attackSteps: Int, _ expected: Double) {
    let attacked = flops(Known.bridge, itc(attackSteps), recomputing: true, dropout: 0)
    let plain = flops(Known.bridge, .none, recomputing: false, dropout: 0)
    #expect(abs(attacked / plain / expected - 1) < 0.025, "\(attacked / plain)")
  }

  /// Exact: with P the patch projection, A attention's products and B the blocks of the image
  /// tower, plain training costs `3 F_v - P + r B_v` and `(3 + r) F_t`-like `3 F_t + r B_t`; the
  /// adversarial branch the first again for rho of the samples, an attack step `2 F_v + A + r B_v`.
  @Test("E/14+ exactly", arguments: [1, 2, 7], [false, true])
  func exactly(_ attackSteps: Int, _ recomputing: Bool) throws {
    guard case .clip(let image, let text) = Known.enormous.family else { return }
    let r = recomputing ? 1.0 : 0
    let forward = ClosedForm.imageFlops(image)
    let patches = 2 * Double(256 * 3 * 14 * 14 * 1792)
    let blocks = 64 * ClosedForm.blockFlops(image.block, tokens: 257)
    let attention = 64 * 4 * Double(257 * 257 * 1792)
    let branch = 3 * forward - patches + r * blocks
    let words =
      3 * ClosedForm.textFlops(text) + r * 32 * ClosedForm.blockFlops(text.block, tokens: 77)
    let attack = Double(attackSteps) * (2 * forward + attention + r * blocks)
    let plan: RecomputationPlan = recomputing ? .full : .none
    func towers(_ calibration: CalibrationSettings) -> Double {
      Known.enormous.stepProgram(
        ProgramOptions(
          microBatch: Self.batch, recomputation: ["image": plan, "text": plan],
          calibration: calibration)
      ).flops { tower, _ in tower != "loss" }
    }
    #expect(towers(.none) == 6 * (branch + words))
    #expect(towers(itc(attackSteps)) == 6 * (branch + words) + 5 * (branch + attack))
  }
}
