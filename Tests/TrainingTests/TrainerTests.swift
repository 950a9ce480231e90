import Testing
import Training
import TrainingCore
import TrainingData
import Workloads

@Suite("Training runs")
struct TrainerTests {
  @Test(
    "every method trains, with the kernels of its programs", arguments: CalibrationMethod.allCases)
  func methods(_ method: CalibrationMethod) throws {
    let trainer = try SmallRun.trainer(method)
    for step in 1...5 {
      let metrics = try trainer.advance()
      #expect(metrics.step == step)
      #expect(metrics.difference == nil, "\(metrics.difference ?? "")")
      #expect(metrics.loss.isFinite && metrics.gradientNorm > 0)
      #expect(trainer.executor.liveBytes == trainer.executor.stateBytes)
    }
  }

  @Test(
    "attacks inside the model run as their programs say, or are refused before anything runs",
    arguments: CalibrationMethod.allCases, [AttackSite.block(0), .block(2), .encoderOutput])
  func sites(_ method: CalibrationMethod, _ site: AttackSite) throws {
    var options = SmallRun.options(method)
    options.calibration.attackSite = site
    do {
      let trainer = try SmallRun.trainer(method, options: options)
      for _ in 0..<4 {
        let metrics = try trainer.advance()
        #expect(metrics.difference == nil, "\(metrics.difference ?? "")")
        // What is not behind the attacked site does not differ.
        if case .block(let first) = site {
          #expect(metrics.selection.allSatisfy { $0 >= first })
        }
      }
    } catch let error as ExecutionError {
      guard case .pricedOnly = error else { throw error }
    }
  }

  @Test("an attack at another resolution is refused")
  func resolution() {
    var options = SmallRun.options(.oat)
    options.calibration.attackImageSize = 8
    #expect(throws: ExecutionError.self) { try SmallRun.trainer(.oat, options: options) }
  }

  @Test(
    "a clean branch that leaves nothing to compare with is refused before the first step",
    arguments: [
      (CalibrationMethod.oat, CleanBranch.none), (.oat, .toLastSelectedLayer), (.lsaITC, .none),
      (.lsaITC, .toLastSelectedLayer), (.lsaITCSequential, .none), (.atLR, .none),
    ])
  func cleanBranches(_ pair: (CalibrationMethod, CleanBranch)) {
    for accumulation in [1, 2] {
      var options = SmallRun.options(pair.0, accumulation: accumulation)
      options.calibration.cleanBranch = pair.1
      #expect(throws: ExecutionError.self) { try SmallRun.trainer(pair.0, options: options) }
    }
  }

