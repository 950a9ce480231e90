extension GraphBuilder {
  /// `y[rows, n] = x[rows, k] W[k, n] (+ b[biasElements])`; the bias is added by the product.
  ///
  /// `residual` is added by the epilogue; only styles with epilogues may pass one.
  public mutating func linear(
    _ label: String, _ x: TensorID, rows: Int, k: Int, n: Int, biasElements: Int = 0,
    residual: TensorID? = nil, inputReduction: Sharding = .none, target: LoRA.Target? = nil
  ) -> TensorID {
    let (weight, bias) = weights(label, k: k, n: n, biasElements: biasElements)
    let ys = linear(
      label, x, weight: weight, bias: bias, rows: rows, k: k, parts: [(label, n)],
      residual: residual, inputReduction: inputReduction)
    guard let target else { return ys[0] }
    return adapted(label, ys, of: x, rows: rows, k: k, parts: [(label, n)], targets: [target])[0]
  }

  /// One product whose columns are several tensors, as query, key and value.
  ///
  /// `biasColumns` says which columns a bias shorter than the row reaches; `targets` which adapters
  /// the parts may have: one each, or one that they share.
  public mutating func linear(
    _ label: String, _ x: TensorID, rows: Int, k: Int, parts: [(String, Int)],
    biasElements: Int = 0, biasColumns: [Range<Int>]? = nil, inputReduction: Sharding = .none,
    targets: [LoRA.Target] = []
  ) -> [TensorID] {
    let ys = plainLinear(
      label, x, rows: rows, k: k, parts: parts, biasElements: biasElements,
      biasColumns: biasColumns, inputReduction: inputReduction)
    return targets.isEmpty
      ? ys : adapted(label, ys, of: x, rows: rows, k: k, parts: parts, targets: targets)
  }

  private mutating func plainLinear(
    _ label: String, _ x: TensorID, rows: Int, k: Int, parts: [(String, Int)],
    biasElements: Int, biasColumns: [Range<Int>]?, inputReduction: Sharding
  ) -> [TensorID] {
    let n = parts.reduce(0) { $0 + $1.1 }
    if style.separateProjections, biasElements == n || biasElements == 0 {
      return parts.map { name, columns in
        linear(
          name, x, rows: rows, k: k, n: columns, biasElements: biasElements == 0 ? 0 : columns,
          inputReduction: inputReduction)
      }
    }
    let (weight, bias) = weights(label, k: k, n: n, biasElements: biasElements)
    return linear(
      label, x, weight: weight, bias: bias, rows: rows, k: k, parts: parts,
      biasColumns: biasColumns, inputReduction: inputReduction)
  }

  /// A product with a weight that exists already (tied embeddings, shared heads).
  public mutating func linear(
    _ label: String, _ x: TensorID, weight: TensorID, bias: TensorID? = nil, rows: Int, k: Int,
    parts: [(String, Int)], biasColumns: [Range<Int>]? = nil, residual: TensorID? = nil,
    inputReduction: Sharding = .none
  ) -> [TensorID] {
    let source = cast(x, to: style.compute)
    let n = parts.reduce(0) { $0 + $1.1 }
    let shape = GEMMShape(m: rows, n: n, k: k)
    let ys: [TensorID]
    let written: [TensorID]
    if parts.count > 1, style.epilogues {
      let whole = tensor(label, rows * n, style.compute)
      var first = 0
      var views: [TensorID] = []
      for (name, columns) in parts {
        views.append(view(name, of: whole, first: first, columns: columns, width: n))
        first += columns
      }
      (ys, written) = (views, [whole])
    } else {
      ys = parts.map { tensor($0.0, rows * $0.1, style.compute) }
      written = ys
    }
    let columns = biasColumns ?? (bias.map { [0..<elements($0)] } ?? [])
    append(
      Kernel(
        .gemm(shape), label, reads: [source, weight] + [bias, residual].compactMap(\.self),
        writes: written,
        function: isTied(weight)
          ? .tiedLinear(bias: columns)
          : .linear(bias: columns, epilogue: residual == nil ? .none : .adding)),
      .linear(
        Graph.LinearRule(
          x: source, weight: weight, bias: bias, biasColumns: columns, ys: ys,
          residual: residual, shape: shape, inputReduction: inputReduction)))
    return ys
  }

  /// `y = act(x W + b)` as one kernel, which also writes what the activation reads.
  ///
  /// `n` columns before a gated activation, half of them behind it.
  mutating func linearActivation(
    _ label: String, _ x: TensorID, rows: Int, k: Int, n: Int, biasElements: Int, kind: MLPKind
  ) -> TensorID {
    let (weight, bias) = weights(label, k: k, n: n, biasElements: biasElements)
    let before = tensor(label, rows * n, style.compute)
    let y = tensor(label + " activation", rows * (kind.isGated ? n / 2 : n), style.compute)
    let shape = GEMMShape(m: rows, n: n, k: k)
    let columns = biasElements > 0 ? [0..<biasElements] : []
    append(
      Kernel(
        .gemm(shape), label, reads: [x, weight] + (bias.map { [$0] } ?? []),
        writes: [before, y], function: .linear(bias: columns, epilogue: .activation(kind))),
      .linearActivation(
        Graph.LinearRule(
          x: x, weight: weight, bias: bias, biasColumns: columns, ys: [before], shape: shape),
        y: y, kind: kind))
    return y
  }

  /// Whether a weight is a table of embeddings, `[n, k]`, that is used here as it lies.
  private func isTied(_ weight: TensorID) -> Bool {
    style.epilogues && graph.tensor(weight).name.hasSuffix(Tensor.tiedSuffix)
  }

  private mutating func weights(
    _ label: String, k: Int, n: Int, biasElements: Int
  ) -> (weight: TensorID, bias: TensorID?) {
    let weight = parameter(label + ".weight", k * n, factored: k + n)
    let bias = biasElements > 0 ? parameter(label + ".bias", biasElements, matrix: false) : nil
    return (weight, bias)
  }
}
