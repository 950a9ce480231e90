public import TrainingCore
public import TrainingData
public import Workloads

/// Zero-shot accuracy of a trained model that compares images with texts, clean and attacked, by
/// lambda.
///
/// The in-situ sweep: one model, several values of lambda at evaluation, no training between them
/// (Wang et al., arXiv 2010.11828, section 3). Classes are sentences; an image belongs to the class
/// whose feature, averaged over its sentences, is nearest; of several vectors of an image (the
/// Q-Former's queries) the nearest counts, as in the contrastive loss.
public final class ZeroShotEvaluator {
  /// How strongly, and how long, images are attacked.
  public struct Attack: Sendable, Hashable {
    /// K_e: steps; with 0 the attacked accuracy is the clean one.
    public var steps: Int
    /// Largest perturbation of a pixel in [0, 1].
    public var radius: Float
    /// Length of a step, in the same units.
    public var stepSize: Float

    /// An attack; by default that of the sweep in `Documentation/lsa-itc.md`.
    public init(steps: Int = 10, radius: Float = 4 / 255, stepSize: Float = 1 / 255) {
      self.steps = steps
      self.radius = radius
      self.stepSize = stepSize
    }
  }

  /// What is told apart.
  public let task: ZeroShotTask
  private let texts: StepExecutor
  private let images: StepExecutor
  private let prompts: StepBatch
  private let promptsPerClass: [Int]
  private let batch: Int
  private let isAttacked: Bool

  /// An evaluator for models that were trained with `conditioning`.
  ///
  /// - Parameters:
  ///   - task: Classes, sentences and images.
  ///   - tokenizer: The one of the training run.
  ///   - model: What was trained.
  ///   - frozen: Towers that were not trained.
  ///   - partial: What of its towers was trained, where that is not everything.
  ///   - conditioning: How it learns of lambda.
  ///   - attack: The attack of the attacked accuracy.
  ///   - batch: Images at a time.
  ///   - core: What runs the kernels.
  ///   - seed: Where attacks start from.
  /// - Throws: `TrainingError.noData` for models that read no captions, `ExecutionError`.
  public init(
    task: ZeroShotTask, tokenizer: any Tokenizer, model: ModelSpec,
    frozen: Set<String> = [], partial: [String: Trainability] = [:],
    conditioning: LambdaConditioning, attack: Attack = Attack(), batch: Int = 64,
    core: ComputeCore, seed: UInt64 = 1
  ) throws {
    let text = try TextInput(model)
    self.task = task
    self.batch = batch
    promptsPerClass = task.prompts.map(\.count)
    var ids: [Int32] = []
    var ends: [Int32] = []
    for sentence in task.prompts.joined() {
      let encoded = tokenizer.encode(sentence, length: text.tokens)
      ids += encoded.ids
      ends.append(Int32(encoded.endPosition))
    }
    prompts = StepBatch(
      tokens: ids, lengths: text.masksPadding ? ends.map { $0 + 1 } : [], endPositions: ends)
    let style = KernelStyle.core(.flash)
    var settings = ExecutionSettings()
    let deviation = task.layout.normalization.deviation.reduce(0, +) / 3
    settings.seed = seed
    settings.epsilon = attack.radius / deviation
    settings.alpha = attack.stepSize / deviation
    settings.lowest = task.layout.normalization.range.lower
    settings.highest = task.layout.normalization.range.upper
    // Nothing is dropped when a model is asked.
    settings.dropPathRate = 0
    texts = try StepExecutor(
      model.textFeatureProgram(
        texts: ends.count, conditioning: conditioning, frozen: frozen, partial: partial,
        style: style),
      core: core, settings: settings, hasMoments: false)
    images = try StepExecutor(
      model.imageFeatureProgram(
        images: batch, texts: task.classes.count, attackSteps: attack.steps,
        conditioning: conditioning, frozen: frozen, partial: partial, style: style),
      core: core, settings: settings, hasMoments: false)
    isAttacked = attack.steps > 0
    texts.reportsFeatures = true
    images.reportsFeatures = true
  }

  /// Accuracy at every value of lambda, on the same images.
  ///
  /// - Parameters:
  ///   - trained: The model's values, read by name.
  ///   - lambdas: Values to tell the model.
  ///   - count: Images, rounded up to whole batches.
  ///   - progress: Told after every batch which share is done.
  /// - Returns: One point per value.
  public func sweep(
    _ trained: StepExecutor, lambdas: [Float], images count: Int,
    progress: (Double) -> Void = { _ in }
  ) -> [SweepPoint] {
    for evaluating in [texts, images] {
      for entry in evaluating.layout.entries {
        evaluating.values(of: entry.name).assign(trained.values(of: entry.name).values)
      }
    }
    images.givenTextFeatures = classFeatures()
    let batches = (count + batch - 1) / batch
    var points = lambdas.map {
      SweepPoint(lambda: $0, clean: 0, attacked: 0, images: batches * batch)
    }
    for number in 0..<batches {
      let pixels = pixels(from: number * batch)
      let labels = (0..<batch).map { task.label(UInt64(number * batch + $0)) }
      for (index, lambda) in lambdas.enumerated() {
        let result = images.run(
          batch: StepBatch(
            images: pixels, lambda: [Float](repeating: lambda, count: batch),
            classes: labels.map(Int32.init)), number: number + 1)
        let clean = hits(result.features[.clean] ?? [], from: number * batch)
        points[index].clean += clean
        points[index].attacked +=
          isAttacked ? hits(result.features[.attacked] ?? [], from: number * batch) : clean
        progress(Double(number * lambdas.count + index + 1) / Double(batches * lambdas.count))
      }
    }
    for index in points.indices {
      points[index].clean /= Double(batches * batch)
      points[index].attacked /= Double(batches * batch)
    }
    return points
  }

  /// Features of the classes: the mean over their sentences, of length 1 again.
  private func classFeatures() -> [Float] {
    let all = texts.run(batch: prompts, number: 1).textFeatures
    let width = all.count / promptsPerClass.reduce(0, +)
    var features: [Float] = []
    var first = 0
    for count in promptsPerClass {
      var mean = [Float](repeating: 0, count: width)
      for sentence in first..<first + count {
        for column in 0..<width { mean[column] += all[sentence * width + column] }
      }
      let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
      features += mean.map { $0 / max(length, 1e-12) }
      first += count
    }
    return features
  }

  private func pixels(from first: Int) -> [Float] {
    let elements = task.layout.imageElements
    var pixels: [Float] = []
    var one = [Float](repeating: 0, count: elements)
    for sample in 0..<batch {
      var span = one.mutableSpan
      task.layout.write(task.image(UInt64(first + sample)), into: &span)
      pixels += one
    }
    return pixels
  }

  /// How many images are nearest to their own class among those that compete.
  private func hits(_ features: [Float], from first: Int) -> Double {
    let classes = images.givenTextFeatures
    let width = classes.count / task.classes.count
    let vectors = features.count / (batch * width)
    var hits = 0
    for sample in 0..<batch {
      let index = UInt64(first + sample)
      var best = (class: -1, score: -Float.infinity)
      for candidate in task.candidates(index) {
        for vector in sample * vectors..<(sample + 1) * vectors {
          var score: Float = 0
          for column in 0..<width {
            score += features[vector * width + column] * classes[candidate * width + column]
          }
          if score > best.score { best = (candidate, score) }
        }
      }
      if best.class == task.label(index) { hits += 1 }
    }
    return Double(hits)
  }
}
