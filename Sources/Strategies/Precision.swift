public import Clusters
public import Workloads

/// Number formats of training.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// fp32 everywhere, matrix products on ordinary units.
  case fp32
  /// fp32 storage, products in tf32.
  case tf32
  /// fp32 master weights, fp16 products, dynamic loss scaling (skipped steps on overflow).
  case ampFP16 = "amp-fp16"
  /// fp32 master weights, bf16 products.
  case ampBF16 = "amp-bf16"
  /// bf16 weights, gradients and optimizer states; no master copy.
  case pureBF16 = "pure-bf16"
  /// The same in fp16.
  case pureFP16 = "pure-fp16"

  /// The matrix units that products run on.
  public var matrixFormat: MatrixFormat {
    switch self {
    case .fp32: .fp32
    case .tf32: .tf32
    case .ampFP16, .pureFP16: .fp16
    case .ampBF16, .pureBF16: .bf16
    }
  }

  /// The type of matrix operands.
  public var compute: ElementType {
    switch self {
    case .fp32, .tf32: .float32
    case .ampFP16, .pureFP16: .float16
    case .ampBF16, .pureBF16: .bfloat16
    }
  }

  /// Whether fp32 master weights stand behind 16-bit products.
  public var isMixed: Bool { self == .ampFP16 || self == .ampBF16 }

  /// Whether weights and optimizer states are 16-bit alone.
  public var isPure: Bool { self == .pureBF16 || self == .pureFP16 }

  /// Share of steps that dynamic loss scaling skips and that must be run again in effect.
  ///
  /// One skip per growth of the scale, every 2000 steps by default (PyTorch `GradScaler`).
  public var skippedStepShare: Double { self == .ampFP16 ? 1.0 / 2000 : 0 }
}
