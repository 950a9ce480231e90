/// The passes of BLIP-2's Q-Former (Li et al., arXiv 2301.12597, section 3.1).
public enum QFormerPass: String, Sendable, Hashable, CaseIterable {
  /// The queries alone, attending to the image.
  case queries
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
    pass == .queries || pass == .matching ? queries : 0
  }
  /// Text tokens in a pass.
  public func textTokens(_ pass: QFormerPass) -> Int { pass == .queries ? 0 : textTokens }
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
      parts.append(
        pointwise(
          "queries", [], parameters: [table], elements: samples * qformer.queries * width,
          outputType: style.residual, keeping: .nothing))
    }
    if qformer.textTokens(pass) > 0 {
      let rows = samples * qformer.textTokens
      let ids = constant("tokens", rows, type: .int64)
      let table = parameter(
        "token embedding", qformer.vocabulary * width, matrix: false,
        factored: qformer.vocabulary + width)
      let positions = parameter("positions", qformer.positions * width, matrix: false)
      let text = lookup("embedding", table: table, indices: ids, rows: rows, width: width)
      parts.append(
        pointwise(
          "add positions", [text], parameters: [positions], outputType: style.residual,
          keeping: .nothing))
    }
    let joined =
      parts.count == 1
      ? parts[0]
      : pointwise(
        "join", parts, elements: shape.rows * width, outputType: style.residual,
        keeping: .nothing)
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
      pass == .caption ? input("cached keys", 2 * samples * qformer.queries * width) : nil
    var stream = branch("attention", x, block: block, shape: shape) { builder, value in
      let qkv = builder.linear(
        "qkv", value, rows: rows, k: width,
        parts: [("q", width), ("k", width), ("v", width)], biasElements: 3 * width)
      var (k, v) = (qkv[1], qkv[2])
      var keys = tokens
      if let cached {
        keys += qformer.queries
        let elements = samples * keys * width
        k = builder.pointwise("join keys", [k, cached], elements: elements, keeping: .nothing)
        v = builder.pointwise("join values", [v, cached], elements: elements, keeping: .nothing)
      }
      let y = builder.attention(
        "attention", q: qkv[0], k: k, v: v,
        shape: AttentionShape(
          samples: samples, heads: block.heads, queries: tokens, keys: keys,
          headWidth: block.headWidth, causal: false))
      return builder.linear("proj", y, rows: rows, k: width, n: width, biasElements: width)
    }
    if crossing, queryTokens > 0, let crossWidth = block.crossAttentionWidth {
      let image = input("cross input", samples * shape.crossTokens * crossWidth)
      let queryShape = BlockShape(
        samples: samples, tokens: queryTokens, crossTokens: shape.crossTokens)
      let queries =
        textTokens > 0
        ? select("query rows", stream, elements: samples * queryTokens * width) : stream
      let crossed = branch("cross", queries, block: block, shape: queryShape) { builder, value in
        builder.crossAttention(
          value, over: image, crossWidth: crossWidth, block: block, shape: queryShape)
      }
      stream = feedForward(
        stream, queries: crossed, block: block, samples: samples, queryTokens: queryTokens,
        textTokens: textTokens)
    } else {
      let queries =
        queryTokens > 0 && textTokens > 0
        ? select("query rows", stream, elements: samples * queryTokens * width) : stream
      stream = feedForward(
        stream, queries: queries, block: block, samples: samples, queryTokens: queryTokens,
        textTokens: textTokens)
    }
    output(stream)
  }

  private mutating func feedForward(
    _ stream: TensorID, queries: TensorID, block: BlockSpec, samples: Int, queryTokens: Int,
    textTokens: Int
  ) -> TensorID {
    func network(
      _ builder: inout GraphBuilder, _ label: String, _ value: TensorID, tokens: Int
    ) -> TensorID {
      let shape = BlockShape(samples: samples, tokens: tokens)
      return builder.branch(label, value, block: block, shape: shape) { builder, input in
        builder.mlp(input, block: block, shape: shape, prefix: label + " ")
      }
    }
    guard queryTokens > 0 else { return network(&self, "text mlp", stream, tokens: textTokens) }
    let first = network(&self, "query mlp", queries, tokens: queryTokens)
    guard textTokens > 0 else { return first }
    let text = select("text rows", stream, elements: samples * textTokens * block.width)
    let second = network(&self, "text mlp", text, tokens: textTokens)
    return pointwise(
      "join", [first, second], elements: samples * (queryTokens + textTokens) * block.width,
      outputType: style.residual, keeping: .nothing)
  }

  /// Projections into the contrastive space, the matching classifier, the caption loss.
  mutating func qformerHead(_ qformer: QFormerSpec, _ pass: QFormerPass, _ shape: BlockShape) {
    let width = qformer.block.width
    let samples = shape.samples
    let rows = samples * (qformer.queryTokens(pass) + qformer.textTokens(pass))
    let x = input("x", rows * width)
    switch pass {
    case .queries:
      output(
        linear(
          "image projection", x, rows: rows, k: width, n: qformer.embeddingWidth,
          biasElements: qformer.embeddingWidth))
    case .text:
      let first = select("class token", x, elements: samples * width)
      output(
        linear(
          "text projection", first, rows: samples, k: width, n: qformer.embeddingWidth,
          biasElements: qformer.embeddingWidth))
    case .matching:
      let queries = select("query rows", x, elements: samples * qformer.queries * width)
      let logits = linear(
        "matching head", queries, rows: samples * qformer.queries, k: width, n: 2, biasElements: 2)
      let mean = pointwise("mean", [logits], elements: samples * 2, keeping: .nothing)
      output(crossEntropy("matching loss", mean, rows: samples))
    case .caption:
      var hidden = linear("transform", x, rows: rows, k: width, n: width, biasElements: width)
      hidden = pointwise("transform gelu", [hidden], keeping: .inputs)
      hidden = norm("transform norm", hidden, rows: rows, width: width, kind: .layerNorm)
      let tied = tensor(
        "token embedding (tied)", width * qformer.vocabulary, style.compute, .parameter)
      let bias = parameter("vocabulary bias", qformer.vocabulary, matrix: false)
      let logits = linear(
        "vocabulary", hidden, weight: tied, bias: bias, rows: rows, k: width,
        parts: [("vocabulary", qformer.vocabulary)])[0]
      output(crossEntropy("caption loss", logits, rows: rows))
    }
  }
}
