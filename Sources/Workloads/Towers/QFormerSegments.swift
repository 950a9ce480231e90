/// The passes of BLIP-2's Q-Former (Li et al., arXiv 2301.12597, section 3.1).
public enum QFormerPass: String, Sendable, Hashable, CaseIterable {
  /// The queries alone, attending to the image.
  case queries
  /// The same, with keys and values of the queries handed on to the caption pass.
  case cachingQueries = "caching-queries"
  /// The text alone: contrastive loss.
  case text
  /// Queries and text together: image-text matching.
  case matching
  /// The text, attending to the cached queries: caption loss.
  case caption
}

extension QFormerSpec {
  /// Query tokens in a pass.
  public func queryTokens(_ pass: QFormerPass) -> Int {
    switch pass {
    case .queries, .cachingQueries, .matching: queries
    case .text, .caption: 0
    }
  }
  /// Text tokens in a pass.
  public func textTokens(_ pass: QFormerPass) -> Int {
    pass == .queries || pass == .cachingQueries ? 0 : textTokens
  }
  /// Which keys a token sees: queries see everything, text sees text that is not padding, caption
  /// tokens see the cached queries and the text before them.
  func mask(_ pass: QFormerPass) -> AttentionCall.Mask {
    switch pass {
    case .queries, .cachingQueries: .none
    case .text: AttentionCall.Mask(isCausal: false, isPadded: true)
    case .matching: AttentionCall.Mask(isCausal: false, prefixKeys: queries, isPadded: true)
    case .caption: AttentionCall.Mask(isCausal: true, prefixKeys: queries, isPadded: true)
    }
  }
}

extension GraphBuilder {
  /// The input of a pass: learned queries, embedded text, or both, normalised.
  mutating func qformerEmbedding(
    _ qformer: QFormerSpec, _ pass: QFormerPass, _ shape: BlockShape
  ) {
    let width = qformer.block.width
    let samples = shape.samples
    var parts: [TensorID] = []
    if qformer.queryTokens(pass) > 0 {
      let table = parameter("queries", qformer.queries * width, matrix: false)
      let queries = pointwise(
        "queries", [], parameters: [table], elements: samples * qformer.queries * width,
        outputType: style.residual, keeping: .nothing, function: .copies(samples))
      parts.append(
        shape.conditioning == .classToken
          ? shiftByLambda(queries, samples: samples, tokens: qformer.queries, width: width)
          : queries)
    }
    if qformer.textTokens(pass) > 0 {
      let rows = samples * qformer.textTokens
      let ids = constant("tokens", rows, type: .int64)
      let table = parameter(
        "token embedding", qformer.vocabulary * width, matrix: false,
        factored: qformer.vocabulary + width)
      let positions = prefix(
        of: parameter("positions", qformer.positions * width, matrix: false),
        elements: qformer.textTokens * width)
      let text = lookup("embedding", table: table, indices: ids, rows: rows, width: width)
      parts.append(
        pointwise(
          "add positions", [text], parameters: [positions], outputType: style.residual,
          keeping: .nothing, function: .addPositions(tokens: qformer.textTokens, width: width)))
    }
    let joined =
      parts.count == 1
      ? parts[0]
      : pointwise(
        "join", parts, elements: shape.rows * width, outputType: style.residual,
        keeping: .nothing,
        function: .join(
          samples: samples, tokens: [qformer.queries, qformer.textTokens], width: width))
    let normed = norm("embedding norm", joined, rows: shape.rows, width: width, kind: .layerNorm)
    output(cast(normed, to: style.residual))
  }

  /// One block: self-attention over what the pass holds, cross-attention of the queries, and a
  /// feed-forward network for queries and another for text.
  mutating func qformerBlock(
    _ qformer: QFormerSpec, _ pass: QFormerPass, crossing: Bool, _ shape: BlockShape
  ) {
    let block = qformer.block
    let width = block.width
    let samples = shape.samples
    let queryTokens = qformer.queryTokens(pass)
    let textTokens = qformer.textTokens(pass)
    let tokens = queryTokens + textTokens
    let rows = samples * tokens
    let x = input("x", rows * width)
    // Caption tokens attend to themselves and to the queries' cached keys and values.
    let cached =
      pass == .caption ? cachedKeys(rows: samples * qformer.queries, width: width) : nil
    var handedOn: [TensorID] = []
    var stream = branch("attention", x, block: block, shape: shape) { builder, value, residual in
      let qkv = builder.linear(
        "qkv", value, rows: rows, k: width,
        parts: [("q", width), ("k", width), ("v", width)], biasElements: 3 * width,
        targets: [.query, .key, .value])
      var (k, v) = (qkv[1], qkv[2])
      var keys = tokens
      if let cached {
        keys += qformer.queries
        let elements = samples * keys * width
        let join = PointwiseFunction.join(
          samples: samples, tokens: [qformer.queries, tokens], width: width)
        k = builder.pointwise(
          "join keys", [cached[0], k], elements: elements, keeping: .nothing, function: join)
        v = builder.pointwise(
          "join values", [cached[1], v], elements: elements, keeping: .nothing, function: join)
      }
      let y = builder.attention(
        "attention", q: qkv[0], k: k, v: v,
        shape: AttentionShape(
          samples: samples, heads: block.heads, queries: tokens, keys: keys,
          headWidth: block.headWidth, causal: false), mask: qformer.mask(pass),
        dropout: block.attentionDropout)
      if pass == .cachingQueries {
        // The caption pass attends to these keys and values.
        handedOn = [qkv[1], qkv[2]]
      }
      return builder.linear(
        "proj", y, rows: rows, k: width, n: width, biasElements: width, residual: residual,
        target: .projection)
    }
    if crossing, queryTokens > 0, let crossWidth = block.crossAttentionWidth {
      let image = sharedInput("cross input", samples * shape.crossTokens * crossWidth)
      let queryShape = BlockShape(
        samples: samples, tokens: queryTokens, crossTokens: shape.crossTokens)
      let queries =
        textTokens > 0
        ? select(
          "query rows", stream, elements: samples * queryTokens * width,
          function: .select(
            .range(first: 0, count: queryTokens), samples: samples, tokens: tokens, width: width))
        : stream
      let crossed = branch("cross", queries, block: block, shape: queryShape) {
        $0.crossAttention(
          $1, over: image, crossWidth: crossWidth, block: block, shape: queryShape, residual: $2)
      }
      stream = feedForward(
        stream, queries: crossed, block: block, samples: samples, queryTokens: queryTokens,
        textTokens: textTokens)
    } else {
      let queries =
        queryTokens > 0 && textTokens > 0
        ? select(
          "query rows", stream, elements: samples * queryTokens * width,
          function: .select(
            .range(first: 0, count: queryTokens), samples: samples, tokens: tokens, width: width))
        : stream
      stream = feedForward(
        stream, queries: queries, block: block, samples: samples, queryTokens: queryTokens,
        textTokens: textTokens)
    }
    output(stream)
    for keys in handedOn { heldOutput(keys) }
  }

