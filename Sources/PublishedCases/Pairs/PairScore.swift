import Clusters
import CostModel
import Planning
import Quantities
public import Scenarios
import Strategies
import Workloads

/// A published pair and what the step program says about it.
public struct PairScore: Sendable {
  /// The pair.
  public var pair: AttackPair
  /// Ratios by the model: one, or without and with weight gradients where nobody says.
  public var predicted: [Double]
  /// The same by counting passes.
  public var passes: [Double]
  /// Prediction over published, minus 1, where one prediction meets one figure.
  public var error: Double?
  /// The same of the pass count.
  public var passError: Double?
  /// Whether the published ratio lies between the predictions, within 10 % of a single one.
  public var agrees: Bool

  /// How the predictions are made, for people.
  public static let meaning =
    "Published pairs are convolutional networks, which the model does not price: a ViT-B/16 classifier of "
    + "the same passes stands in, fp32, one device. Where nobody says whether an attack step forms weight "
    + "gradients, both are predicted and the published ratio should lie between."
  /// What no pair says anything about, for people.
  public static let unsupported =
    "No pair is a ViT or CLIP, none has fused attention, 16 bits, patch dropout, recomputation, ZeRO, a "
    + "condition on lambda or a frozen tower, and there is no pair of memory: overheads of attacks with any of "
    + "these are not validated on GPU."

  /// Predicts pairs.
  ///
  /// - Throws: `FileErrors` where a profile or a stack cannot be read.
  public static func all(_ pairs: [AttackPair], loader: ScenarioLoader) throws -> [PairScore] {
    guard !pairs.isEmpty else { return [] }
    let standIn = try StandIn(loader: loader)
    return pairs.map { PairScore($0, standIn) }
  }

  private init(_ pair: AttackPair, _ standIn: StandIn) {
    self.pair = pair
    let weights = pair.formsWeightGradients.map { [$0] } ?? [false, true]
    predicted = weights.map { standIn.ratio(pair, weightGradients: $0) }
    passes = weights.map { pair.passes(weightGradients: $0) }
    let isOne = predicted.count == 1 && pair.low == pair.high
    error = isOne ? predicted[0] / pair.low - 1 : nil
    passError = isOne ? passes[0] / pair.low - 1 : nil
    let (least, most) = (predicted.min() ?? 0, predicted.max() ?? 0)
    agrees =
      isOne
      ? abs(predicted[0] / pair.low - 1) <= 0.1 : pair.low <= most && pair.high >= least
  }
}

/// The classifier that stands in for networks that are not priced.
private struct StandIn {
  private let estimator: Estimator
  private let strategy: Strategy

  init(loader: ScenarioLoader) throws {
    let block = BlockSpec(width: 768, heads: 12, mlpWidth: 3072)
    var tower = VisionTowerSpec(
      imageSize: 224, patchSize: 16, block: block, layers: 12, outputWidth: nil)
    tower.preNorm = false
    let workload = Workload(
      model: ModelSpec(
        id: "ViT-B/16 classifier", family: .imageClassifier(image: tower, classes: 1000),
        source: "stand-in"), frozen: [], patchDropout: 0, globalBatch: 128,
      samplesSeen: Sourced(128_000, origin: .assumed), optimizer: .sgd)
    var profile = try loader.hardware("a100-40gb-sxm-dgx")
    profile.node.accelerators = Sourced(1, origin: .assumed)
    strategy = Strategy(
      microBatch: 128, accumulation: 1, dataParallel: 1, zeroStage: 0, recomputation: [:],
      precision: .fp32, attention: [:], defaultAttention: .unfused, contrastiveGather: .local,
      software: try loader.stack("timm-2022"))
    estimator = Estimator(
      scenario: "stand-in", workload: workload,
      cluster: Cluster(profile: profile, accelerators: 1))
  }

  func ratio(_ pair: AttackPair, weightGradients: Bool) -> Double {
    seconds(
      pair.steps, weightGradients, clean: pair.trainsClean, extra: pair.extraForwards)
      / seconds(
        pair.baselineSteps, weightGradients, clean: false, extra: pair.baselineExtraForwards)
  }

  private func seconds(
    _ steps: Int, _ weightGradients: Bool, clean: Bool, extra: Int
  ) -> Double {
    var settings = CalibrationSettings.none
    if steps > 0 {
      settings = CalibrationSettings(method: .oat)
      settings.attackSteps = steps
      settings.attackWeightGradients = weightGradients
      settings.cleanShare = 0
      settings.cleanBranch = clean ? .trained : .none
      settings.conditioning = .none
    }
    let plain = estimator.estimate(strategy, calibration: CalibrationSettings.none, complete: false)
    let forward =
      plain.phases.first { $0.name == "image_forward" }?.time.value ?? 0
    let step = estimator.estimate(strategy, calibration: settings, complete: false)
    return step.step.typical.value + Double(extra) * forward
  }
}
