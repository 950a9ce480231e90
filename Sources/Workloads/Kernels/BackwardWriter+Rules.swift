/// One method per kind of node: which kernels its gradient needs.
extension BackwardWriter {
  mutating func visit(_ rule: Graph.BackwardRule, label: String) {
    let arrived = rule.results.compactMap { gradients[$0] }
    guard !arrived.isEmpty else { return }
    switch rule {
    case .linear(let rule): linear(label, rule)
    case .linearActivation(let rule, let y, let kind):
      linearActivation(label, rule, y: y, kind: kind)
    case .product(let a, let b, _, let shape, let left, let right):
      product(label, a: a, b: b, arrived: arrived, shape: shape, functions: (left, right))
    case .norm(let x, let parameters, _, let kind):
      norm(label, x: x, parameters: parameters, arrived: arrived, kind: kind)
    case .pointwise(let inputs, let parameters, _, let kept, let forWeights, let kind, let function):
      pointwise(
        label, inputs: inputs, parameters: parameters, arrived: arrived, kept: kept,
        keptForWeights: forWeights, kind: kind, function: function)
    case .inPlace(_, let parameters, let function):
      emit(
        .memoryBound(.elementwise), "d " + label, reads: arrived + parameters, writes: arrived,
        function: .pointwiseGradient(function, inputs: [0], parameters: false))
    case .add(let inputs, _):
      for input in inputs where requiring.contains(input) { added(label, arrived[0], to: input) }
    case .attention(let q, let k, let v, let y, let statistics, let call):
      let targets = [q, k, v].map { ($0, newGradient(of: $0)) }
      emit(
        .attentionBackward(call.shape), "d " + label, reads: arrived, writes: targets.map(\.1),
        keeping: [q, k, v, y, statistics], function: .attentionGradient(call))
      for (input, gradient) in targets where requiring.contains(input) {
        deliver(gradient, to: input)
      }
    case .attentionSoftmax(let scores, let y, let call):
      let gradient = newGradient(of: scores)
      let held = graph.softmaxKeepsInput ? [scores] : []
      emit(
        .memoryBound(.softmax), "d " + label, reads: arrived, writes: [gradient], keeping: [y],
        function: .attentionPart(call, .softmaxGradient), holding: held)
      deliver(gradient, to: scores)
    case .gathered(let x, let y):
      guard requiring.contains(x) else { return }
      let dx = newGradient(of: x)
      emit(
        .collective(
          LayerCollective(
            kind: .reduceScatter, bytes: graph.tensor(y).bytes, precedesIndependentWork: true)),
        "d " + label, reads: arrived, writes: [dx], function: .priced)
      deliver(dx, to: x)
    case .scattered(let x, _):
      let dx = newGradient(of: x)
      emit(
        .collective(LayerCollective(kind: .allGather, bytes: graph.tensor(x).bytes)),
        "d " + label, reads: arrived, writes: [dx], function: .priced)
      deliver(dx, to: x)
    case .dropout(let x, _, let mask):
      guard requiring.contains(x) else { return }
      let dx = newGradient(of: x)
      emit(
        .memoryBound(.elementwise), "d " + label, reads: arrived, writes: [dx], keeping: [mask],
        function: .priced)
      deliver(dx, to: x)
    case .addInPlace(_, let more):
      if requiring.contains(more) { deliver(arrived[0], to: more) }
    case .lookup(let table, _, let width):
      guard isTrained(table) else { return }
      // A scatter-add touches the rows it was given: read twice, written once.
      let rows = newTensor(
        "d rows", result.tensors[arrived[0].index].elements, gradientType, .constant)
      emit(
        .memoryBound(.gather), "d " + label, reads: arrived + [rows], writes: [rows],
        function: .lookupGradient(width: width), touches: [table])
    case .none: break
    }
  }

