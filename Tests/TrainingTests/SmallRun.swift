import Training
import TrainingCore
import TrainingData
import Workloads

/// A run of a model so small that a step takes milliseconds.
enum SmallRun {
  static func model(layers: Int = 3) throws -> ModelSpec {
    let block = BlockSpec(width: 12, heads: 2, mlpWidth: 20)
    let image = VisionTowerSpec(
      imageSize: 16, patchSize: 8, block: block, layers: layers, outputWidth: 8)
    var textBlock = BlockSpec(width: 10, heads: 2, mlpWidth: 14)
    textBlock.causal = true
    let text = TextTowerSpec(
      tokens: 8, vocabulary: 128, block: textBlock, layers: 2, outputWidth: 8)
    return ModelSpec(id: "small", family: .clip(image: image, text: text), source: "")
  }

  static func options(
    _ method: CalibrationMethod, refresh: Int = 2, batch: Int = 6, accumulation: Int = 1
  ) -> ProgramOptions {
    var calibration = CalibrationSettings(method: method)
    calibration.refreshSteps = refresh
    calibration.vulnerableLayers = 2
    calibration.probeSamples = 2
    return ProgramOptions(
      microBatch: batch, accumulation: accumulation, defaultStyle: .core(.flash),
      calibration: calibration)
  }

  static func source(
    _ model: ModelSpec, batch: Int = 6, seed: UInt64 = 1
  ) throws -> any BatchSource {
    let text = try TextInput(model)
    let layout = try PatchLayout(
      imageSize: model.imageTower?.imageSize ?? 16, patchSize: model.imageTower?.patchSize ?? 8,
      normalization: .shapes)
    return try ShapesBatchSource(
      dataset: ShapesDataset(seed: seed, split: .train, layout: layout),
      tokenizer: WordTokenizer.shapes(modelVocabulary: text.vocabulary), batch: batch,
      tokens: text.tokens)
  }

  static var core: ComputeCore {
    ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1))
  }

  static func trainer(
    _ method: CalibrationMethod = .none, steps: Int = 8, prefetching: Bool = false,
    options: ProgramOptions? = nil, strengths: MethodStrengths = MethodStrengths(),
    change: (inout RunSettings) -> Void = { _ in }
  ) throws -> Trainer {
    let model = try model()
    let options = options ?? self.options(method)
    var settings = RunSettings(steps: steps)
    settings.learningRate = 0.01
    change(&settings)
    let plain = try source(model, batch: options.localBatch)
    return try Trainer(
      model: model, options: options, settings: settings, strengths: strengths,
      source: prefetching ? PrefetchingBatchSource(plain) : plain, core: core)
  }

  /// Parameters of one run whose bits another has not.
  static func differences(_ run: Trainer, _ other: Trainer) -> [String] {
    run.executor.layout.entries.map(\.name).filter {
      run.executor.values(of: $0).values != other.executor.values(of: $0).values
    }
  }

  /// Attacked samples of a micro-batch as the program has them.
  static func programPasses(batch: Int) -> Int {
    guard let model = try? model() else { return 0 }
    let program = model.stepProgram(options(.lsaITC, batch: batch))
    return program.passes.first { $0.branch == .attacked && $0.role == .image }?.samples ?? 0
  }
}
