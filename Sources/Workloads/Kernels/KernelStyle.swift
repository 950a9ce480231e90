/// How attention runs.
public enum AttentionKernel: String, Sendable, Hashable, CaseIterable {
  /// One kernel that never stores the score matrix (FlashAttention and its relatives).
  case flash
  /// Scores, softmax and weighted sum as separate kernels.
  case unfused
}

/// What a software stack makes of a layer: which kernels, in which types.
///
/// Everything that COST-MODEL calls bytes per token follows from these choices and the tensors.
public struct KernelStyle: Sendable, Hashable {
  /// Type of matrix operands and of the tensors between kernels.
  public var compute: ElementType
  /// Type of the residual stream.
  public var residual: ElementType
  /// Type in which weights are stored; differing from `compute`, they are cast each forward pass.
  public var weights: ElementType
  /// Type in which weight gradients are kept.
  public var gradients: ElementType
  /// Normalisation as autocast runs it: cast up, normalise in fp32, cast down; the fp32 copy stays.
  public var normInFloat32: Bool
  /// Softmax of unfused attention in fp32, then a cast: two copies of the probabilities stay.
  public var softmaxInFloat32: Bool
  /// Separate copies for splitting and merging heads.
  public var headCopies: Bool
  /// Scale (and mask) of unfused attention folded into the softmax kernel.
  public var fusedScaleMaskSoftmax: Bool
  /// Residual add folded into the following normalisation or preceding product.
  public var fusedResidual: Bool
  /// Gated and quick activations as one kernel; eager frameworks need one per arithmetic step.
  public var fusedActivation: Bool
  /// Attention.
  public var attention: AttentionKernel
  /// A language model's cross-entropy as one kernel that reads the logits in their own type and
  /// keeps nothing else: no fp32 copy, no stored log-softmax.
  public var fusedCrossEntropy = false
  /// Metrics that evaluate an unfused cross-entropy on the logits once more, without gradients.
  public var lossMetrics = 0
  /// Products end with bias, activation and residual while their result is in a cache, and their
  /// gradients with those of the activation or with a gradient that is there already; parts of a
  /// product share its memory, rotary positions and sums of gradients work in place.
  public var epilogues = false

  /// Whether query, key and value are products of their own, each with its own cast of the input.
  public var separateProjections = false
  /// Whether unfused attention's softmax keeps its input as well as its output (PyTorch up to 1.10).
  public var softmaxKeepsInput = false
  /// Whether exact GELU is five elementary kernels: three hidden tensors stay for its backward.
  public var geluInSteps = false
  /// Whether the dropout that blocks ask for is run: masks are written and kept.
  public var dropout = false

  /// A style.
  public init(
    compute: ElementType, residual: ElementType, weights: ElementType, gradients: ElementType,
    normInFloat32: Bool, softmaxInFloat32: Bool, headCopies: Bool, fusedScaleMaskSoftmax: Bool,
    fusedResidual: Bool, fusedActivation: Bool, attention: AttentionKernel
  ) {
    self.compute = compute
    self.residual = residual
    self.weights = weights
    self.gradients = gradients
    self.normInFloat32 = normInFloat32
    self.softmaxInFloat32 = softmaxInFloat32
    self.headCopies = headCopies
    self.fusedScaleMaskSoftmax = fusedScaleMaskSoftmax
    self.fusedResidual = fusedResidual
    self.fusedActivation = fusedActivation
    self.attention = attention
  }

  /// Everything in fp32, nothing fused: the style of the exact counts and of small real runs.
  public static let float32 = KernelStyle(
    compute: .float32, residual: .float32, weights: .float32, gradients: .float32,
    normInFloat32: false, softmaxInFloat32: false, headCopies: false,
    fusedScaleMaskSoftmax: true, fusedResidual: false, fusedActivation: true,
    attention: .unfused)

  /// What this project's own compute core runs: fp32, epilogues, one kernel for each loss.
  public static func core(_ attention: AttentionKernel) -> KernelStyle {
    var style = KernelStyle.float32
    style.attention = attention
    style.fusedCrossEntropy = true
    style.epilogues = true
    return style
  }
}
