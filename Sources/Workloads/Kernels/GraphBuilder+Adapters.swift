/// Low-rank adapters beside the products of a block.
extension GraphBuilder {
  /// A parameter that comes on top of the model's own: it is trained where they are frozen.
  mutating func addition<Result>(_ body: (inout GraphBuilder) -> Result) -> Result {
    let outside = isAddition
    isAddition = true
    defer { isAddition = outside }
    return body(&self)
  }

  /// `y + x A B` for the results of one product that are targets; the others as they are.
  ///
  /// `targets` has one entry for each result, or one for all, which then share `A`. The second
  /// product adds the first one's result where the style has epilogues; columns of a wider tensor
  /// get it added in place. Elsewhere it is scaled, unless the stack fuses, and added.
  mutating func adapted(
    _ label: String, _ ys: [TensorID], of x: TensorID, rows: Int, k: Int,
    parts: [(String, Int)], targets: [LoRA.Target]
  ) -> [TensorID] {
    guard let adapters else { return ys }
    var ys = ys
    if targets.count == 1 {
      if adapters.targets.contains(targets[0]) {
        ys = adapter(label, ys, of: x, rows: rows, k: k, parts: parts, rank: adapters.rank)
      }
      return ys
    }
    for (index, target) in targets.enumerated() where adapters.targets.contains(target) {
      ys[index] =
        adapter(
          parts[index].0, [ys[index]], of: x, rows: rows, k: k, parts: [parts[index]],
          rank: adapters.rank)[0]
    }
    return ys
  }

  private mutating func adapter(
    _ label: String, _ ys: [TensorID], of x: TensorID, rows: Int, k: Int,
    parts: [(String, Int)], rank: Int
  ) -> [TensorID] {
    let n = parts.reduce(0) { $0 + $1.1 }
    let (a, b) = addition {
      (
        $0.parameter(label + ".lora_a", k * rank, factored: k + rank),
        $0.parameter(label + ".lora_b", rank * n, factored: rank + n)
      )
    }
    let inner = linear(
      label + " inner", x, weight: a, rows: rows, k: k, parts: [(label + " inner", rank)])[0]
    if ys.count == 1, style.epilogues, graph.tensor(ys[0]).view == nil {
      return linear(
        label + " adapter", inner, weight: b, rows: rows, k: rank, parts: parts, residual: ys[0])
    }
    let products = linear(
      label + " adapter", inner, weight: b, rows: rows, k: rank,
      parts: parts.map { ($0.0 + " adapter", $0.1) })
    return zip(ys, products).map { y, product in
      guard !style.epilogues else { return addInPlace(label + " adapted", y, product) }
      let scaled =
        style.fusedActivation
        ? product : pointwise(label + " scaled", [product], keeping: .nothing)
      return sum(label + " adapted", y, scaled)
    }
  }

  /// `a + b` in the type between kernels.
  private mutating func sum(_ label: String, _ a: TensorID, _ b: TensorID) -> TensorID {
    let y = tensor(label, elements(a), style.compute)
    append(
      Kernel(.memoryBound(.elementwise), label, reads: [a, b], writes: [y], function: .sum),
      .add(inputs: [a, b], y: y))
    return y
  }

  /// `x += more` where x are columns of a wider tensor.
  private mutating func addInPlace(
    _ label: String, _ x: TensorID, _ more: TensorID
  ) -> TensorID {
    append(
      Kernel(.memoryBound(.elementwise), label, reads: [x, more], writes: [x], function: .sum),
      .addInPlace(x: x, more: more))
    return x
  }
}