  @Test(
    "a run that diverges ends with an error", arguments: ["siglip", "coca", "blip2-stage1"])
  func divergence(_ name: String) throws {
    let model = SmallRun.model(family: name)
    var settings = RunSettings(steps: 20)
    settings.learningRate = 1e20
    let trainer = try Trainer(
      model: model, options: SmallRun.options(.none), settings: settings,
      source: SmallRun.source(model), core: SmallRun.core)
    #expect(throws: TrainingError.self) {
      for _ in 0..<20 { _ = try trainer.advance() }
    }
  }

  @Test("the loss falls: colours and shapes are learnt")
  func learning() throws {
    let trainer = try SmallRun.trainer(steps: 60) { $0.learningRate = 0.02 }
    var losses: [Double] = []
    for _ in 0..<60 { losses.append(try trainer.advance().loss) }
    // Chance is ln 6 = 1.79; of the last ten steps' mean, noise is a few hundredths.
    let (first, last) = (losses.prefix(5).reduce(0, +) / 5, losses.suffix(10).reduce(0, +) / 10)
    #expect(last < first - 0.1)
  }

  @Test("with no attack step the conditioned program's shared weights equal plain training's")
  func withoutAttack() throws {
    let plain = try SmallRun.trainer()
    var options = SmallRun.options(.lsaITC)
    options.calibration.attackSteps = 0
    let conditioned = try SmallRun.trainer(.lsaITC, options: options)
    for _ in 0..<4 {
      _ = try plain.advance()
      _ = try conditioned.advance()
    }
    #expect(SmallRun.differences(plain, conditioned) == [])
  }

  @Test("the selection follows the comparison of every refresh, and regularises the next steps")
  func selection() throws {
    let trainer = try SmallRun.trainer(.lsaITC, steps: 12)
    var seen: Set<[Int]> = []
    var before: [Int] = []
    for _ in 0..<12 {
      let metrics = try trainer.advance()
      #expect(metrics.selection == before)
      #expect(metrics.terms["layer regulariser"] == nil || !before.isEmpty)
      for layer in before { #expect((metrics.comparison[layer] ?? -1) >= 0) }
      if (metrics.step - 1).isMultiple(of: 2) {
        // A refresh compares all layers.
        #expect(metrics.comparison.count == 3)
      } else {
        #expect(trainer.selection == before)
      }
      before = trainer.selection
      seen.insert(before)
    }
    #expect(seen.contains { !$0.isEmpty }, "no layer was ever selected")
  }

  @Test("a calibration phase comes last; before it, steps are plain")
  func phases() throws {
    var options = SmallRun.options(.lsaITC)
    options.calibration.phaseShare = 0.5
    let trainer = try SmallRun.trainer(.lsaITC, steps: 6, options: options)
    let plain = try SmallRun.trainer(steps: 6)
    for step in 1...6 {
      let metrics = try trainer.advance()
      #expect(metrics.difference == nil)
      #expect((metrics.terms["attacked contrastive"] == nil) == (step <= 3))
      if step <= 3 { #expect(try plain.advance().loss == metrics.loss) }
    }
  }

  @Test("emulated fp16 skips steps whose scaled gradients overflow, and halves the scale")
  func lossScaling() throws {
    let trainer = try SmallRun.trainer(steps: 8) { $0.emulation = .fp16 }
    #expect(trainer.scaler?.scale == 65_536)
    trainer.scaler = LossScaler(scale: 0x1p40)
    let before = trainer.executor.allValues.values
    let skipped = try trainer.advance()
    #expect(skipped.isSkipped && skipped.difference == nil)
    #expect(skipped.lossScale == 0x1p40)
    #expect(trainer.scaler?.scale == 0x1p39)
    #expect(trainer.executor.allValues.values == before)
    trainer.scaler = LossScaler(scale: 1024)
    let taken = try trainer.advance()
    #expect(!taken.isSkipped && trainer.scaler?.scale == 1024)
    #expect(trainer.executor.allValues.values != before)
    // Scaled by 1024 each gradient is a binary16 number; the clip comes after.
    let all = trainer.executor.allGradients.values
    #expect(all.allSatisfy { Float(Float16($0 * 1024)) == $0 * 1024 })
    #expect(all.contains { $0 != 0 })
  }

  @Test("emulated bfloat16 rounds what a step reads and updates full weights")
  func emulation() throws {
    let trainer = try SmallRun.trainer(steps: 4) { $0.emulation = .bf16 }
    let exact = try SmallRun.trainer(steps: 4)
    let (rounded, full) = (try trainer.advance(), try exact.advance())
    #expect(rounded.loss != full.loss)
    // bfloat16 has 8 bits: a loss near 1.8 moves by far less than 0.1.
    #expect(abs(rounded.loss - full.loss) < 0.1)
    let gradients = trainer.executor.allGradients.values
    #expect(gradients.allSatisfy { $0.bitPattern & 0xFFFF == 0 })
    #expect(trainer.executor.allValues.values.contains { $0.bitPattern & 0xFFFF != 0 })
  }

  @Test("clipping bounds the gradient that is used, not the norm that is reported")
  func clipping() throws {
    let free = try SmallRun.trainer()
    let clipped = try SmallRun.trainer { $0.clipNorm = 0.5 }
    let (a, b) = (try free.advance(), try clipped.advance())
    #expect(a.gradientNorm == b.gradientNorm && a.gradientNorm > 0.5)
    // After one step the first moment is 1 - beta1 = 0.1 of the gradient that was used.
    let moment = try #require(clipped.executor.allMoments).first
    let norm = 10 * clipped.executor.core.gradientNorm(moment)
    // The factor is rounded to fp32, 1e-6 is added to the norm it is divided by, and 1 - 0.9 is 0.1
    // to seven digits.
    #expect(abs(norm - 0.5) < 1e-5)
  }

  @Test("a batch of other sizes, and a model without pairs, are refused")
  func refusals() throws {
    let model = try SmallRun.model()
    #expect(throws: TrainingError.self) {
      try Trainer(
        model: model, options: SmallRun.options(.none, batch: 4), settings: RunSettings(steps: 1),
        source: try SmallRun.source(model, batch: 6), core: SmallRun.core)
    }
    let block = BlockSpec(width: 8, heads: 2, mlpWidth: 8)
    let classifier = ModelSpec(
      id: "c",
      family: .imageClassifier(
        image: VisionTowerSpec(
          imageSize: 16, patchSize: 8, block: block, layers: 1, outputWidth: nil), classes: 4),
      source: "")
    #expect(throws: TrainingError.noData(family: "an image classifier")) {
      try TextInput(classifier)
    }
  }

  @Test(
    "other families of pairs train too", arguments: ["siglip", "coca", "blip2-stage1"],
    [CalibrationMethod.none, .lsaITC])
  func families(_ name: String, _ method: CalibrationMethod) throws {
    let model = SmallRun.model(family: name)
    var options = SmallRun.options(method)
    if name == "blip2-stage1" { options.frozen = ["image"] }
    var settings = RunSettings(steps: 4)
    settings.learningRate = 0.01
    let trainer = try Trainer(
      model: model, options: options, settings: settings, source: SmallRun.source(model),
      core: SmallRun.core)
    for _ in 0..<4 {
      let metrics = try trainer.advance()
      #expect(metrics.difference == nil, "\(metrics.difference ?? "")")
      #expect(metrics.gradientNorm > 0)
    }
  }

  @Test("the attack grows over the given share of the run, and stays")
  func attackWarmUp() throws {
    var strengths = MethodStrengths()
    #expect((0..<10).allSatisfy { strengths.attackScale(ofStep: $0, of: 10) == 1 })
    strengths.attackWarmUp = 0.5
    #expect(
      (0..<10).map { strengths.attackScale(ofStep: $0, of: 10) }
        == [0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1, 1])
    let trainer = try SmallRun.trainer(.oat, steps: 4, strengths: strengths)
    var radii: [Float] = []
    for _ in 0..<4 {
      _ = try trainer.advance()
      radii.append(
        trainer.executor.settings.epsilon * PixelNormalization.shapes.deviation.reduce(0, +) / 3
          * 255 / 4)
    }
    // In fp32: rounding of a few products.
    #expect(zip(radii, [0.5, 1, 1, 1] as [Float]).allSatisfy { abs($0 - $1) < 1e-5 }, "\(radii)")
  }
}
