/// Gradients of linear layers: input, weights, bias, gathers and sums of shared layers.
extension BackwardWriter {
  /// The gradient of a product's result: one tensor, whose columns may have been written apart.
  private func arrived(_ rule: Graph.LinearRule) -> [TensorID] {
    let gradients = rule.ys.compactMap { self.gradients[$0] }
    // What was added to columns in place has their gradient, and not their owner's.
    guard graph.epilogues, let first = gradients.first, let y = rule.ys.first,
      graph.tensor(y).view != nil, let view = result.tensors[first.index].view
    else { return gradients }
    return [view.of]
  }

  mutating func linear(_ label: String, _ rule: Graph.LinearRule) {
    let arrived = arrived(rule)
    if let residual = rule.residual, requiring.contains(residual) {
      deliver(arrived[0], to: residual)
    }
    var again = gatheredAgain(label, rule)
    if requiring.contains(rule.x) {
      again = inputGradient(label, rule, arrived: arrived) ?? again
    }
    weightGradient(label, rule, arrived: arrived, again: again)
    biasGradient(label, rule, arrived: arrived)
  }

  /// All tokens once more, where forward kept this rank's shard of them alone.
  private mutating func gatheredAgain(_ label: String, _ rule: Graph.LinearRule) -> TensorID? {
    guard isTrained(rule.weight), let shard = shards[rule.x] else { return nil }
    let source = graph.tensor(rule.x)
    let again = newTensor(source.name + " again", source.elements, source.type, .activation)
    emit(
      .collective(
        LayerCollective(
          kind: .allGather, bytes: source.bytes, precedesIndependentWork: true)),
      "gather " + label + " input", reads: [], writes: [again], keeping: [shard],
      function: .priced)
    return again
  }

  /// The sum over ranks of what each one's columns give for the input, where layers are shared
  /// without sharing tokens.
  private mutating func reduce(_ gradient: TensorID, _ label: String, _ sharding: Sharding) {
    guard sharding.tensor > 1, !sharding.sequence else { return }
    emit(
      .collective(
        LayerCollective(
          kind: .allReduce, bytes: result.tensors[gradient.index].bytes,
          precedesIndependentWork: true)),
      "reduce " + label, reads: [gradient], writes: [gradient], function: .priced)
  }

  /// `dx`, with what may follow while it is in a cache: an activation's gradient, or a sum.
  ///
  /// - Returns: the input itself where it is an activation that nobody need keep, because this
  ///   kernel has what it is made of at hand.
  private mutating func inputGradient(
    _ label: String, _ rule: Graph.LinearRule, arrived: [TensorID]
  ) -> TensorID? {
    let shape = GEMMShape(m: rule.shape.m, n: rule.shape.k, k: rule.shape.n)
    let name = "d " + label + " input"
    if isTied(rule) {
      let dx = newGradient(of: rule.x)
      emit(
        .gemm(shape), name, reads: arrived + [rule.weight], writes: [dx],
        function: .tiedInputGradient)
      deliver(dx, to: rule.x)
    } else if graph.epilogues, let (before, kind) = activations[rule.x], gradients[rule.x] == nil {
      let gradient = newGradient(of: before)
      let again = isTrained(rule.weight) ? activationAgain(rule.x) : nil
      emit(
        .gemm(shape), name, reads: arrived + [rule.weight],
        writes: [gradient] + (again.map { [$0] } ?? []), keeping: [before],
        function: .linearInputGradient(again == nil ? .activation(kind) : .activationAgain(kind)))
      gradients[before] = gradient
      return again
    } else if let present = addable(to: rule.x) {
      emit(
        .gemm(shape), name, reads: arrived + [rule.weight], writes: [present], then: [present],
        function: .linearInputGradient(.adding))
    } else {
      let dx = newGradient(of: rule.x)
      emit(
        .gemm(shape), name, reads: arrived + [rule.weight], writes: [dx],
        function: .linearInputGradient(.none))
      reduce(dx, name, rule.inputReduction)
      deliver(dx, to: rule.x)
    }
    return nil
  }

  private mutating func activationAgain(_ id: TensorID) -> TensorID {
    let source = graph.tensor(id)
    return newTensor(source.name + " again", source.elements, source.type, .activation)
  }

  /// Whether the weight is a table of embeddings, used as it lies.
  private func isTied(_ rule: Graph.LinearRule) -> Bool {
    graph.epilogues && graph.tensor(rule.weight).name.hasSuffix(Tensor.tiedSuffix)
  }

  private mutating func weightGradient(
    _ label: String, _ rule: Graph.LinearRule, arrived: [TensorID], again: TensorID?
  ) {
    guard isTrained(rule.weight) else { return }
    let shape = rule.shape
    let gradient = weightGradient(of: rule.weight)
    let isTied = isTied(rule)
    emit(
      .gemm(
        isTied
          ? GEMMShape(m: shape.n, n: shape.k, k: shape.m)
          : GEMMShape(m: shape.k, n: shape.n, k: shape.m)), "d " + label + " weight",
      reads: arrived + (again.map { [$0] } ?? []), writes: [gradient],
      keeping: again == nil ? [rule.x] : [],
      function: isTied ? .tiedWeightGradient : .linearWeightGradient)
    storeWeightGradient(gradient)
  }

  private mutating func biasGradient(
    _ label: String, _ rule: Graph.LinearRule, arrived: [TensorID]
  ) {
    guard let bias = rule.bias, isTrained(bias) else { return }
    let gradient = weightGradient(of: bias)
    emit(
      .memoryBound(.reduction), "d " + label + " bias", reads: arrived, writes: [gradient],
      function: .biasGradient(rule.biasColumns, width: rule.shape.n))
    storeWeightGradient(gradient)
  }

  mutating func linearActivation(
    _ label: String, _ rule: Graph.LinearRule, y: TensorID, kind: MLPKind
  ) {
    let before = rule.ys[0]
    if let present = gradients[y] {
      let gradient = newGradient(of: before)
      emit(
        .memoryBound(.elementwise), "d " + label + " activation", reads: [present],
        writes: [gradient], keeping: [before],
        function: .pointwiseGradient(
          .activation(kind, rows: rule.shape.m), inputs: [0], parameters: false))
      gradients[before] = gradient
    }
    linear(label, rule)
  }
}