  /// Keys and values that the queries left: two tensors, or columns of the queries' own product.
  private mutating func cachedKeys(rows: Int, width: Int) -> [TensorID] {
    guard style.epilogues else {
      return ["cached keys", "cached values"].map { input($0, rows * width) }
    }
    let whole = constant("cached qkv", rows * 3 * width, type: style.compute)
    return ["cached keys", "cached values"].enumerated().map { position, name in
      viewInput(name, of: whole, first: (position + 1) * width, columns: width, width: 3 * width)
    }
  }

  private mutating func feedForward(
    _ stream: TensorID, queries: TensorID, block: BlockSpec, samples: Int, queryTokens: Int,
    textTokens: Int
  ) -> TensorID {
    func network(
      _ builder: inout GraphBuilder, _ label: String, _ value: TensorID, tokens: Int
    ) -> TensorID {
      let shape = BlockShape(samples: samples, tokens: tokens)
      return builder.branch(label, value, block: block, shape: shape) {
        $0.mlp($1, block: block, shape: shape, prefix: label + " ", residual: $2)
      }
    }
    guard queryTokens > 0 else { return network(&self, "text mlp", stream, tokens: textTokens) }
    let first = network(&self, "query mlp", queries, tokens: queryTokens)
    guard textTokens > 0 else { return first }
    let text = select(
      "text rows", stream, elements: samples * textTokens * block.width,
      function: .select(
        .range(first: queryTokens, count: textTokens), samples: samples,
        tokens: queryTokens + textTokens, width: block.width))
    let second = network(&self, "text mlp", text, tokens: textTokens)
    return pointwise(
      "join", [first, second], elements: samples * (queryTokens + textTokens) * block.width,
      outputType: style.residual, keeping: .nothing,
      function: .join(samples: samples, tokens: [queryTokens, textTokens], width: block.width))
  }

  /// Projections into the contrastive space, the matching classifier, the caption loss.
  mutating func qformerHead(_ qformer: QFormerSpec, _ pass: QFormerPass, _ shape: BlockShape) {
    let width = qformer.block.width
    let samples = shape.samples
    let rows = samples * (qformer.queryTokens(pass) + qformer.textTokens(pass))
    let x = input("x", rows * width)
    switch pass {
    case .queries, .cachingQueries:
      output(
        linear(
          "image projection", x, rows: rows, k: width, n: qformer.embeddingWidth,
          biasElements: qformer.embeddingWidth))
    case .text:
      let first = select(
        "class token", x, elements: samples * width,
        function: .select(
          .range(first: 0, count: 1), samples: samples, tokens: qformer.textTokens, width: width))
      output(
        linear(
          "text projection", first, rows: samples, k: width, n: qformer.embeddingWidth,
          biasElements: qformer.embeddingWidth))
    case .matching:
      let queries = select(
        "query rows", x, elements: samples * qformer.queries * width,
        function: .select(
          .range(first: 0, count: qformer.queries), samples: samples,
          tokens: qformer.queries + qformer.textTokens, width: width))
      let logits = linear(
        "matching head", queries, rows: samples * qformer.queries, k: width, n: 2, biasElements: 2)
      let mean = pointwise(
        "mean", [logits], elements: samples * 2, keeping: .nothing,
        function: .mean(samples: samples, tokens: qformer.queries, width: 2))
      output(
        crossEntropy(
          "matching loss", mean,
          CrossEntropy(
            rows: samples, columns: 2, alongColumns: false, labels: .matching, smoothing: 0)))
    case .caption:
      var hidden = linear("transform", x, rows: rows, k: width, n: width, biasElements: width)
      hidden = pointwise(
        "transform gelu", [hidden], keeping: .inputs, function: .activation(.gelu, rows: rows))
      hidden = norm("transform norm", hidden, rows: rows, width: width, kind: .layerNorm)
      let tied = tiedTable(width * qformer.vocabulary, style.compute)
      let bias = parameter("vocabulary bias", qformer.vocabulary, matrix: false)
      let logits = linear(
        "vocabulary", hidden, weight: tied, bias: bias, rows: rows, k: width,
        parts: [("vocabulary", qformer.vocabulary)])[0]
      output(
        crossEntropy(
          "caption loss", logits,
          CrossEntropy(
            rows: rows, columns: qformer.vocabulary, alongColumns: false, labels: .nextToken,
            smoothing: 0.1)))
    }
  }
}
