/// The family of calibration methods: each is a transformation of the step program.
///
/// Layer analysis after Khalooei et al., arXiv 2202.02626 (LSA); conditioning on lambda after Wang
/// et al., arXiv 2010.11828 (OAT); their union with a contrastive loss is this project's design,
/// see `Documentation/lsa-itc.md`.
public enum CalibrationMethod: String, Sendable, Hashable, CaseIterable {
  /// Plain training: the baseline.
  case none
  /// Existing loss terms rebalanced in training.
  case lossReweight = "loss-reweight"
  /// LSA's analysis only, on a few attacked samples every R steps.
  case layerProbe = "layer-probe"
  /// LSA as published: adversarial training with the layer-wise regulariser.
  case atLR = "at-lr"
  /// OAT: lambda-conditioned two-term loss.
  case oat
  /// LSA with in-situ trade-off calibration: the union, both branches live.
  case lsaITC = "lsa-itc"
  /// The same with the branches one after the other: less memory, the clean branch is detached.
  case lsaITCSequential = "lsa-itc-sequential"
  /// Adversarial tuning anchored to a frozen copy of the image tower.
  case anchored
  /// Distillation from a frozen teacher (a stand-in for CLIP-TD, not its formula).
  case teacher

  /// Whether training images are attacked.
  public var attacks: Bool {
    switch self {
    case .none, .lossReweight, .layerProbe, .teacher: false
    case .atLR, .oat, .lsaITC, .lsaITCSequential, .anchored: true
    }
  }

  /// One line for people.
  public var summary: String {
    switch self {
    case .none: "plain training"
    case .lossReweight: "loss terms rebalanced in training"
    case .layerProbe: "layer analysis only, every R steps"
    case .atLR: "adversarial training with LSA's layer regulariser"
    case .oat: "lambda-conditioned two-term loss (OAT)"
    case .lsaITC: "LSA with in-situ trade-off calibration, both branches live"
    case .lsaITCSequential: "LSA-ITC with the branches one after the other"
    case .anchored: "adversarial tuning anchored to a frozen image tower"
    case .teacher: "distillation from a frozen teacher"
    }
  }
}

/// Where an attack perturbs the image.
public enum AttackSite: Sendable, Hashable, CustomStringConvertible {
  /// The pixels.
  case pixels
  /// The input of the block with this index (0 is the first).
  case block(Int)
  /// The output of the image tower.
  case encoderOutput

  /// As written in a scenario.
  public var description: String {
    switch self {
    case .pixels: "pixels"
    case .block(let index): "block \(index)"
    case .encoderOutput: "encoder-output"
    }
  }
}

/// What is trained on the clean images.
public enum CleanBranch: String, Sendable, Hashable, CaseIterable {
  /// Forward and backward of the whole branch.
  case trained
  /// Forward everywhere, backward up to the last selected layer.
  case toLastSelectedLayer = "to-last-selected-layer"
  /// Forward without gradients.
  case forwardOnly = "forward-only"
  /// Not run.
  case none
}

/// The knobs of the calibration methods; those that a method does not use are ignored.
public struct CalibrationSettings: Sendable, Hashable {
  /// The method.
  public var method: CalibrationMethod
  /// K: attack steps.
  public var attackSteps: Int
  /// Where the attack acts.
  public var attackSite: AttackSite
  /// Image size during the attack; nil: the model's.
  public var attackImageSize: Int?
  /// Whether an attack step also forms weight gradients (a careless implementation).
  public var attackWeightGradients: Bool
  /// p0: share of samples with lambda = 0.
  public var cleanShare: Double
  /// How the image tower learns of lambda.
  public var conditioning: LambdaConditioning
  /// What is trained on clean images.
  public var cleanBranch: CleanBranch
  /// q: share of all samples that are trained with the method.
  public var phaseShare: Double
  /// m: most vulnerable layers that are regularised, at most.
  public var vulnerableLayers: Int
  /// R: steps between refreshes of the selection.
  public var refreshSteps: Int
  /// The layers selected at present, counted from 0; nil where a step is only priced, which
  /// assumes `vulnerableLayers` of them.
  public var selectedLayers: [Int]?
  /// l*: depth of the last selected layer as a share of all, for partial clean backward.
  public var selectedDepth: Double
  /// n_p: samples of a layer probe, per rank.
  public var probeSamples: Int
  /// G: values of lambda in the sweep after training.
  public var sweepPoints: Int
  /// n: pairs evaluated per value.
  public var sweepPairs: Int
  /// K_e: attack steps of the evaluation.
  public var sweepAttackSteps: Int
  /// Whether the teacher's features are read from a cache instead of computed.
  public var teacherCached: Bool

