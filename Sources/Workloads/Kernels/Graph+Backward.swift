/// Which gradients a backward pass must produce.
public struct GradientNeed: Sendable, Hashable {
  /// Gradients of the parameters.
  public var weights: Bool
  /// The gradient of the first input: something trainable, or an attack, lies before.
  public var input: Bool
  /// Gradients of further inputs: image tokens or cached keys that are attended across.
  public var cross: Bool

  /// A need.
  public init(weights: Bool, input: Bool, cross: Bool) {
    self.weights = weights
    self.input = input
    self.cross = cross
  }

  /// No backward at all.
  public static let none = GradientNeed(weights: false, input: false, cross: false)
  /// An attack step, or a frozen tower behind something trainable.
  public static let inputOnly = GradientNeed(weights: false, input: true, cross: true)
  /// The first segment of a trained tower.
  public static let weightsOnly = GradientNeed(weights: true, input: false, cross: false)
  /// A trained block.
  public static let all = GradientNeed(weights: true, input: true, cross: true)

  /// Whether there is a backward pass.
  public var any: Bool { weights || input || cross }
}

/// The backward of one segment: kernels in order and what forward must keep for them.
public struct BackwardGraph: Sendable {
  /// The tensors of the forward graph followed by gradients and temporaries.
  public internal(set) var tensors: [Tensor]
  /// The kernels, in the order in which they run.
  public internal(set) var kernels: [Kernel] = []
  /// Forward activations that the kernels read: what a segment keeps.
  public internal(set) var kept: Set<TensorID> = []
  /// Gradients that arrive from the following segment.
  public internal(set) var arriving: [TensorID] = []
  /// Gradients that go on to the preceding segment.
  public internal(set) var leaving: [TensorID] = []
}

extension Graph {
  /// Derives the backward pass in reverse order of the forward nodes.
  ///
  /// Rules: a product needs its input for the weight gradient and its weight for the input
  /// gradient; normalisation and activations need their inputs; fused attention needs queries,
  /// keys, values, its output and the row statistics (Dao, arXiv 2205.14135, section 3.1);
  /// unfused attention needs the probabilities (Korthikanti et al., arXiv 2205.05198, section 4).
  /// A tensor with several readers gets its gradients added by one kernel per further reader.
  public func backward(_ need: GradientNeed, gradientType: ElementType) -> BackwardGraph {
    var writer = BackwardWriter(graph: self, need: need, gradientType: gradientType)
    return writer.run()
  }
}

/// The state of one derivation.
private struct BackwardWriter {
  let graph: Graph
  let need: GradientNeed
  let gradientType: ElementType
  var result: BackwardGraph
  /// The gradient of a forward tensor, once something has written it.
  var gradients: [TensorID: TensorID] = [:]
  /// Forward tensors that lie behind a trainable parameter or a differentiated input.
  var requiring: Set<TensorID> = []
  /// Row length of the scores behind the node that is being visited.
  var scoreColumns = 0

  init(graph: Graph, need: GradientNeed, gradientType: ElementType) {
    self.graph = graph
    self.need = need
    self.gradientType = gradientType
    result = BackwardGraph(tensors: graph.tensors)
  }

  mutating func run() -> BackwardGraph {
    markRequiring()
    guard !requiring.isEmpty else { return result }
    for output in graph.outputs where requiring.contains(output) {
      let gradient = newGradient(of: output)
      gradients[output] = gradient
      result.arriving.append(gradient)
    }
    for node in graph.nodes.reversed() {
      scoreColumns = node.kernel.scoreColumns
      visit(node.rule, label: node.kernel.label)
    }
    result.leaving = graph.inputs.compactMap { requiring.contains($0) ? gradients[$0] : nil }
    return result
  }

  mutating func markRequiring() {
    if need.input { requiring.formUnion(graph.inputs.prefix(1)) }
    if need.cross { requiring.formUnion(graph.inputs.dropFirst()) }
    for node in graph.nodes {
      let trainable =
        need.weights
        && node.kernel.reads.contains { graph.tensor($0).role == .parameter }
      let lookup: Bool
      if case .lookup = node.rule { lookup = need.weights } else { lookup = false }
      if trainable || lookup || node.rule.sources.contains(where: requiring.contains) {
        requiring.formUnion(node.kernel.writes)
      }
    }
  }

