/// The state of one derivation of a backward pass.
struct BackwardWriter {
  let graph: Graph
  let need: GradientNeed
  let gradientType: ElementType
  var result: BackwardGraph
  /// The gradient of a forward tensor, once something has written it.
  var gradients: [TensorID: TensorID] = [:]
  /// Gradients of tensors whose columns are tensors of their own.
  var owners: [TensorID: TensorID] = [:]
  /// Forward tensors that lie behind a trainable parameter or a differentiated input.
  var requiring: Set<TensorID> = []
  /// Forward tensors whose gradients have been used up.
  var visited: Set<TensorID> = []
  /// Results of activations inside a product, with what they read.
  var activations: [TensorID: (before: TensorID, kind: MLPKind)] = [:]
  /// Gathered tokens, with the shard that is kept in their place.
  var shards: [TensorID: TensorID] = [:]
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
    for (position, output) in graph.outputs.enumerated()
    where requiring.contains(output) && gradients[output] == nil {
      let gradient: TensorID
      if graph.heldOutputs.contains(output) {
        // Its memory is held by the passes that it comes from.
        let source = graph.tensor(output)
        gradient = newTensor("d " + source.name, source.elements, source.type, .constant)
      } else {
        gradient = newGradient(of: output)
      }
      gradients[output] = gradient
      result.arriving.append(gradient)
      result.arrivingOutputs.append(position)
    }
    for (position, input) in graph.inputs.enumerated() where graph.sharedInputs.contains(input) {
      guard requiring.contains(input) else { continue }
      // Its memory is held from the first application to the last.
      let source = graph.tensor(input)
      let gradient = newTensor("d " + source.name, source.elements, source.type, .constant)
      gradients[input] = gradient
      result.shared.append(gradient)
      result.sharedInputs.append(position)
    }
    var readers: [TensorID: Int] = [:]
    for node in graph.nodes {
      for source in node.rule.sources { readers[source, default: 0] += 1 }
    }
    for node in graph.nodes {
      if case .linearActivation(let linear, let y, let kind) = node.rule, readers[y] == 1 {
        // With further readers their gradients are summed first.
        activations[y] = (linear.ys[0], kind)
      }
      if case .gathered(let x, let y) = node.rule { shards[y] = x }
    }
    for node in graph.nodes.reversed() {
      scoreColumns = node.kernel.scoreColumns
      visited.formUnion(node.rule.results)
      visit(node.rule, label: node.kernel.label)
    }
    for (position, input) in graph.inputs.enumerated() where requiring.contains(input) {
      guard let gradient = gradients[input], !graph.sharedInputs.contains(input) else { continue }
      result.leaving.append(gradient)
      result.leavingInputs.append(position)
    }
    return result
  }

  mutating func markRequiring() {
    if need.input { requiring.formUnion(graph.inputs.prefix(1)) }
    if need.cross { requiring.formUnion(graph.inputs.dropFirst()) }
    requiring.subtract(graph.detachedInputs)
    for node in graph.nodes {
      let trainable = node.kernel.reads.contains(where: isTrained)
      let lookup: Bool
      if case .lookup(let table, _, _) = node.rule {
        lookup = isTrained(table)
      } else {
        lookup = false
      }
      if trainable || lookup || node.rule.sources.contains(where: requiring.contains) {
        requiring.formUnion(node.rule.results)
      }
    }
  }

  /// Whether a parameter's gradient is wanted.
  func isTrained(_ parameter: TensorID) -> Bool { need.weights && graph.isTrained(parameter) }

  // MARK: Tensors

  mutating func newTensor(_ name: String, _ elements: Int, _ type: ElementType, _ role: TensorRole)
    -> TensorID
  {
    result.tensors.append(Tensor(name: name, elements: elements, type: type, role: role))
    return TensorID(result.tensors.count - 1)
  }

  /// The gradient of columns lies in the same columns of the owner's gradient.
  mutating func newGradient(of id: TensorID) -> TensorID {
    let source = graph.tensor(id)
    let gradient = newTensor("d " + source.name, source.elements, source.type, .activation)
    if let view = source.view, graph.tensor(view.of).role == .activation {
      let owner = owners[view.of] ?? newGradient(of: view.of)
      owners[view.of] = owner
      result.tensors[gradient.index].view = Tensor.View(
        of: owner, first: view.first, columns: view.columns, width: view.width)
    }
    return gradient
  }

  mutating func emit(
    _ operation: Operation, _ label: String, reads: [TensorID], writes: [TensorID],
    keeping kept: [TensorID] = [], then last: [TensorID] = [], function: KernelFunction,
    touches: [TensorID] = [], holding held: [TensorID] = []
  ) {
    for id in kept + held where graph.tensor(id).role == .activation {
      result.kept.insert(graph.tensor(id).view?.of ?? id)
    }
    var kernel = Kernel(
      operation, label, reads: reads + kept + last, writes: writes, function: function,
      touches: touches + held)
    kernel.scoreColumns = scoreColumns
    result.kernels.append(kernel)
  }

  /// Hands a freshly written gradient to `id`: the first reader's is the gradient, others add.
  mutating func deliver(_ gradient: TensorID, to id: TensorID) {
    guard let present = gradients[id] else {
      gradients[id] = gradient
      return
    }
    let sum: TensorID
    if graph.epilogues, result.tensors[gradient.index].view != nil {
      sum = gradient
    } else {
      sum = addable(to: id) ?? newGradient(of: id)
    }
    emit(
      .memoryBound(.elementwise), "add " + result.tensors[gradient.index].name,
      reads: [present, gradient], writes: [sum], function: .sum)
    gradients[id] = sum
  }

  /// The gradient that `id` has already, where something may be added to it in place.
  ///
  /// A gradient passes through a sum unchanged: where another tensor, not yet visited, has the
  /// same one, it must stay as it is; so must a held one that is to leave as another's.
  func addable(to id: TensorID) -> TensorID? {
    if graph.heldOutputs.contains(id), graph.inputs.contains(id) { return nil }
    guard graph.epilogues, let present = gradients[id],
      !gradients.contains(where: {
        $0.key != id && $0.value == present && !visited.contains($0.key)
      })
    else { return nil }
    return present
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
      .memoryBound(.elementwise), "cast " + written.name, reads: [gradient], writes: [stored],
      function: .priced)
  }
}

