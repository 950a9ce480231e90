/// Names of kernels that run the same code at other sizes.
public enum KernelFamily {
  /// The family of a kernel; nil for kernels that are priced only.
  public static func name(of kernel: Kernel) -> String? {
    switch kernel.function {
    case .priced: nil
    case .linear(_, let epilogue): "linear" + suffix(epilogue)
    case .linearInputGradient(let epilogue): "linear input gradient" + suffix(epilogue)
    case .linearWeightGradient: "linear weight gradient"
    case .tiedLinear: "tied linear"
    case .tiedInputGradient: "tied input gradient"
    case .tiedWeightGradient: "tied weight gradient"
    case .biasGradient: "bias gradient"
    case .product: "product"
    case .productLeftGradient: "product left gradient"
    case .productRightGradient: "product right gradient"
    case .attention(let call): "attention" + suffix(call)
    case .attentionGradient(let call): "attention gradient" + suffix(call)
    case .attentionPart(let call, let part): name(of: part) + (part == .softmax ? suffix(call) : "")
    case .norm(let kind, let affine):
      kind.rawValue + (affine ? "" : " without scales")
    case .normGradient(let kind, let affine, let adding):
      kind.rawValue + " gradient" + (affine ? "" : " without scales")
        + (kernel.writes.count > 1 ? "" : " of the input") + (adding ? " adding" : "")
    case .pointwise(let function): name(of: function)
    case .pointwiseGradient(let function, let inputs, let parameters):
      name(of: function) + " gradient" + (inputs.count > 1 ? " of \(inputs.count) inputs" : "")
        + (parameters ? " with parameters" : "")
    case .sum: "sum"
    case .lookup: "lookup"
    case .lookupGradient: "lookup gradient"
    }
  }

  /// The family of a pass between segments.
  public static func name(of function: ElementwisePass.Function) -> String {
    switch function {
    case .attackStart: "attack start"
    case .attackUpdate: "attack update"
    case .layerMeasure, .layerComparison: "layer measure"
    case .layerGradient: "layer gradient"
    case .addFeatureGradient, .addStreamGradient, .attackAgain, .tapGradient(_, starts: false):
      "pass sum"
    default: "pass copy"
    }
  }

  private static func suffix(_ epilogue: ProductEpilogue) -> String {
    switch epilogue {
    case .none: ""
    case .adding: " adding"
    case .activation(let kind): " " + kind.rawValue
    case .activationAgain(let kind): " \(kind.rawValue) again"
    }
  }

  private static func suffix(_ call: AttentionCall) -> String {
    call.mask.isCausal ? " causal" : ""
  }

  private static func name(of part: AttentionPart) -> String {
    switch part {
    case .scores, .probabilityGradient: "scores"
    case .values, .queryGradient: "values"
    case .valueGradient, .keyGradient: "value gradient"
    case .softmax: "softmax"
    case .softmaxGradient: "softmax gradient"
    }
  }

  private static func name(of function: PointwiseFunction) -> String {
    switch function {
    case .activation(let kind, _): kind.rawValue
    case .rotary: "rotary"
    case .layerScale: "layer scale"
    case .dropPath: "drop path"
    case .relu: "relu"
    case .mixAffine: "mix affine"
    case .shiftByLambda: "shift by lambda"
    case .film: "film"
    case .imageTokens: "image tokens"
    case .keptPatches: "kept patches"
    case .addPositions: "add positions"
    case .select: "select"
    case .mean: "mean"
    case .copies: "copies"
    case .join: "join"
    case .pairs: "pairs"
    case .normalise: "normalise"
    case .temperature: "temperature"
    case .best: "best"
    case .crossEntropy(let loss):
      "cross-entropy" + (loss.alongColumns ? " along columns" : "")
    case .sigmoidLoss: "sigmoid loss"
    case .mixSamples: "mix samples"
    case .squaredDistance: "squared distance"
    case .cosineDistance: "cosine distance"
    }
  }
}
