import TrainingCore
import Workloads

/// A fixture's model in an executor, with the fixture's weights and batch.
struct FixtureRun {
  let executor: StepExecutor
  let program: StepProgram
  let batch: StepBatch

  init(_ fixture: ReferenceFixture, attention: AttentionKernel, trace: KernelTrace? = nil) throws {
    let inputs = fixture.inputs
    var options = ProgramOptions(
      microBatch: inputs.batch, defaultStyle: .core(attention),
      frozen: Set(
        ["image"].filter { tower in
          !fixture.parameters.contains { $0.trainable && $0.name.hasPrefix(tower) }
        }))
    var settings = ExecutionSettings()
    settings.captionToken = inputs.captionToken
    settings.rotaryGrid = fixture.model.image.block.rotary?.pretrainedGrid
    // Attacked samples come first.
    var order = Array(0..<inputs.batch)
    if let calibration = inputs.calibration {
      order.sort {
        (calibration.lambdas[$0] > 0 ? 0 : 1, $0) < (calibration.lambdas[$1] > 0 ? 0 : 1, $1)
      }
      var method = CalibrationSettings(
        method: calibration.comparisonDetached ? .lsaITCSequential : .lsaITC)
      method.attackSteps = calibration.attackSteps
      method.selectedLayers = calibration.layers
      method.refreshSteps = 1_000
      options.calibration = method
      settings.epsilon = calibration.epsilon
      settings.alpha = calibration.alpha
      settings.lowest = [Float](repeating: calibration.lowestPixel, count: 3)
      settings.highest = [Float](repeating: calibration.highestPixel, count: 3)
      settings.layerGammas = Dictionary(
        uniqueKeysWithValues: zip(calibration.layers, calibration.gammas))
    }
    program = fixture.spec.stepProgram(options)
    executor = try StepExecutor(
      program,
      core: ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1), trace: trace),
      settings: settings)
    for parameter in fixture.parameters {
      executor.values(of: parameter.name).assign(fixture.values(of: parameter))
    }
    let elements = inputs.imageShape.dropFirst().reduce(1, *)
    func stream(_ name: String, amplitude: Double) -> [Float] {
      order.flatMap { sample in
        (0..<elements).map {
          Float(
            ReferenceFixture.value(name, sample * elements + $0, amplitude: amplitude))
        }
      }
    }
    var batch = StepBatch(
      images: stream("images", amplitude: inputs.imageAmplitude),
      tokens: order.flatMap { inputs.tokens[$0] })
    if let ends = inputs.endPositions { batch.endPositions = order.map { ends[$0] } }
    if let lengths = inputs.textLengths { batch.lengths = order.map { lengths[$0] } }
    if let calibration = inputs.calibration {
      batch.lambda = order.map { calibration.lambdas[$0] }
      executor.givenPerturbation = stream("delta", amplitude: Double(calibration.epsilon))
    }
    if let images = inputs.imageNegatives, let texts = inputs.textNegatives {
      batch.negatives = StepBatch.Negatives(images: images, texts: texts)
    }
    self.batch = batch
  }

  func step(number: Int) -> StepResult {
    // Step 1 on: a refresh of the selection would run in step 0.
    executor.run(program, batch: batch, number: number + 1)
  }
}