  /// The defaults of a method (Documentation/lsa-itc.md: K = 2, p0 = 1/6, m = 4, R = 100, G = 6, n = 50,000,
  /// K_e = 10, class-token conditioning, pixels).
  public init(method: CalibrationMethod) {
    self.method = method
    attackSteps = 2
    attackSite = .pixels
    attackImageSize = nil
    attackWeightGradients = false
    cleanShare = 1.0 / 6.0
    conditioning = .classToken
    cleanBranch = .trained
    phaseShare = 1
    vulnerableLayers = 4
    refreshSteps = 100
    selectedLayers = nil
    selectedDepth = 1
    probeSamples = 8
    sweepPoints = 6
    sweepPairs = 50_000
    sweepAttackSteps = 10
    teacherCached = false
    switch method {
    case .atLR:
      cleanShare = 0
      cleanBranch = .toLastSelectedLayer
      conditioning = .none
    case .anchored:
      cleanShare = 0
      cleanBranch = .none
      conditioning = .none
    case .none, .lossReweight, .layerProbe, .teacher: conditioning = .none
    case .oat, .lsaITC, .lsaITCSequential: break
    }
  }

  /// Plain training.
  public static let none = CalibrationSettings(method: .none)

  /// What the method adds to the program.
  var recipe: BranchRecipe {
    var recipe = BranchRecipe()
    recipe.attackSteps = attackSteps
    recipe.attackSite = attackSite
    recipe.attackImageSize = attackImageSize
    recipe.attackWeightGradients = attackWeightGradients
    recipe.refreshSteps = max(1, refreshSteps)
    recipe.cleanDepth = selectedDepth
    recipe.selection = selectedLayers
    switch method {
    case .none: return BranchRecipe()
    case .lossReweight:
      recipe.attackSteps = 0
      recipe.reweightsLosses = true
    case .layerProbe:
      recipe.attackSteps = 0
      recipe.probeSamples = probeSamples
      recipe.probeAttackSteps = attackSteps
    case .atLR:
      recipe.adversarialShare = 1
      recipe.clean = cleanBranch
      recipe.taps = vulnerableLayers
    case .oat:
      recipe.adversarialShare = 1 - cleanShare
      recipe.conditioning = conditioning
      recipe.clean = cleanBranch
    case .lsaITC, .lsaITCSequential:
      recipe.adversarialShare = 1 - cleanShare
      recipe.conditioning = conditioning
      recipe.clean = cleanBranch
      recipe.taps = vulnerableLayers
      recipe.isSequential = method == .lsaITCSequential
    case .anchored:
      recipe.adversarialShare = 1
      recipe.clean = cleanBranch
      recipe.references = 1
    case .teacher:
      recipe.attackSteps = 0
      recipe.references = teacherCached ? 0 : 1
      recipe.distils = true
      recipe.referenceReadsCache = teacherCached
    }
    // Without attack steps nothing is perturbed: the clean program is what remains.
    if recipe.attackSteps == 0, method.attacks { return BranchRecipe() }
    return recipe
  }
}

/// The passes that a method adds, in the terms of the cost formula of Documentation/lsa-itc.md.
struct BranchRecipe: Sendable, Hashable {
  /// c: what is trained on clean images.
  var clean = CleanBranch.trained
  /// Depth of the clean backward where it is partial.
  var cleanDepth = 1.0
  /// rho: share of samples with an adversarial branch.
  var adversarialShare = 0.0
  /// K.
  var attackSteps = 0
  var attackSite = AttackSite.pixels
  var attackImageSize: Int?
  /// w.
  var attackWeightGradients = false
  var conditioning = LambdaConditioning.none
  /// Clean block outputs kept for the regulariser.
  var taps = 0
  /// The layers that are regularised, where that is known.
  var selection: [Int]?
  var refreshSteps = 100
  var isSequential = false
  /// Frozen image towers that run forward once: anchors, teachers.
  var references = 0
  var referenceReadsCache = false
  var distils = false
  var reweightsLosses = false
  var probeSamples = 0
  var probeAttackSteps = 0
}
