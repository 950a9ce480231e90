import Testing
import Training
import TrainingCore
import TrainingData
import Workloads

@Suite("The zero-shot sweep")
struct ZeroShotEvaluatorTests {
  private static let lambdas: [Float] = [0, 1]

  /// Accuracies of a model with its first values, told each lambda.
  private func sweep(
    _ model: ModelSpec, radius: Float, conditioning: LambdaConditioning,
    frozen: Set<String> = [], partial: [String: Trainability] = [:], steps: Int = 10
  ) throws -> [SweepPoint] {
    var options = SmallRun.options(.lsaITC)
    options.calibration.conditioning = conditioning
    options.frozen = frozen
    options.partial = partial
    var settings = RunSettings(steps: 1)
    settings.seed = 3
    let trainer = try Trainer(
      model: model, options: options, settings: settings, source: SmallRun.source(model),
      core: SmallRun.core)
    let text = try TextInput(model)
    let layout = try PatchLayout(imageSize: 16, patchSize: 8, normalization: .shapes)
    let evaluator = try ZeroShotEvaluator(
      task: .colourShape(seed: 3, layout: layout),
      tokenizer: try WordTokenizer.shapes(modelVocabulary: text.vocabulary), model: model,
      frozen: frozen, partial: partial, conditioning: conditioning,
      attack: .init(steps: steps, radius: radius, stepSize: radius / 4), batch: 48,
      core: SmallRun.core)
    var told: [Double] = []
    let points = evaluator.sweep(trainer.executor, lambdas: Self.lambdas, images: 90) {
      told.append($0)
    }
    #expect(told == [0.25, 0.5, 0.75, 1])
    return points
  }

  @Test(
    "every family of pairs: an attack of radius 0 changes nothing, a strong one leaves less",
    arguments: ["clip", "siglip", "coca", "blip2-stage1"])
  func families(_ name: String) throws {
    let model = name == "clip" ? try SmallRun.model() : SmallRun.model(family: name)
    let still = try sweep(model, radius: 0, conditioning: .film)
    #expect(still.map(\.lambda) == Self.lambdas)
    for point in still {
      #expect(point.images == 96)
      #expect(point.attacked == point.clean)
      // First values know nothing, but some of the classes are named most often.
      #expect(point.clean > 0 && point.clean < 0.25)
    }
    let strong = try sweep(model, radius: 48 / 255, conditioning: .film)
    #expect(strong.map(\.clean) == still.map(\.clean))
    for point in strong { #expect(point.attacked < point.clean) }
  }

  @Test(
    "what was trained is asked, whatever was frozen and however it is told lambda",
    arguments: [LambdaConditioning.none, .classToken, .dualAffine, .film],
    [("clip", "image"), ("blip2-stage1", "image"), ("siglip", "text"), ("clip", "lora")])
  func trained(_ conditioning: LambdaConditioning, _ pair: (String, String)) throws {
    let model = pair.0 == "clip" ? try SmallRun.model() : SmallRun.model(family: pair.0)
    let isAdapted = pair.1 == "lora"
    let points = try sweep(
      model, radius: 0, conditioning: conditioning, frozen: isAdapted ? [] : [pair.1],
      partial: isAdapted ? ["image": .lora(LoRA(rank: 2)), "text": .lora(LoRA(rank: 2))] : [:])
    for point in points { #expect(point.clean == point.attacked && point.clean > 0) }
  }

  @Test("without attack steps both accuracies are the clean one")
  func withoutAttack() throws {
    let model = try SmallRun.model()
    let plain = try sweep(model, radius: 48 / 255, conditioning: .film, steps: 0)
    let asked = try sweep(model, radius: 48 / 255, conditioning: .film)
    #expect(plain.map(\.clean) == asked.map(\.clean))
    for point in plain { #expect(point.attacked == point.clean) }
  }

  @Test("a model that reads no captions is refused")
  func refusal() throws {
    let model = try SmallRun.model()
    guard case .clip(let image, _) = model.family else { return }
    let classifier = ModelSpec(
      id: "classifier", family: .imageClassifier(image: image, classes: 4), source: "")
    #expect(throws: TrainingError.noData(family: "an image classifier")) {
      try sweep(classifier, radius: 0, conditioning: .none)
    }
  }
}
