public import Workloads

/// A segment's forward kernels in double precision, one after the other, as their functions say.
///
/// It knows nothing of how the core runs them: tensors are arrays, columns of others are copied out
/// and in, and every kernel is its definition.
public struct DoubleSegment: Sendable {
  /// The kernels with their tensors.
  public let graph: Graph
  let tensors: [Tensor]
  let kernels: [Kernel]
  let shape: BlockShape

  /// A segment as the core writes it, with fused or unfused attention.
  public init(_ spec: SegmentSpec, _ shape: BlockShape, attention: AttentionKernel = .flash) {
    graph = spec.graph(shape, style: .core(attention))
    tensors = graph.tensors
    kernels = graph.forwardKernels
    self.shape = shape
    parameters = tensors.filter { $0.role == .parameter }
      .reduce(into: [:]) { $0[$1.name] = max($0[$1.name] ?? 0, $1.elements) }
  }

  /// Elements of every parameter by name: of a table of which some rows are read, the whole one.
  public let parameters: [String: Int]

  /// Names of the parameters that have gradients where weights are trained.
  public var trained: Set<String> {
    Set(tensors.indices.filter { graph.isTrained(graph.id($0)) }.map { tensors[$0].name })
  }

  /// Elements of every input.
  public var inputs: [Int] { graph.inputs.map { tensors[$0.index].elements } }

  /// The outputs for inputs and parameters.
  public func callAsFunction(
    _ inputs: [[Double]], parameters: [String: [Double]], choices: DoubleChoices
  ) -> [[Double]] {
    var evaluation = DoubleEvaluation(self, parameters: parameters, choices: choices)
    for (id, values) in zip(graph.inputs, inputs) { evaluation.write(values, to: id) }
    for kernel in kernels { evaluation.run(kernel) }
    return graph.outputs.map { evaluation.read($0) }
  }
}

/// The tensors of one run of a segment.
struct DoubleEvaluation {
  let segment: DoubleSegment
  let parameters: [String: [Double]]
  let choices: DoubleChoices
  private var values: [[Double]]

  init(_ segment: DoubleSegment, parameters: [String: [Double]], choices: DoubleChoices) {
    self.segment = segment
    self.parameters = parameters
    self.choices = choices
    values = [[Double]](repeating: [], count: segment.tensors.count)
  }

  // MARK: Tensors

  func elements(_ id: TensorID) -> Int { segment.tensors[id.index].elements }

  /// The elements of a tensor: of columns of another, row after row.
  func read(_ id: TensorID) -> [Double] {
    let tensor = segment.tensors[id.index]
    if tensor.role == .parameter {
      // Of a table only the first rows may be in use.
      return Array((parameters[tensor.name] ?? []).prefix(tensor.elements))
    }
    if tensor.name == "lambda" { return choices.lambda }
    if tensor.name == "lambda code" { return choices.lambdaCode }
    guard let view = tensor.view else { return values[id.index] }
    let owner = values[view.of.index]
    return stride(from: view.first, to: owner.count, by: view.width).flatMap {
      owner[$0..<$0 + view.columns]
    }
  }

  mutating func write(_ result: [Double], to id: TensorID) {
    precondition(
      result.count == elements(id),
      "\(result.count) values for \(elements(id)) of '\(segment.tensors[id.index].name)'")
    guard let view = segment.tensors[id.index].view else {
      values[id.index] = result
      return
    }
    let owner = view.of.index
    if values[owner].isEmpty {
      values[owner] = [Double](repeating: .nan, count: segment.tensors[owner].elements)
    }
    for (index, value) in result.enumerated() {
      let (row, column) = (index / view.columns, index % view.columns)
      values[owner][row * view.width + view.first + column] = value
    }
  }

  // MARK: Kernels

  mutating func run(_ kernel: Kernel) {
    let reads = kernel.reads
    func first() -> [Double] { read(reads[0]) }
    switch kernel.function {
    case .linear(let bias, let epilogue): linear(kernel, bias: bias, epilogue: epilogue)
    case .tiedLinear(let bias): tiedLinear(kernel, bias: bias)
    case .product: product(kernel)
    case .attention(let call):
      let attention = attention(call)
      write(attention(q: first(), k: read(reads[1]), v: read(reads[2])), to: kernel.writes[0])
    case .attentionPart(let call, let part): attentionPart(kernel, attention(call), part)
    case .norm(let kind, let affine): norm(kernel, kind, affine: affine ? read(reads[1]) : nil)
    case .pointwise(let function): write(pointwise(kernel, function), to: kernel.writes[0])
    case .sum:
      write(zip(first(), read(reads[1])).map { $0 + $1 }, to: kernel.writes[0])
    case .lookup(let width):
      write(
        ReferenceTokens.rows(read(kernel.touches[0]), choices.tokens, width: width),
        to: kernel.writes[0])
    default: preconditionFailure("'\(kernel.label)' is no forward kernel that has a definition")
    }
  }

  private mutating func norm(_ kernel: Kernel, _ kind: NormKind, affine: [Double]?) {
    let x = read(kernel.reads[0])
    let width =
      affine.map { $0.count / (kind == .layerNorm ? 2 : 1) }
      ?? x.count / (segment.shape.samples * segment.shape.tokens)
    let normal = ReferenceNorm.normalise(
      x, width: width, centred: kind == .layerNorm, epsilon: 1e-5)
    write(
      affine.map { ReferenceNorm.scale(normal, affine: $0, width: width) } ?? normal,
      to: kernel.writes[0])
  }
}
