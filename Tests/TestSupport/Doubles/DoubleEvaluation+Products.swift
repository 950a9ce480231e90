import Workloads

/// Products and attention by their definitions.
extension DoubleEvaluation {
  private func shape(_ kernel: Kernel) -> GEMMShape {
    guard case .gemm(let shape) = kernel.operation else {
      preconditionFailure("'\(kernel.label)' is no product")
    }
    return shape
  }

  private func biased(
    _ y: [Double], _ kernel: Kernel, _ layout: [Range<Int>], n: Int
  ) -> [Double] {
    layout.isEmpty
      ? y : ReferenceLinear.addBias(read(kernel.reads[2]), layout: layout, to: y, n: n)
  }

  mutating func linear(_ kernel: Kernel, bias: [Range<Int>], epilogue: ProductEpilogue) {
    let shape = shape(kernel)
    let product = ReferenceLinear.product(
      read(kernel.reads[0]), read(kernel.reads[1]), rows: shape.m, k: shape.k, n: shape.n)
    let y = biased(product, kernel, bias, n: shape.n)
    switch epilogue {
    case .none: write(y, to: kernel.writes[0])
    case .adding:
      let residual = read(kernel.reads[kernel.reads.count - 1])
      write(zip(y, residual).map { $0 + $1 }, to: kernel.writes[0])
    case .activation(let kind), .activationAgain(let kind):
      write(y, to: kernel.writes[0])
      write(Self.activation(kind, y, rows: shape.m), to: kernel.writes[1])
    }
  }

  mutating func tiedLinear(_ kernel: Kernel, bias: [Range<Int>]) {
    let shape = shape(kernel)
    let table = ReferenceLinear.transpose(
      read(kernel.reads[1]), rows: shape.n, columns: shape.k)
    let product = ReferenceLinear.product(
      read(kernel.reads[0]), table, rows: shape.m, k: shape.k, n: shape.n)
    write(biased(product, kernel, bias, n: shape.n), to: kernel.writes[0])
  }

  mutating func product(_ kernel: Kernel) {
    let shape = shape(kernel)
    let right = ReferenceLinear.transpose(
      read(kernel.reads[1]), rows: shape.n, columns: shape.k)
    write(
      ReferenceLinear.product(
        read(kernel.reads[0]), right, rows: shape.m, k: shape.k, n: shape.n),
      to: kernel.writes[0])
  }

  /// Attention scaled by the root of the head's width, with the call's mask.
  func attention(_ call: AttentionCall) -> ReferenceAttention {
    let (shape, mask, lengths) = (call.shape, call.mask, choices.lengths)
    return ReferenceAttention(
      samples: shape.samples, heads: shape.heads, keyValueHeads: call.keyValueHeads,
      queries: shape.queries, keys: shape.keys, headWidth: shape.headWidth,
      scale: 1 / Double(shape.headWidth).squareRoot()
    ) { sample, query, key in
      if key < mask.prefixKeys { return true }
      let text = key - mask.prefixKeys
      if mask.isPadded, text >= lengths[sample] { return false }
      return !mask.isCausal || text <= query
    }
  }

  mutating func attentionPart(
    _ kernel: Kernel, _ attention: ReferenceAttention, _ part: AttentionPart
  ) {
    let reads = kernel.reads
    switch part {
    case .scores:
      write(attention.scores(q: read(reads[0]), k: read(reads[1])), to: kernel.writes[0])
    case .softmax: write(attention.probabilities(read(reads[0])), to: kernel.writes[0])
    case .values:
      write(attention.values(read(reads[0]), v: read(reads[1])), to: kernel.writes[0])
    default: preconditionFailure("'\(kernel.label)' is no forward kernel")
    }
  }

  static func activation(_ kind: MLPKind, _ x: [Double], rows: Int) -> [Double] {
    switch kind {
    case .gelu: x.map(ReferenceActivation.gelu)
    case .quickGELU: x.map { ReferenceActivation.swish($0, steepness: 1.702) }
    case .relu: x.map(ReferenceActivation.relu)
    case .swiGLU:
      ReferenceActivation.gated(x, rows: rows) { ReferenceActivation.swish($0, steepness: 1) }
    case .geGLU: ReferenceActivation.gated(x, rows: rows, by: ReferenceActivation.gelu)
    }
  }
}
