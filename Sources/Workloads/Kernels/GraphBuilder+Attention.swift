extension GraphBuilder {
  /// Attention of projected queries on projected keys and values.
  ///
  /// `q` is `[samples queries, heads headWidth]`, `k` and `v` are
  /// `[samples keys, keyValueHeads headWidth]`. Fused: one kernel. Unfused: scores, (scale, mask)
  /// softmax, weighted sum, with the copies and casts that the stack makes.
  mutating func attention(
    _ label: String, q: TensorID, k: TensorID, v: TensorID, shape: AttentionShape,
    keyValueHeads: Int? = nil, mask: AttentionCall.Mask? = nil, dropout rate: Double = 0
  ) -> TensorID {
    let call = AttentionCall(
      shape: shape, keyValueHeads: keyValueHeads ?? shape.heads,
      mask: mask ?? AttentionCall.Mask(isCausal: shape.causal))
    guard style.attention == .unfused else {
      return fusedAttention(label, q: q, k: k, v: v, call: call)
    }
    var (q, k, v) = (q, k, v)
    if style.headCopies {
      q = copy(label + " q", q)
      k = copy(label + " k", k)
      v = copy(label + " v", v)
    }
    if !style.fusedScaleMaskSoftmax {
      q = pointwise(label + " scale", [q], keeping: .nothing)
    }
    inAttentionCore = true
    scoreColumns = shape.keys
    let groups = shape.samples * shape.heads
    var scores = product(
      label + " scores", q, k,
      shape: GEMMShape(m: shape.queries, n: shape.keys, k: shape.headWidth, count: groups),
      function: .attentionPart(call, .scores), left: .attentionPart(call, .queryGradient),
      right: .attentionPart(call, .keyGradient))
    if shape.causal, !style.fusedScaleMaskSoftmax {
      scores = pointwise(label + " mask", [scores], keeping: .nothing)
    }
    var probabilities = softmax(label + " softmax", scores, call: call)
    probabilities = cast(probabilities, to: style.compute)
    if style.dropout, rate > 0 {
      probabilities = dropout(label + " dropout", probabilities, fused: false)
    }
    inAttentionCore = false
    let sum = product(
      label + " values", probabilities, v,
      shape: GEMMShape(m: shape.queries, n: shape.headWidth, k: shape.keys, count: groups),
      function: .attentionPart(call, .values), left: .attentionPart(call, .probabilityGradient),
      right: .attentionPart(call, .valueGradient))
    scoreColumns = 0
    return style.headCopies ? copy(label + " merge", sum) : sum
  }

  /// Probabilities from scores; scale and mask are part of it where the stack fuses them.
  private mutating func softmax(
    _ label: String, _ scores: TensorID, call: AttentionCall
  ) -> TensorID {
    let type = style.softmaxInFloat32 ? ElementType.float32 : style.compute
    let y = tensor(label, elements(scores), type)
    append(
      Kernel(
        .memoryBound(.softmax), label, reads: [scores], writes: [y],
        function: .attentionPart(call, .softmax)),
      .attentionSoftmax(scores: scores, y: y, call: call))
    return y
  }

  mutating func copy(_ label: String, _ x: TensorID) -> TensorID {
    pointwise(label + " copy", [x], keeping: .nothing)
  }

  /// The activation between the matrices of an MLP: `hidden` units out.
  mutating func activation(
    _ kind: MLPKind, _ inputs: [TensorID], rows: Int
  ) -> TensorID {
    let function = PointwiseFunction.activation(kind, rows: rows)
    switch kind {
    case .gelu:
      guard style.geluInSteps else {
        return pointwise("gelu", inputs, keeping: .inputs, function: function)
      }
      let half = pointwise("half", inputs, keeping: .nothing)
      let scaled = pointwise("scale", inputs, keeping: .nothing)
      let error = pointwise("erf", [scaled], keeping: .inputs)
      let gate = pointwise("plus one", [error], keeping: .nothing)
      return pointwise("times", [half, gate], keeping: .inputs)
    // ReLU's gradient needs only the sign, which its output has too.
    case .relu: return pointwise("relu", inputs, keeping: .output, function: function)
    case .quickGELU:
      guard !style.fusedActivation else {
        return pointwise("gelu", inputs, keeping: .inputs, function: function)
      }
      let scaled = pointwise("scale", inputs, keeping: .nothing)
      let gate = pointwise("sigmoid", [scaled], keeping: .output)
      return pointwise("times", [inputs[0], gate], keeping: .inputs)
    case .swiGLU, .geGLU:
      guard !style.fusedActivation else { return pointwise("gate", inputs, keeping: .inputs) }
      let gate = pointwise("gate", [inputs[0]], keeping: .inputs)
      return pointwise("times", [gate, inputs[1]], keeping: .inputs)
    }
  }
}
