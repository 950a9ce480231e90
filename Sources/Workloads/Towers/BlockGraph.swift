/// How a block is conditioned on lambda, the weight of robustness (LSA-ITC).
public enum LambdaConditioning: String, Sendable, Hashable, CaseIterable {
  /// Not conditioned.
  case none
  /// A second class token, mixed with the first: `width` extra parameters per tower.
  case classToken = "class-token"
  /// A second set of scale and bias in every block norm: `4 width` per block.
  case dualAffine = "dual-affine"
  /// Two two-layer perceptrons per norm that make scale and shift from lambda: `8 width^2` per
  /// block, after FiLM in arXiv 2010.11828.
  case film
}

/// The shapes of one application of a block.
public struct BlockShape: Sendable, Hashable {
  /// Samples of the micro-batch.
  public var samples: Int
  /// Tokens of each sample.
  public var tokens: Int
  /// Tokens of the sequence that cross-attention reads.
  public var crossTokens: Int
  /// Conditioning on lambda.
  public var conditioning: LambdaConditioning
  /// How ranks share the layer.
  public var sharding = Sharding.none
  /// Which parameters have gradients where the segment's weights are trained.
  public var trained = TrainedWeights.all

  /// Shapes.
  public init(
    samples: Int, tokens: Int, crossTokens: Int = 0, conditioning: LambdaConditioning = .none
  ) {
    self.samples = samples
    self.tokens = tokens
    self.crossTokens = crossTokens
    self.conditioning = conditioning
  }

  var rows: Int { samples * tokens }
  /// Rows of the residual stream on one rank.
  var streamRows: Int { sharding.streamRows(rows) }
}

extension BlockSpec {
  /// The forward kernels of one block.
  ///
  /// Input and output: the residual stream `[samples tokens, width]`; where the block attends
  /// across, a second input `[samples crossTokens, crossAttentionWidth]`.
  public func graph(_ shape: BlockShape, style: KernelStyle) -> Graph {
    var builder = GraphBuilder(style: style)
    builder.trained = shape.trained
    let x = builder.input("x", shape.streamRows * width)
    var stream = x
    if selfAttention {
      stream = builder.branch("attention", stream, block: self, shape: shape) {
        $0.selfAttention($1, block: self, shape: shape, residual: $2)
      }
    }
    if let crossWidth = crossAttentionWidth {
      let other = builder.sharedInput(
        "cross input", shape.samples * shape.crossTokens * crossWidth)
      if crossMLP {
        stream = builder.branch("self mlp", stream, block: self, shape: shape) {
          $0.mlp($1, block: self, shape: shape, prefix: "self ", residual: $2)
        }
      }
      stream = builder.branch("cross", stream, block: self, shape: shape) {
        $0.crossAttention(
          $1, over: other, crossWidth: crossWidth, block: self, shape: shape, residual: $2)
      }
    }
    stream = builder.branch("mlp", stream, block: self, shape: shape) {
      $0.mlp($1, block: self, shape: shape, residual: $2)
    }
    builder.output(stream)
    return builder.finish()
  }
}

extension GraphBuilder {
  /// One residual branch with its norm, before or behind.
  ///
  /// `body` gets its input and, where its last product may add the residual itself, that.
  mutating func branch(
    _ label: String, _ x: TensorID, block: BlockSpec, shape: BlockShape,
    body: (inout GraphBuilder, TensorID, TensorID?) -> TensorID
  ) -> TensorID {
    let drops = style.dropout && block.dropout > 0
    let isPlain = !block.layerScale && !block.dropPath && !drops
    let residual = style.epilogues && isPlain && shape.sharding == .none ? x : nil
    let rows = shape.streamRows
    func normalised(_ builder: inout GraphBuilder, _ value: TensorID) -> TensorID {
      var y = builder.norm(
        label + " norm", value, rows: rows, width: block.width, kind: block.norm,
        mixing: shape.conditioning == .dualAffine ? shape : nil)
      if shape.conditioning == .film {
        y = builder.film(label + " film", y, width: block.width, shape: shape)
      }
      return y
    }
    func scaled(_ builder: inout GraphBuilder, _ value: TensorID) -> TensorID {
      var y = value
      if drops {
        y = builder.dropout(label + " dropout", y, fused: builder.style.fusedResidual)
      }
      if block.layerScale {
        let scale = builder.parameter(label + " layer scale", block.width, matrix: false)
        y = builder.pointwise(
          label + " layer scale", [y], parameters: [scale], keeping: .nothing,
          parametersScale: true, function: .layerScale(width: block.width))
      }
      guard block.dropPath else { return y }
      let factors = builder.constant("drop path factors", shape.samples, type: .float32)
      return builder.pointwise(
        label + " drop path", [y], parameters: [factors], keeping: .nothing,
        function: .dropPath(samples: shape.samples))
    }
    switch block.normPosition {
    case .pre:
      let input = normalised(&self, x)
      let y = scaled(&self, body(&self, input, residual))
      return residual == nil ? add(label + " residual", x, y) : y
    case .post:
      let y = body(&self, x, nil)
      let normed = normalised(&self, y)
      return add(label + " residual", x, scaled(&self, normed))
    case .postResidual:
      let y = scaled(&self, body(&self, x, residual))
      let sum = residual == nil ? add(label + " residual", x, y) : y
      return cast(normalised(&self, sum), to: style.residual)
    }
  }

