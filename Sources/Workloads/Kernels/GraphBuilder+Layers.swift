/// Kernels of layers, each with its backward rule.
extension GraphBuilder {
  /// A copy in another type; no kernel where the type is right already.
  public mutating func cast(_ x: TensorID, to type: ElementType) -> TensorID {
    guard self.type(x) != type, graph.tensors[x.index].role == .activation else { return x }
    let y = tensor(graph.tensors[x.index].name + " cast", elements(x), type)
    append(
      Kernel(.memoryBound(.elementwise), "cast", reads: [x], writes: [y]),
      .pointwise(
        inputs: [x], parameters: [], y: y, kept: [], keptForWeights: [], kind: .elementwise,
        function: nil))
    return y
  }

  /// LayerNorm or RMSNorm over rows of `width`; `mixing` two sets of scale and bias by lambda
  /// where it is given.
  public mutating func norm(
    _ label: String, _ x: TensorID, rows: Int, width: Int, kind: NormKind, mixing: BlockShape? = nil
  ) -> TensorID {
    let perSet = kind == .layerNorm ? 2 * width : width
    // Two sets of scales are one tensor: the first one is trained with what conditions on lambda.
    let affine =
      mixing == nil
      ? parameter(label + ".affine", perSet, matrix: false)
      : addition { $0.parameter(label + ".affine", perSet * 2, matrix: false) }
    let source = style.normInFloat32 ? cast(x, to: .float32) : x
    let y = tensor(label, rows * width, style.normInFloat32 ? .float32 : style.compute)
    let parameters = mixing == nil ? [affine] : []
    append(
      Kernel(
        .memoryBound(.normalization), label, reads: [source] + parameters, writes: [y],
        function: .norm(kind, affine: mixing == nil)),
      .norm(x: source, parameters: parameters, y: y, kind: kind))
    guard let mixing else { return cast(y, to: style.compute) }
    // A mixed affine set is a per-sample scale and shift after the normalisation: not fused.
    let lambda = constant("lambda", mixing.samples, type: .float32)
    let mixed = pointwise(
      label + " mix", [y], parameters: [affine, lambda], outputType: type(y), keeping: .nothing,
      parametersScale: true,
      function: .mixAffine(samples: mixing.samples, tokens: mixing.tokens, width: width))
    return cast(mixed, to: style.compute)
  }

  /// Tokens that a class token would tell of lambda, where there is none.
  mutating func shiftByLambda(
    _ x: TensorID, samples: Int, tokens: Int, width: Int
  ) -> TensorID {
    let shift = addition { $0.parameter("robust shift", width, matrix: false) }
    let lambda = constant("lambda", samples, type: .float32)
    return pointwise(
      "robust shift", [x], parameters: [shift, lambda], outputType: style.residual,
      keeping: .nothing,
      function: .shiftByLambda(samples: samples, tokens: tokens, width: width))
  }

  /// What a point-wise function must keep for its backward.
  public enum Keeping: Sendable {
    /// Nothing: the function is linear.
    case nothing
    /// Its inputs.
    case inputs
    /// Its output.
    case output
  }

  /// An element-wise function of tensors of equal length.
  ///
  /// `parametersScale` says that the parameters multiply the inputs, whose values their
  /// gradients then need; added parameters need nothing.
  public mutating func pointwise(
    _ label: String, _ inputs: [TensorID], parameters: [TensorID] = [],
    elements count: Int? = nil, outputType: ElementType? = nil, keeping: Keeping,
    parametersScale: Bool = false, kind: MemoryBoundKind = .elementwise,
    function: PointwiseFunction? = nil
  ) -> TensorID {
    let y = tensor(label, count ?? elements(inputs[0]), outputType ?? style.compute)
    let kept: [TensorID] =
      switch keeping {
      case .nothing: []
      case .inputs: inputs
      case .output: [y]
      }
    append(
      Kernel(
        .memoryBound(kind), label, reads: inputs + parameters, writes: [y],
        function: function.map { .pointwise($0) } ?? .priced),
      .pointwise(
        inputs: inputs, parameters: parameters, y: y, kept: kept,
        keptForWeights: parametersScale ? inputs : [], kind: kind, function: function))
    return y
  }