  private mutating func norm(
    _ label: String, x: TensorID, parameters: [TensorID], arrived: [TensorID], kind: NormKind
  ) {
    let writes = parameters.filter(isTrained).map { weightGradient(of: $0) }
    let present = requiring.contains(x) ? addable(to: x) : nil
    let dx = present ?? newGradient(of: x)
    emit(
      .memoryBound(.normalization), "d " + label, reads: arrived + parameters,
      writes: [dx] + writes, keeping: [x], then: present.map { [$0] } ?? [],
      function: .normGradient(kind, affine: !parameters.isEmpty, adding: present != nil))
    for gradient in writes { storeWeightGradient(gradient) }
    if requiring.contains(x), present == nil { deliver(dx, to: x) }
  }

  private mutating func product(
    _ label: String, a: TensorID, b: TensorID, arrived: [TensorID], shape: GEMMShape,
    functions: (left: KernelFunction, right: KernelFunction)
  ) {
    if requiring.contains(a) {
      let da = newGradient(of: a)
      emit(
        .gemm(GEMMShape(m: shape.m, n: shape.k, k: shape.n, count: shape.count)),
        "d " + label + " left", reads: arrived, writes: [da], keeping: [b],
        function: functions.left)
      deliver(da, to: a)
    }
    if requiring.contains(b) {
      let db = newGradient(of: b)
      emit(
        .gemm(rightGradient(shape, functions.right)),
        "d " + label + " right", reads: arrived, writes: [db], keeping: [a],
        function: functions.right)
      deliver(db, to: b)
    }
  }

  /// Keys and compared features lie as `[n, k]`: the core writes their gradient so, frameworks
  /// write that of the transposed operand.
  private func rightGradient(_ shape: GEMMShape, _ function: KernelFunction) -> GEMMShape {
    let isTransposed: Bool
    switch function {
    case .productRightGradient, .attentionPart(_, .keyGradient): isTransposed = graph.epilogues
    default: isTransposed = false
    }
    return isTransposed
      ? GEMMShape(m: shape.n, n: shape.k, k: shape.m, count: shape.count)
      : GEMMShape(m: shape.k, n: shape.n, k: shape.m, count: shape.count)
  }

  private mutating func pointwise(
    _ label: String, inputs: [TensorID], parameters: [TensorID], arrived: [TensorID],
    kept: [TensorID], keptForWeights: [TensorID], kind: MemoryBoundKind,
    function: PointwiseFunction?
  ) {
    var writes: [TensorID] = []
    var deliveries: [(TensorID, TensorID)] = []
    for input in inputs where requiring.contains(input) {
      let gradient = newGradient(of: input)
      writes.append(gradient)
      deliveries.append((input, gradient))
    }
    // Tables such as rotary angles stand among the parameters but are not trained.
    let stored = parameters.filter(isTrained).map { weightGradient(of: $0) }
    writes += stored
    guard !writes.isEmpty else { return }
    // Factors that are activations themselves stand among the inputs.
    let scales = need.weights && (parameters.isEmpty || !stored.isEmpty)
    let needed = scales ? kept + keptForWeights.filter { !kept.contains($0) } : kept
    let positions = inputs.indices.filter { requiring.contains(inputs[$0]) }
    // Parameters that are only added have gradients without being read.
    var read = parameters.filter {
      graph.tensor($0).role != .parameter || !keptForWeights.isEmpty
    }
    if case .temperature(bias: true) = function { read = Array(read.prefix(1)) }
    emit(
      .memoryBound(kind), "d " + label, reads: arrived + read, writes: writes,
      keeping: needed,
      function: function.map {
        .pointwiseGradient($0, inputs: positions, parameters: !stored.isEmpty)
      } ?? .priced)
    for gradient in stored { storeWeightGradient(gradient) }
    for (input, gradient) in deliveries { deliver(gradient, to: input) }
  }

  /// The gradient of a sum, in the type of the term that it goes to: sums of 16 and 32 bits are fp32.
  private mutating func added(_ label: String, _ gradient: TensorID, to input: TensorID) {
    guard graph.tensor(input).type != result.tensors[gradient.index].type else {
      deliver(gradient, to: input)
      return
    }
    let cast = newGradient(of: input)
    emit(
      .memoryBound(.elementwise), "d " + label + " cast", reads: [gradient], writes: [cast],
      function: .priced)
    deliver(cast, to: input)
  }
}
