public import Strategies
public import TrainingCore
import Measurement
import Training
import TrainingData
import Workloads

/// What a real run did.
public struct RealRun: Sendable, Hashable {
  /// Seconds of every timed step.
  public var seconds: [Double] = []
  /// Seconds of the baseline's step after each of them, divided by the drift around it; empty for
  /// runs without a baseline.
  public var baseline: [Double] = []
  /// How much slower than while the machine was benched the reference block was around each step.
  public var drift: [Double] = []
  /// Share of the processors that other programs took during each step; 0 where nobody says.
  public var others: [Double] = []
  /// Live bytes at the fullest instant, counted by the allocator.
  public var countedPeak = 0
  /// Whether every checked step ran exactly the kernels of its program.
  public var kernelsMatch = true
  /// Layers that the method selected, counted from 0.
  public var selection: [Int] = []
  /// Seconds of one more step by family of kernel.
  public var families: [String: Double] = [:]

  /// Slow-down of the reference that is accepted.
  static let tolerance = 0.15
  /// Share of the processors that others may take.
  static let mostOthers = 0.06
  /// Undisturbed steps that a median needs.
  static let fewest = 3

  /// Share of the ratio's excess over 1 that half of its 90 % interval may be.
  static let tightness = 0.015
  /// The same as a share of the ratio, below which no more pairs are needed.
  static let tightestRatio = 0.004
  /// Timed steps at most, for each step that is asked for.
  static let most = 4
  /// Seconds after which no more pairs are run than steps are asked for.
  static let pairSeconds = 10.0

  /// Steps that are run before any is timed: the first selects layers, the second makes room.
  static let warmUp = 2

  /// A run of which only times are known.
  init(seconds: [Double], drift: [Double], others: [Double], baseline: [Double] = []) {
    (self.seconds, self.drift, self.others) = (seconds, drift, others)
    self.baseline = baseline
  }

  /// Runs a few steps of a design.
  ///
  /// - Parameters:
  ///   - run: The design.
  ///   - baseline: What its cost is a ratio over: a step of it follows every timed step, so that a
  ///     machine that is slower for a while is so for both, until the ratio is known closely.
  ///   - steps: Timed steps: twice as many where the machine is disturbed, up to four times as many
  ///     beside a baseline.
  ///   - reference: Seconds of the reference block while the machine was benched.
  ///   - core: What runs the kernels.
  ///   - stack: The stack that describes the core.
  /// - Throws: `TrainingError`, `TrainingDataError` or `ExecutionError`.
  public init(
    _ run: ValidationRun, beside baseline: ValidationRun? = nil, steps: Int,
    reference: Double, core: ComputeCore, stack: SoftwareStack
  ) throws {
    let most = Self.most * steps
    let trainer = try Self.trainer(run, steps: most, core: core, stack: stack)
    let other = try baseline.map { try Self.trainer($0, steps: most, core: core, stack: stack) }
    for _ in 0..<Self.warmUp { _ = try other?.advance() }
    let block = try ReferenceBlock(core)
    func slowDown() -> Double { block.seconds() / reference }
    trainer.executor.resetPeak()
    for _ in 0..<Self.warmUp where try trainer.advance().difference != nil {
      kernelsMatch = false
    }
    let start = ContinuousClock.now
    func isEarly() -> Bool { start.duration(to: .now) < .seconds(Self.pairSeconds) }
    var before = slowDown()
    while seconds.count < steps || (seconds.count < 2 * steps && accepted.count < Self.fewest)
      || (seconds.count < most && isEarly() && ratio?.isTight == false)
    {
      let load = MachineLoad()
      let metrics = try trainer.advance()
      if metrics.difference != nil { kernelsMatch = false }
      others.append(load.others() ?? 0)
      let after = slowDown()
      seconds.append(metrics.seconds)
      drift.append((before + after) / 2)
      before = after
      if let other {
        let seconds = try other.advance().seconds
        before = slowDown()
        self.baseline.append(seconds / ((after + before) / 2))
      }
    }
    countedPeak = trainer.executor.peakBytes
    selection = trainer.selection
    try profile(trainer)
  }