  mutating func selfAttention(
    _ x: TensorID, block: BlockSpec, shape: BlockShape, residual: TensorID?
  ) -> TensorID {
    let rows = shape.rows
    let sharding = shape.sharding
    let heads = sharding.share(block.heads)
    let keyValueHeads = sharding.share(block.keyValueHeads)
    let (q, kv) = (heads * block.headWidth, keyValueHeads * block.headWidth)
    let x = entering(x, "attention input", rows: rows, sharding: sharding)
    let biases =
      switch block.attentionBias {
      case .all: q + 2 * kv
      case .queryValue: q + kv
      case .none: 0
      }
    var parts = linear(
      "qkv", x, rows: rows, k: block.width, parts: [("q", q), ("k", kv), ("v", kv)],
      biasElements: biases,
      biasColumns: block.attentionBias == .queryValue ? [0..<q, q + kv..<q + 2 * kv] : nil,
      inputReduction: sharding, targets: [.query, .key, .value])
    if block.rotary {
      let angles = constant("rope", 2 * shape.tokens * block.headWidth, type: .float32)
      for index in 0..<2 {
        parts[index] = inPlace(
          "rope", parts[index], parameters: [angles],
          function: .rotary(
            heads: index == 0 ? heads : keyValueHeads, headWidth: block.headWidth,
            tokens: shape.tokens))
      }
    }
    var y = attention(
      "attention", q: parts[0], k: parts[1], v: parts[2],
      shape: AttentionShape(
        samples: shape.samples, heads: heads, queries: shape.tokens, keys: shape.tokens,
        headWidth: block.headWidth, causal: block.causal), keyValueHeads: keyValueHeads,
      mask: AttentionCall.Mask(isCausal: block.causal, isPadded: block.endsInClassToken),
      dropout: block.attentionDropout)
    if block.attentionSubNorm {
      y = norm("attention sub-norm", y, rows: rows, width: q, kind: block.norm)
    }
    let projected = linear(
      "proj", y, rows: rows, k: q, n: block.width,
      biasElements: block.projectionBias ? block.width : 0, residual: residual,
      target: .projection)
    return leaving(projected, "attention output", rows: rows, sharding: sharding)
  }

  mutating func crossAttention(
    _ x: TensorID, over other: TensorID, crossWidth: Int, block: BlockSpec, shape: BlockShape,
    residual: TensorID?
  ) -> TensorID {
    let sharding = shape.sharding
    let heads = sharding.share(block.heads)
    let keyValueHeads = sharding.share(block.keyValueHeads)
    let (inner, kv) = (heads * block.headWidth, keyValueHeads * block.headWidth)
    let x = entering(x, "cross input", rows: shape.rows, sharding: sharding)
    let otherRows = shape.samples * shape.crossTokens
    // CoCa normalises what it attends to; BERT-like and T5 blocks take it as it comes.
    let source =
      block.crossMLP
      ? norm("cross kv norm", other, rows: otherRows, width: crossWidth, kind: block.norm) : other
    let bias = block.attentionBias != .none
    let q = linear(
      "cross q", x, rows: shape.rows, k: block.width, n: inner, biasElements: bias ? inner : 0,
      inputReduction: sharding, target: .query)
    let keys = linear(
      "cross kv", source, rows: otherRows, k: crossWidth,
      parts: [("cross k", kv), ("cross v", kv)],
      biasElements: block.attentionBias == .all ? 2 * kv : bias ? kv : 0,
      biasColumns: block.attentionBias == .queryValue ? [kv..<2 * kv] : nil,
      inputReduction: sharding, targets: [.key, .value])
    let y = attention(
      "cross attention", q: q, k: keys[0], v: keys[1],
      shape: AttentionShape(
        samples: shape.samples, heads: heads, queries: shape.tokens,
        keys: shape.crossTokens, headWidth: block.headWidth, causal: false),
      keyValueHeads: keyValueHeads, dropout: block.attentionDropout)
    let projected = linear(
      "cross proj", y, rows: shape.rows, k: inner, n: block.width,
      biasElements: block.projectionBias ? block.width : 0, residual: residual,
      target: .projection)
    return leaving(projected, "cross output", rows: shape.rows, sharding: sharding)
  }