  // MARK: Tensors

  mutating func newTensor(_ name: String, _ elements: Int, _ type: ElementType, _ role: TensorRole)
    -> TensorID
  {
    result.tensors.append(Tensor(name: name, elements: elements, type: type, role: role))
    return TensorID(result.tensors.count - 1)
  }

  mutating func newGradient(of id: TensorID) -> TensorID {
    let source = graph.tensor(id)
    return newTensor("d " + source.name, source.elements, source.type, .activation)
  }

  mutating func emit(
    _ operation: Operation, _ label: String, reads: [TensorID], writes: [TensorID],
    keeping kept: [TensorID] = []
  ) {
    for id in kept where graph.tensor(id).role == .activation { result.kept.insert(id) }
    var kernel = Kernel(operation, label, reads: reads + kept, writes: writes)
    kernel.scoreColumns = scoreColumns
    result.kernels.append(kernel)
  }

  /// Hands a freshly written gradient to `id`: the first reader's is the gradient, others add.
  mutating func deliver(_ gradient: TensorID, to id: TensorID) {
    guard let present = gradients[id] else {
      gradients[id] = gradient
      return
    }
    let sum = newGradient(of: id)
    emit(
      .memoryBound(.elementwise), "add " + result.tensors[gradient.index].name,
      reads: [present, gradient], writes: [sum])
    gradients[id] = sum
  }

  /// The weight gradient: written in the compute type, then cast where stored in another.
  mutating func weightGradient(of parameter: TensorID) -> TensorID {
    let source = graph.tensor(parameter)
    return newTensor(
      "d " + source.name, source.elements, source.type,
      source.type == gradientType ? .parameterGradient : .activation)
  }

  mutating func storeWeightGradient(_ gradient: TensorID) {
    let written = result.tensors[gradient.index]
    guard written.type != gradientType else { return }
    let stored = newTensor(written.name, written.elements, gradientType, .parameterGradient)
    emit(
      .memoryBound(.elementwise), "cast " + written.name, reads: [gradient], writes: [stored])
  }

  // MARK: Rules

  mutating func visit(_ rule: Graph.BackwardRule, label: String) {
    let arrived = rule.results.compactMap { gradients[$0] }
    guard !arrived.isEmpty else { return }
    switch rule {
    case .linear(let x, let weight, let bias, _, let shape):
      linear(label, x: x, weight: weight, bias: bias, arrived: arrived, shape: shape)
    case .product(let a, let b, _, let shape):
      product(label, a: a, b: b, arrived: arrived, shape: shape)
    case .norm(let x, let parameters, _):
      var writes: [TensorID] = []
      if need.weights {
        for parameter in parameters {
          writes.append(weightGradient(of: parameter))
        }
      }
      let gradients = writes
      let dx = newGradient(of: x)
      emit(
        .memoryBound(.normalization), "d " + label, reads: arrived + parameters,
        writes: [dx] + writes, keeping: [x])
      for gradient in gradients { storeWeightGradient(gradient) }
      if requiring.contains(x) { deliver(dx, to: x) }
    case .pointwise(let inputs, let parameters, _, let kept, let keptForWeights, let kind):
      pointwise(
        label, inputs: inputs, parameters: parameters, arrived: arrived, kept: kept,
        keptForWeights: keptForWeights, kind: kind)
    case .add(let inputs, _):
      for input in inputs where requiring.contains(input) { deliver(arrived[0], to: input) }
    case .attention(let q, let k, let v, let y, let statistics, let shape):
      let targets = [q, k, v].map { ($0, newGradient(of: $0)) }
      emit(
        .attentionBackward(shape), "d " + label, reads: arrived, writes: targets.map(\.1),
        keeping: [q, k, v, y, statistics])
      for (input, gradient) in targets where requiring.contains(input) {
        deliver(gradient, to: input)
      }
    case .lookup:
      guard need.weights else { return }
      // A scatter-add touches the rows it was given: read twice, written once.
      let rows = newTensor(
        "d rows", result.tensors[arrived[0].index].elements, gradientType, .constant)
      emit(
        .memoryBound(.gather), "d " + label, reads: arrived + [rows], writes: [rows])
    case .none: break
    }
  }