  /// A linear function that overwrites `x` where the style allows, and writes anew elsewhere.
  public mutating func inPlace(
    _ label: String, _ x: TensorID, parameters: [TensorID], function: PointwiseFunction
  ) -> TensorID {
    guard style.epilogues else {
      return pointwise(
        label, [x], parameters: parameters, keeping: .nothing, function: function)
    }
    append(
      Kernel(
        .memoryBound(.elementwise), label, reads: [x] + parameters, writes: [x],
        function: .pointwise(function)),
      .inPlace(x: x, parameters: parameters, function: function))
    return x
  }

  /// `a + b` in the residual type.
  ///
  /// A fused residual moves no bytes of its own but the result.
  public mutating func add(_ label: String, _ a: TensorID, _ b: TensorID) -> TensorID {
    let y = tensor(label, elements(a), style.residual)
    append(
      Kernel(
        .memoryBound(.elementwise), label, reads: style.fusedResidual ? [a] : [a, b], writes: [y],
        function: .sum),
      .add(inputs: [a, b], y: y))
    return y
  }

  /// Rows of a table by index.
  public mutating func lookup(
    _ label: String, table: TensorID, indices: TensorID, rows: Int, width: Int
  ) -> TensorID {
    // An embedding's output has the table's stored type; it joins the residual stream by a cast.
    let y = tensor(label, rows * width, style.weights)
    let readRows = tensor(label + " rows", rows * width, type(table), .constant)
    append(
      Kernel(
        .memoryBound(.gather), label, reads: [indices, readRows], writes: [y],
        function: .lookup(width: width), touches: [table]),
      .lookup(table: table, y: y, width: width))
    return cast(y, to: style.residual)
  }

  /// Some rows of `x`, for example the class token of every sample.
  public mutating func select(
    _ label: String, _ x: TensorID, elements count: Int, function: PointwiseFunction
  ) -> TensorID {
    let y = tensor(label, count, type(x))
    let read = tensor(label + " rows", count, type(x), .constant)
    append(
      Kernel(
        .memoryBound(.gather), label, reads: [read], writes: [y], function: .pointwise(function),
        touches: [x]),
      .pointwise(
        inputs: [x], parameters: [], y: y, kept: [], keptForWeights: [], kind: .gather,
        function: function))
    return y
  }

  /// Batched product of two activations.
  public mutating func product(
    _ label: String, _ a: TensorID, _ b: TensorID, shape: GEMMShape,
    outputType: ElementType? = nil, function: KernelFunction = .product,
    left: KernelFunction = .productLeftGradient, right: KernelFunction = .productRightGradient
  ) -> TensorID {
    let y = tensor(label, shape.m * shape.n * shape.count, outputType ?? style.compute)
    append(
      Kernel(.gemm(shape), label, reads: [a, b], writes: [y], function: function),
      .product(a: a, b: b, y: y, shape: shape, left: left, right: right))
    return y
  }

  /// Fused attention, one kernel.
  public mutating func fusedAttention(
    _ label: String, q: TensorID, k: TensorID, v: TensorID, call: AttentionCall
  ) -> TensorID {
    let shape = call.shape
    let y = tensor(
      label, shape.samples * shape.heads * shape.queries * shape.headWidth, style.compute)
    let statistics = tensor(
      label + " statistics", shape.samples * shape.heads * shape.queries, .float32)
    append(
      Kernel(
        .attention(shape), label, reads: [q, k, v], writes: [y, statistics],
        function: .attention(call)),
      .attention(q: q, k: k, v: v, y: y, statistics: statistics, call: call))
    return y
  }
}