extension Graph.BackwardRule {
  /// The activations that a node's gradient flows to.
  var sources: [TensorID] {
    switch self {
    case .linear(let linear): [linear.x] + (linear.residual.map { [$0] } ?? [])
    case .linearActivation(let linear, _, _): [linear.x]
    case .product(let a, let b, _, _, _, _): [a, b]
    case .norm(let x, _, _, _): [x]
    case .pointwise(let inputs, _, _, _, _, _, _): inputs
    case .inPlace(let x, _, _): [x]
    case .add(let inputs, _): inputs
    case .attention(let q, let k, let v, _, _, _): [q, k, v]
    case .attentionSoftmax(let scores, _, _): [scores]
    case .gathered(let x, _), .scattered(let x, _), .dropout(let x, _, _): [x]
    case .addInPlace(let x, let more): [x, more]
    case .lookup, .none: []
    }
  }

  /// The tensors whose gradients the node consumes.
  var results: [TensorID] {
    switch self {
    case .linear(let linear): linear.ys
    case .linearActivation(let linear, let y, _): [y] + linear.ys
    case .product(_, _, let y, _, _, _): [y]
    case .norm(_, _, let y, _): [y]
    case .pointwise(_, _, let y, _, _, _, _): [y]
    case .inPlace(let x, _, _): [x]
    case .add(_, let y): [y]
    case .attention(_, _, _, let y, _, _): [y]
    case .attentionSoftmax(_, let y, _): [y]
    case .gathered(_, let y), .scattered(_, let y), .dropout(_, let y, _): [y]
    case .lookup(_, let y, _): [y]
    case .addInPlace(let x, _): [x]
    case .none: []
    }
  }
}