  mutating func linear(
    _ label: String, x: TensorID, weight: TensorID, bias: TensorID?, arrived: [TensorID],
    shape: GEMMShape
  ) {
    if requiring.contains(x) {
      let dx = newGradient(of: x)
      emit(
        .gemm(GEMMShape(m: shape.m, n: shape.k, k: shape.n)), "d " + label + " input",
        reads: arrived + [weight], writes: [dx])
      deliver(dx, to: x)
    }
    guard need.weights else { return }
    let gradient = weightGradient(of: weight)
    emit(
      .gemm(GEMMShape(m: shape.k, n: shape.n, k: shape.m)), "d " + label + " weight",
      reads: arrived, writes: [gradient], keeping: [x])
    storeWeightGradient(gradient)
    guard let bias else { return }
    let biasGradient = weightGradient(of: bias)
    emit(
      .memoryBound(.reduction), "d " + label + " bias", reads: arrived, writes: [biasGradient])
    storeWeightGradient(biasGradient)
  }

  mutating func product(
    _ label: String, a: TensorID, b: TensorID, arrived: [TensorID], shape: GEMMShape
  ) {
    if requiring.contains(a) {
      let da = newGradient(of: a)
      emit(
        .gemm(GEMMShape(m: shape.m, n: shape.k, k: shape.n, count: shape.count)),
        "d " + label + " left", reads: arrived, writes: [da], keeping: [b])
      deliver(da, to: a)
    }
    if requiring.contains(b) {
      let db = newGradient(of: b)
      emit(
        .gemm(GEMMShape(m: shape.k, n: shape.n, k: shape.m, count: shape.count)),
        "d " + label + " right", reads: arrived, writes: [db], keeping: [a])
      deliver(db, to: b)
    }
  }

  mutating func pointwise(
    _ label: String, inputs: [TensorID], parameters: [TensorID], arrived: [TensorID],
    kept: [TensorID], keptForWeights: [TensorID], kind: MemoryBoundKind
  ) {
    var writes: [TensorID] = []
    var deliveries: [(TensorID, TensorID)] = []
    for input in inputs where requiring.contains(input) {
      let gradient = newGradient(of: input)
      writes.append(gradient)
      deliveries.append((input, gradient))
    }
    var stored: [TensorID] = []
    if need.weights {
      // Tables such as rotary angles stand among the parameters but are not trained.
      stored = parameters.filter { graph.tensor($0).role == .parameter }
        .map { weightGradient(of: $0) }
      writes += stored
    }
    guard !writes.isEmpty else { return }
    let needed = need.weights ? kept + keptForWeights.filter { !kept.contains($0) } : kept
    emit(
      .memoryBound(kind), "d " + label, reads: arrived + parameters, writes: writes,
      keeping: needed)
    for gradient in stored { storeWeightGradient(gradient) }
    for (input, gradient) in deliveries { deliver(gradient, to: input) }
  }
}

extension Graph.BackwardRule {
  /// The activations that a node's gradient flows to.
  var sources: [TensorID] {
    switch self {
    case .linear(let x, _, _, _, _): [x]
    case .product(let a, let b, _, _): [a, b]
    case .norm(let x, _, _): [x]
    case .pointwise(let inputs, _, _, _, _, _): inputs
    case .add(let inputs, _): inputs
    case .attention(let q, let k, let v, _, _, _): [q, k, v]
    case .lookup, .none: []
    }
  }

  /// The tensors whose gradients the node consumes.
  var results: [TensorID] {
    switch self {
    case .linear(_, _, _, let ys, _): ys
    case .product(_, _, let y, _): [y]
    case .norm(_, _, let y): [y]
    case .pointwise(_, _, let y, _, _, _): [y]
    case .add(_, let y): [y]
    case .attention(_, _, _, let y, _, _): [y]
    case .lookup(_, let y): [y]
    case .none: []
    }
  }
}
