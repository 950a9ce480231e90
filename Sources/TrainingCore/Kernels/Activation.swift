internal import CKernels

/// The function between the matrices of a multilayer perceptron.
///
/// Gated functions take rows of `[gate | up]`, twice as wide as what they give. With the normal
/// distribution `P` and `s(x) = 1 / (1 + e^-x)`; formulas and sources in `ck_activations.h`.
public enum Activation: String, Sendable, Hashable, CaseIterable {
  /// `x P(x)`.
  case gelu
  /// The form of GELU with a hyperbolic tangent.
  case geluTanh = "gelu-tanh"
  /// `x s(1.702 x)`.
  case quickGELU = "quick-gelu"
  /// `max(x, 0)`.
  case relu
  /// `gate s(gate) up`.
  case swiGLU = "swiglu"
  /// `gate P(gate) up`.
  case geGLU = "geglu"

  /// Whether the input is a pair of gate and up.
  public var isGated: Bool { self == .swiGLU || self == .geGLU }

  /// Columns that go in for each that comes out: 2 where gated.
  public var inputsPerOutput: Int { isGated ? 2 : 1 }

  var kind: ck_activation_kind {
    switch self {
    case .gelu: ck_kind_gelu
    case .geluTanh: ck_kind_gelu_tanh
    case .quickGELU: ck_kind_quick_gelu
    case .relu: ck_kind_relu
    case .swiGLU: ck_kind_swiglu
    case .geGLU: ck_kind_geglu
    }
  }
}
