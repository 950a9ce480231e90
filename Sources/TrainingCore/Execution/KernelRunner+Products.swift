import Workloads

extension KernelRunner {
  func linear(_ kernel: Kernel, bias columns: [Range<Int>], epilogue: Workloads.ProductEpilogue) {
    guard case .gemm(let shape) = kernel.operation else { return }
    var next = 2
    var bias: BiasVector?
    if !columns.isEmpty {
      bias = BiasVector(elements: parameter(kernel.reads[2]), layout: columns)
      next = 3
    }
    let after: ProductEpilogue =
      switch epilogue {
      case .none: .none
      case .adding: .residual(floats(kernel.reads[next]))
      case .activation(let kind), .activationAgain(let kind):
        .activation(Activation(kind), floats(kernel.writes[1]))
      }
    core.linear(
      floats(kernel.reads[0]), weight: parameter(kernel.reads[1]), bias: bias, rows: shape.m,
      k: shape.k, n: shape.n, epilogue: after, into: floats(kernel.writes[0]))
  }

  func tiedLinear(_ kernel: Kernel, bias columns: [Range<Int>]) {
    guard case .gemm(let shape) = kernel.operation else { return }
    core.tiedLinear(
      floats(kernel.reads[0]), table: parameter(kernel.reads[1]),
      bias: columns.isEmpty ? nil : parameter(kernel.reads[2]), rows: shape.m, k: shape.k,
      n: shape.n, into: floats(kernel.writes[0]))
  }

  func linearInputGradient(_ kernel: Kernel, epilogue: Workloads.ProductEpilogue) {
    guard case .gemm(let shape) = kernel.operation else { return }
    let after: GradientEpilogue =
      switch epilogue {
      case .none: .none
      case .adding: .adding(floats(kernel.reads[2]))
      case .activation(let kind):
        .activation(Activation(kind), pre: floats(kernel.reads[2]))
      case .activationAgain(let kind):
        .activation(
          Activation(kind), pre: floats(kernel.reads[2]), again: floats(kernel.writes[1]))
      }
    core.linearInputGradient(
      matrix(kernel.reads[0], columns: shape.k), weight: parameter(kernel.reads[1]), k: shape.n,
      epilogue: after, into: floats(kernel.writes[0]))
  }

  /// Products of two activations outside attention: logits and their gradients.
  ///
  /// Forward `a [m, k] b [n, k]^T`; `da = dy [m, n] b [n, k]`, `db = dy^T [n, m] a [m, k]`.
  func product(_ kernel: Kernel) {
    guard case .gemm(let shape) = kernel.operation else { return }
    let (first, second) = (floats(kernel.reads[0]), floats(kernel.reads[1]))
    switch kernel.function {
    case .product:
      core.multiply(
        GEMMShape(m: shape.m, n: shape.n, k: shape.k), transposed: (.no, .yes), first, second,
        into: floats(kernel.writes[0]))
    case .productLeftGradient:
      core.multiply(
        GEMMShape(m: shape.m, n: shape.n, k: shape.k), transposed: (.no, .no), first, second,
        into: floats(kernel.writes[0]))
    default:
      core.multiply(
        GEMMShape(m: shape.m, n: shape.n, k: shape.k), transposed: (.yes, .no), first, second,
        into: floats(kernel.writes[0]))
    }
  }
}

extension Activation {
  /// The core's kernel for an MLP's activation.
  init(_ kind: MLPKind) {
    self =
      switch kind {
      case .gelu: .gelu
      case .quickGELU: .quickGELU
      case .relu: .relu
      case .swiGLU: .swiGLU
      case .geGLU: .geGLU
      }
  }
}
