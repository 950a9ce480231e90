import Workloads

/// Runs the kernels of one application of a segment: finds operands, calls the core.
///
/// One method of the core for every kernel of the program. A kernel of which the program does not
/// say what it computes is a mistake of whoever chose the software stack; `ExecutionError` says so
/// before anything runs.
struct KernelRunner {
  let core: ComputeCore
  let arena: Arena
  let store: ParameterStore
  let plan: SegmentPlan
  /// Position of each parameter tensor's parameter.
  let parameters: [Int: Int]
  /// Position of the block in its tower.
  let layer: Int
  let data: PassData
  /// Memory of the tensors that live now, by owner.
  var regions: [Int: Region]

  // MARK: Operands

  /// A tensor that owns its memory, or a parameter's values.
  func floats(_ id: TensorID) -> Floats {
    let tensor = plan.tensors[id.index]
    switch tensor.role {
    case .parameter:
      return parameter(id)
    case .parameterGradient: return gradient(id)
    case .constant where tensor.name == "lambda code":
      guard let code = data.lambdaCode else {
        preconditionFailure("a modulated pass without a code of lambda")
      }
      return code
    case .activation, .constant:
      guard let region = regions[plan.owners[id.index]] else {
        preconditionFailure("'\(tensor.name)' is not in memory")
      }
      return arena.floats(region)
    }
  }

  /// A tensor as rows of `columns`, which may be columns of a wider one.
  func matrix(_ id: TensorID, columns: Int) -> FloatMatrix {
    let tensor = plan.tensors[id.index]
    let whole = floats(id)
    guard let view = tensor.view else {
      return FloatMatrix(whole, rows: whole.count / columns, columns: columns)
    }
    return FloatMatrix(
      whole, rows: whole.count / view.width, width: view.width, first: view.first,
      columns: view.columns)
  }

  /// The values of a parameter, or of its first rows.
  func parameter(_ id: TensorID) -> Floats {
    guard let position = parameters[id.index] else {
      preconditionFailure("'\(plan.tensors[id.index].name)' is no parameter of the model")
    }
    let values = store.value(position)
    let wanted = plan.tensors[id.index].elements
    return values.count == wanted ? values : values.part(0, wanted)
  }

  private func position(_ id: TensorID) -> Int {
    guard let position = parameters[id.index] else {
      preconditionFailure("'\(plan.tensors[id.index].name)' has no gradient in the model")
    }
    return position
  }

  /// The gradient of a parameter, for a kernel that adds to it.
  func gradient(_ id: TensorID) -> Floats {
    let whole = store.addableGradient(position(id))
    let wanted = plan.tensors[id.index].elements
    return whole.count == wanted ? whole : whole.part(0, wanted)
  }

  /// The gradient of a weight, which the first kernel overwrites.
  func weightGradient(_ id: TensorID) -> (floats: Floats, isAccumulating: Bool) {
    store.claimGradient(position(id))
  }

  // MARK: Dispatch

  func run(_ kernel: Kernel) {
    switch kernel.function {
    case .priced:
      preconditionFailure("the program does not say what '\(kernel.label)' computes")
    case .linear(let bias, let epilogue): linear(kernel, bias: bias, epilogue: epilogue)
    case .linearInputGradient(let epilogue): linearInputGradient(kernel, epilogue: epilogue)
    case .linearWeightGradient:
      guard case .gemm(let shape) = kernel.operation else { return }
      let (dW, isAccumulating) = weightGradient(kernel.writes[0])
      core.linearWeightGradient(
        floats(kernel.reads[1]), matrix(kernel.reads[0], columns: shape.n), k: shape.m, into: dW,
        accumulating: isAccumulating)
    case .tiedLinear(let columns): tiedLinear(kernel, bias: columns)
    case .tiedInputGradient:
      guard case .gemm(let shape) = kernel.operation else { return }
      core.multiply(
        shape, transposed: (.no, .no), floats(kernel.reads[0]), parameter(kernel.reads[1]),
        into: floats(kernel.writes[0]))
    case .tiedWeightGradient:
      guard case .gemm(let shape) = kernel.operation else { return }
      let (dW, isAccumulating) = weightGradient(kernel.writes[0])
      core.linearWeightGradient(
        floats(kernel.reads[0]), floats(kernel.reads[1]), rows: shape.k, k: shape.m, n: shape.n,
        into: dW, accumulating: isAccumulating)
    case .biasGradient(let columns, let width):
      let dy = floats(kernel.reads[0])
      core.biasGradient(
        dy, rows: dy.count / width, layout: columns, into: gradient(kernel.writes[0]))
    case .product, .productLeftGradient, .productRightGradient: product(kernel)
    case .attention(let call): attention(kernel, call)
    case .attentionGradient(let call): attentionGradient(kernel, call)
    case .attentionPart(let call, let part): attentionPart(kernel, call, part)
    case .norm(let kind, let affine): norm(kernel, kind: kind, affine: affine)
    case .normGradient(let kind, let affine, let adding):
      normGradient(kernel, kind: kind, affine: affine, adding: adding)
    case .pointwise(let function): pointwise(kernel, function)
    case .pointwiseGradient(let function, let inputs, let hasParameters):
      pointwiseGradient(kernel, function, inputs: inputs, hasParameters: hasParameters)
    case .sum: sum(kernel)
    case .lookup(let width):
      core.lookup(
        parameter(kernel.touches[0]), ids: data.tokens, width: width,
        into: floats(kernel.writes[0]))
    case .lookupGradient(let width):
      core.lookupBackward(
        floats(kernel.reads[0]), ids: data.tokens, width: width,
        into: gradient(kernel.touches[0]))
    }
  }

  private func sum(_ kernel: Kernel) {
    let out = plan.tensors[kernel.writes[0].index]
    guard out.view != nil else {
      core.add(floats(kernel.reads[0]), floats(kernel.reads[1]), into: floats(kernel.writes[0]))
      return
    }
    let columns = out.view?.columns ?? 1
    core.add(
      matrix(kernel.reads[0], columns: columns), matrix(kernel.reads[1], columns: columns),
      into: matrix(kernel.writes[0], columns: columns))
  }
}
