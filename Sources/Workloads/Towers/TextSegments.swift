extension GraphBuilder {
  /// Token ids to vectors: table rows plus positions.
  mutating func textEmbedding(_ tower: TextTowerSpec, _ shape: BlockShape) {
    let width = tower.block.width
    let words = shape.tokens - (tower.classToken ? 1 : 0)
    let rows = shape.samples * words
    let ids = constant("tokens", rows, type: .int64)
    let entries = shape.sharding.share(tower.vocabulary)
    let table = parameter(
      "token embedding", entries * width, matrix: false, factored: entries + width)
    let positions = parameter("positions", tower.tokens * width, matrix: false)
    var x = lookup("embedding", table: table, indices: ids, rows: rows, width: width)
    x = leaving(x, "embedding", rows: rows, sharding: Sharding(tensor: shape.sharding.tensor))
    if tower.classToken {
      let token = parameter("text class token", width, matrix: false)
      let copies = pointwise(
        "text class tokens", [], parameters: [token], elements: shape.samples * width,
        outputType: style.residual, keeping: .nothing, function: .copies(shape.samples))
      x = pointwise(
        "join class tokens", [x, copies], elements: shape.rows * width,
        outputType: style.residual, keeping: .nothing,
        function: .join(samples: shape.samples, tokens: [words, 1], width: width))
    }
    output(
      pointwise(
        "add positions", [x], parameters: [positions], outputType: style.residual,
        keeping: .nothing, function: .addPositions(tokens: shape.tokens, width: width)))
  }

  /// Final norm of every token, then the pooled token's projection.
  mutating func textHead(_ tower: TextTowerSpec, _ shape: BlockShape) {
    let width = tower.block.width
    let x = input("x", shape.rows * width)
    let normed: TensorID
    if tower.classToken {
      // CoCa normalises the class token alone; the other tokens go on to the decoder.
      heldOutput(x)
      let picked = select(
        "text class token", x, elements: shape.samples * width,
        function: .select(
          .range(first: shape.tokens - 1, count: 1), samples: shape.samples, tokens: shape.tokens,
          width: width))
      normed = norm(
        "final norm", picked, rows: shape.samples, width: width, kind: tower.block.norm)
    } else {
      let all = norm("final norm", x, rows: shape.rows, width: width, kind: tower.block.norm)
      let position: RowChoice =
        switch tower.pooling {
        case .last: .range(first: shape.tokens - 1, count: 1)
        case .classToken: .range(first: 0, count: 1)
        default: .endToken
        }
      normed = select(
        "end token", all, elements: shape.samples * width,
        function: .select(position, samples: shape.samples, tokens: shape.tokens, width: width))
    }
    guard let outputWidth = tower.outputWidth else {
      output(normed)
      return
    }
    output(
      linear(
        "text projection", normed, rows: shape.samples, k: width, n: outputWidth,
        biasElements: tower.outputBias ? outputWidth : 0))
  }

  /// CoCa's decoder input: the text tower's tokens without the class token, and without the last
  /// one where nothing follows it.
  ///
  /// The text tower owns the tokens, and decoders of several branches read them.
  mutating func captionInput(width: Int, textTokens: Int, _ shape: BlockShape) {
    let x = sharedGiven("text tokens", shape.samples * textTokens * width)
    output(
      select(
        "caption tokens", x, elements: shape.rows * width,
        function: .select(
          .range(first: 0, count: shape.tokens), samples: shape.samples, tokens: textTokens,
          width: width)))
  }

  /// CoCa's decoder head: norm, vocabulary product, cross-entropy.
  mutating func captionHead(_ decoder: CaptionDecoderSpec, _ shape: BlockShape) {
    let width = decoder.block.width
    let x = input("x", shape.rows * width)
    let normed = norm("final norm", x, rows: shape.rows, width: width, kind: decoder.block.norm)
    let logits = linear("vocabulary", normed, rows: shape.rows, k: width, n: decoder.vocabulary)
    output(
      crossEntropy(
        "caption loss", logits,
        CrossEntropy(
          rows: shape.rows, columns: decoder.vocabulary, alongColumns: false, labels: .nextToken,
          smoothing: 0)))
  }

  /// Token ids of a language model to vectors.
  mutating func languageEmbedding(
    _ model: LanguageModelSpec, decoder: Bool, _ shape: BlockShape
  ) {
    let width = model.block.width
    // The decoder of an encoder-decoder model shares the encoder's table.
    let shared = decoder && model.encoderLayers > 0
    let prefixTokens = decoder ? 0 : model.prefixTokens
    let prefix =
      prefixTokens > 0 ? input("prefix", shape.samples * prefixTokens * width) : nil
    let textRows = shape.samples * (shape.tokens - prefixTokens)
    let ids = constant("tokens", textRows, type: .int64)
    let entries = shape.sharding.share(model.vocabulary)
    let table =
      shared
      ? tiedTable(width * entries, style.weights)
      : parameter(
        "token embedding", entries * width, matrix: false, factored: entries + width)
    var x = lookup("embedding", table: table, indices: ids, rows: textRows, width: width)
    // Each rank knows the vectors of its share of the vocabulary; tokens are cut at the end.
    x = leaving(x, "embedding", rows: textRows, sharding: Sharding(tensor: shape.sharding.tensor))
    if let prefix {
      x = pointwise(
        "join prefix", [prefix, x], elements: shape.rows * width, outputType: style.residual,
        keeping: .nothing,
        function: .join(
          samples: shape.samples, tokens: [prefixTokens, shape.tokens - prefixTokens],
          width: width))
    }
    if model.positions > 0, !shared {
      // Of both tables only the rows of this sequence are read.
      var added = [
        self.prefix(
          of: parameter("positions", model.positions * width, matrix: false),
          elements: shape.tokens * width)
      ]
      if model.tokenTypes > 0 {
        added.append(
          self.prefix(
            of: parameter("token types", model.tokenTypes * width, matrix: false), elements: width))
      }
      x = pointwise(
        "add positions", [x], parameters: added, outputType: style.residual, keeping: .nothing,
        function: .addPositions(tokens: shape.tokens, width: width))
    } else if model.tokenTypes > 0, !shared {
      let types = parameter("token types", model.tokenTypes * width, matrix: false)
      x = pointwise(
        "add token types", [x], parameters: [types], outputType: style.residual,
        keeping: .nothing)
    }
    if model.relativePositionEntries > 0 {
      // The bias table of this stack; its lookup is the size of one head map and shared by layers.
      let bias = parameter("relative positions", model.relativePositionEntries, matrix: false)
      x = pointwise(
        "relative positions", [x], parameters: [bias], outputType: style.residual,
        keeping: .nothing)
    }
    if model.embeddingNorm, !shared {
      x = cast(
        norm("embedding norm", x, rows: shape.rows, width: width, kind: model.block.norm),
        to: style.residual)
    }
    if shape.sharding.sequence {
      // Forward keeps its own tokens; the gradients of all are gathered.
      let shard = tensor("own tokens", shape.streamRows * width, type(x))
      append(
        Kernel(.memoryBound(.elementwise), "own tokens", reads: [shard], writes: [shard]),
        .scattered(x: x, y: shard))
      x = shard
    }
    if style.dropout, model.block.dropout > 0 { x = dropout("embedding dropout", x, fused: false) }
    output(x)
  }

  /// Final norm of an encoder.
  mutating func encoderNorm(_ model: LanguageModelSpec, _ shape: BlockShape) {
    let width = model.block.width
    let x = input("x", shape.rows * width)
    let normed = norm("encoder norm", x, rows: shape.rows, width: width, kind: model.block.norm)
    output(cast(normed, to: style.residual))
  }

  /// Final norm, vocabulary product (tied or own weight), cross-entropy on every token.
  mutating func languageHead(_ model: LanguageModelSpec, _ shape: BlockShape) {
    let width = model.block.width
    let entries = shape.sharding.share(model.vocabulary)
    var x = input("x", shape.streamRows * width)
    if model.finalNorm {
      x = norm("final norm", x, rows: shape.streamRows, width: width, kind: model.block.norm)
    }
    x = entering(x, "vocabulary input", rows: shape.rows, sharding: shape.sharding)
    if model.headTransform {
      x = linear("transform", x, rows: shape.rows, k: width, n: width, biasElements: width)
      x = pointwise(
        "transform gelu", [x], keeping: .inputs, function: .activation(.gelu, rows: shape.rows))
      x = norm("transform norm", x, rows: shape.rows, width: width, kind: model.block.norm)
    }
    let bias = model.vocabularyBias ? entries : 0
    let logits: TensorID
    if model.tiedEmbeddings {
      let tied = tiedTable(width * entries, style.compute)
      logits =
        linear(
          "vocabulary", x, weight: tied,
          bias: bias > 0 ? parameter("vocabulary bias", bias, matrix: false) : nil,
          rows: shape.rows, k: width, parts: [("vocabulary", entries)],
          inputReduction: shape.sharding)[0]
    } else {
      logits = linear(
        "vocabulary", x, rows: shape.rows, k: width, n: entries, biasElements: bias,
        inputReduction: shape.sharding)
    }
    if shape.sharding.tensor > 1 {
      // Row maximum, sum of exponentials and the label's logit, fp32 (Shoeybi et al., section 3).
      let statistics = tensor("loss statistics", 3 * shape.rows, .float32, .constant)
      append(
        Kernel(
          .collective(LayerCollective(kind: .allReduce, bytes: 3 * shape.rows * 4)),
          "reduce loss statistics", reads: [statistics], writes: [statistics]),
        .none)
    }
    guard style.fusedCrossEntropy, !style.epilogues else {
      output(
        crossEntropy(
          "language loss", logits,
          CrossEntropy(
            rows: shape.rows, columns: entries, alongColumns: false, labels: .nextToken,
            smoothing: 0)))
      return
    }
    for _ in 0..<style.lossMetrics {
      lossMetric("language metric", logits, results: shape.rows)
    }
    output(
      pointwise(
        "language loss", [logits], elements: shape.rows, outputType: .float32, keeping: .inputs,
        kind: .softmax))
  }
}