  mutating func mlp(
    _ x: TensorID, block: BlockSpec, shape: BlockShape, prefix: String = "", residual: TensorID?
  ) -> TensorID {
    let rows = shape.rows
    let sharding = shape.sharding
    let hidden = sharding.share(block.mlpWidth)
    let x = entering(x, prefix + "mlp input", rows: rows, sharding: sharding)
    var y: TensorID
    let adaptsFirst = adapters?.targets.contains(.fc1) ?? false
    if style.epilogues, sharding == .none, !adaptsFirst {
      let n = block.mlp.isGated ? 2 * hidden : hidden
      y = linearActivation(
        prefix + "fc1", x, rows: rows, k: block.width, n: n,
        biasElements: block.mlpBias ? n : 0, kind: block.mlp)
    } else if style.epilogues, sharding == .none {
      // The adapter's product comes before the activation, which runs by itself.
      let n = block.mlp.isGated ? 2 * hidden : hidden
      let units = linear(
        prefix + "fc1", x, rows: rows, k: block.width, n: n, biasElements: block.mlpBias ? n : 0,
        inputReduction: sharding, target: .fc1)
      y = pointwise(
        prefix + "fc1 activation", [units], elements: rows * hidden, keeping: .inputs,
        function: .activation(block.mlp, rows: rows))
    } else if block.mlp.isGated {
      let units = linear(
        prefix + "fc1", x, rows: rows, k: block.width, parts: [("gate", hidden), ("up", hidden)],
        biasElements: block.mlpBias ? 2 * hidden : 0, inputReduction: sharding, targets: [.fc1])
      y = activation(block.mlp, units, rows: rows)
    } else {
      let units = [
        linear(
          prefix + "fc1", x, rows: rows, k: block.width, n: hidden,
          biasElements: block.mlpBias ? hidden : 0, inputReduction: sharding, target: .fc1)
      ]
      y = activation(block.mlp, units, rows: rows)
    }
    if block.mlpSubNorm {
      y = norm(prefix + "mlp sub-norm", y, rows: rows, width: hidden, kind: block.norm)
    }
    let projected = linear(
      prefix + "fc2", y, rows: rows, k: hidden, n: block.width,
      biasElements: block.mlpBias ? block.width : 0, residual: residual, target: .fc2)
    return leaving(projected, prefix + "mlp output", rows: rows, sharding: sharding)
  }

  /// `x (1 + scale) + shift`; x itself is needed for the scale's gradient alone.
  private mutating func modulate(
    _ label: String, _ x: TensorID, scale: TensorID, shift: TensorID, function: PointwiseFunction
  ) -> TensorID {
    let y = tensor(label, elements(x), type(x))
    append(
      Kernel(
        .memoryBound(.elementwise), label, reads: [x, scale, shift], writes: [y],
        function: .pointwise(function)),
      .pointwise(
        inputs: [x, scale, shift], parameters: [], y: y, kept: [scale], keptForWeights: [x],
        kind: .elementwise, function: function))
    return y
  }

  /// Scale and shift from lambda: two perceptrons `width -> width -> width` over samples.
  mutating func film(
    _ label: String, _ x: TensorID, width: Int, shape: BlockShape
  ) -> TensorID {
    let code = constant("lambda code", shape.samples * width, type: style.compute)
    let factors = ["scale", "shift"].map { name in
      addition { builder in
        let hidden = builder.linear(
          label + " " + name + " 1", code, rows: shape.samples, k: width, n: width,
          biasElements: width)
        let active = builder.pointwise(
          label + " " + name + " relu", [hidden], keeping: .output,
          function: .relu)
        return builder.linear(
          label + " " + name + " 2", active, rows: shape.samples, k: width, n: width,
          biasElements: width)
      }
    }
    return modulate(
      label, x, scale: factors[0], shift: factors[1],
      function: .film(samples: shape.samples, tokens: shape.tokens, width: width))
  }
}