  /// Positions of the steps during which the machine did nothing else; where enough of them had it
  /// as it mostly was while it was benched, only those.
  private var accepted: [Int] {
    let undisturbed = seconds.indices.filter {
      drift[$0] <= 1 + Self.tolerance && others[$0] <= Self.mostOthers
    }
    let judge = DriftJudge()
    let steady = undisturbed.filter { judge.isSteady(drift[$0]) }
    return steady.count >= Self.fewest ? steady : undisturbed
  }

  /// The median over undisturbed steps, over all where there are too few; each is divided by the
  /// slow-down of the reference around it, so that it is one of the machine as it was benched.
  var judged: (seconds: Double, accepted: Int, isCorrected: Bool) {
    let counted = accepted
    let isCorrected = counted.count < Self.fewest
    let times = (isCorrected ? Array(seconds.indices) : counted).map { seconds[$0] / drift[$0] }
      .sorted()
    return (SampleStatistics.quantile(0.5, ofSorted: times), counted.count, isCorrected)
  }

  /// Step time over the baseline's: the median over pairs of neighbouring steps, the undisturbed ones
  /// where there are enough; nil without a baseline.
  var ratio: Ratio? {
    let counted = accepted.count < Self.fewest ? Array(seconds.indices) : accepted
    let ratios = counted.filter(baseline.indices.contains).map {
      seconds[$0] / drift[$0] / baseline[$0]
    }
    return SampleStatistics(ratios).map {
      Ratio(value: $0.median, halfInterval: $0.relativeHalfInterval, pairs: $0.count)
    }
  }

  /// A measured ratio of step times.
  public struct Ratio: Sendable, Hashable {
    /// The median over pairs.
    public var value: Double
    /// Half of its 90 % interval, as a share of it; infinite below three pairs.
    public var halfInterval: Double
    /// Pairs that count.
    public var pairs: Int

    /// Whether its excess over 1 is known closely.
    var isTight: Bool {
      halfInterval * value <= max(tightness * abs(value - 1), tightestRatio * value)
    }
  }

  private mutating func profile(_ trainer: Trainer) throws {
    let profile = KernelProfile()
    trainer.executor.profile = profile
    let metrics = try trainer.advance()
    trainer.executor.profile = nil
    families = profile.families.mapValues(\.seconds)
    families["whole step"] = metrics.seconds
  }

  private static func trainer(
    _ run: ValidationRun, steps: Int, core: ComputeCore, stack: SoftwareStack
  ) throws -> Trainer {
    var strengths = MethodStrengths()
    strengths.threshold = ValidationRun.threshold
    var settings = RunSettings(steps: steps + warmUp + 1, rule: run.rule)
    settings.learningRate = 1e-4
    let text = try TextInput(run.model)
    guard let tower = run.model.imageTower else {
      throw TrainingError.noData(family: "a model without images")
    }
    let deviation = PixelNormalization.shapes.deviation.reduce(0, +) / 3
    let layout = try PatchLayout(
      imageSize: tower.imageSize, patchSize: tower.patchSize,
      normalization: PixelNormalization(
        mean: PixelNormalization.shapes.mean, deviation: [deviation, deviation, deviation]))
    let source = try ShapesBatchSource(
      dataset: ShapesDataset(seed: settings.seed, split: .train, layout: layout),
      tokenizer: WordTokenizer.shapes(modelVocabulary: text.vocabulary),
      batch: run.microBatch * run.accumulation, tokens: text.tokens)
    return try Trainer(
      model: run.model, options: run.options(stack), settings: settings, strengths: strengths,
      source: try RepeatingBatchSource(source), core: core)
  }
}
