extension GraphBuilder {
  /// Patches `[samples patches, 3 patch^2]` to tokens `[samples tokens, width]`.
  ///
  /// Every patch is projected, then a share is dropped (Li et al., arXiv 2212.00794): the
  /// shape's tokens are those that remain.
  mutating func patchEmbedding(_ tower: VisionTowerSpec, _ shape: BlockShape) {
    let width = tower.block.width
    let patchRows = shape.samples * tower.patches
    let pixels = 3 * tower.patchSize * tower.patchSize
    // The core reads images where the step holds them.
    let images =
      style.epilogues
      ? given("images", patchRows * pixels)
      : input("images", patchRows * pixels, type: style.compute)
    let patches = linear(
      "patch embedding", images, rows: patchRows, k: pixels, n: width,
      biasElements: tower.patchBias ? width : 0)
    var x = patches
    var extra: [TensorID] = []
    if tower.classToken {
      extra.append(parameter("class token", width, matrix: false))
      if shape.conditioning == .classToken {
        extra.append(addition { $0.parameter("robust class token", width, matrix: false) })
        extra.append(constant("lambda", shape.samples, type: .float32))
      }
    }
    if tower.positions {
      let count = tower.patches + (tower.classToken && tower.classTokenPosition ? 1 : 0)
      extra.append(parameter("positions", count * width, matrix: false))
    }
    x = pointwise(
      "tokens", [x], parameters: extra, elements: shape.samples * tower.tokens * width,
      outputType: style.residual, keeping: .nothing,
      function: .imageTokens(
        ImageTokens(
          samples: shape.samples, patches: tower.patches, width: width,
          classToken: tower.classToken,
          robustClassToken: tower.classToken && shape.conditioning == .classToken,
          positions: tower.positions, classTokenPosition: tower.classTokenPosition)))
    if shape.conditioning == .classToken, !tower.classToken {
      x = shiftByLambda(x, samples: shape.samples, tokens: tower.tokens, width: width)
    }
    if shape.tokens < tower.tokens {
      x = select(
        "kept patches", x, elements: shape.rows * width,
        function: .keptPatches(
          samples: shape.samples, tokens: tower.tokens, kept: shape.tokens, width: width,
          classToken: tower.classToken))
    }
    if tower.preNorm {
      x = cast(
        norm("pre-norm", x, rows: shape.rows, width: width, kind: tower.block.norm),
        to: style.residual)
    }
    output(x)
  }

  /// Tokens to the pooled, projected vector `[samples, outputWidth]`.
  mutating func visionHead(_ tower: VisionTowerSpec, _ shape: BlockShape) {
    let pooled = pooledImage(tower, shape)
    if let outputWidth = tower.outputWidth {
      output(
        linear(
          "image projection", pooled.vector, rows: shape.samples, k: pooled.width, n: outputWidth,
          biasElements: tower.outputBias ? outputWidth : 0))
    } else {
      output(pooled.vector)
    }
  }

  /// Tokens to class logits and their loss.
  mutating func classifierHead(_ tower: VisionTowerSpec, classes: Int, _ shape: BlockShape) {
    let pooled = pooledImage(tower, shape)
    let logits = linear(
      "classifier", pooled.vector, rows: shape.samples, k: pooled.width, n: classes,
      biasElements: classes)
    output(
      crossEntropy(
        "classifier loss", logits,
        CrossEntropy(
          rows: shape.samples, columns: classes, alongColumns: false, labels: .classes,
          smoothing: 0)))
  }

  private mutating func pooledImage(
    _ tower: VisionTowerSpec, _ shape: BlockShape
  ) -> (vector: TensorID, width: Int) {
    let width = tower.block.width
    var x = input("x", shape.rows * width)
    func normed(_ builder: inout GraphBuilder, _ value: TensorID, rows: Int, width: Int) -> TensorID
    {
      guard tower.finalNorm else { return value }
      return builder.norm("final norm", value, rows: rows, width: width, kind: tower.block.norm)
    }
    switch tower.pooling {
    case .none:
      return (normed(&self, x, rows: shape.rows, width: width), width)
    case .classToken, .mean, .endToken, .last:
      if !tower.finalNormAfterPooling {
        x = normed(&self, x, rows: shape.rows, width: width)
      }
      handOn(tower, x, shape, tokens: shape.tokens, width: width)
      if tower.pooling == .mean {
        x = pointwise(
          "mean", [x], elements: shape.samples * width, keeping: .nothing,
          function: .mean(samples: shape.samples, tokens: shape.tokens, width: width))
      } else {
        x = select(
          "class token", x, elements: shape.samples * width,
          function: .select(
            .range(first: 0, count: 1), samples: shape.samples, tokens: shape.tokens, width: width))
      }
      if tower.finalNormAfterPooling {
        x = normed(&self, x, rows: shape.samples, width: width)
      }
      return (x, width)
    case .attention:
      x = normed(&self, x, rows: shape.rows, width: width)
      handOn(tower, x, shape, tokens: shape.tokens, width: width)
      return (mapHead(tower, x, shape), width)
    case .attentionalPooler, .cascadedPooler:
      let outer = tower.outputWidth ?? width
      var y = attentionalPooler(
        tower, x, rows: shape.rows, tokens: shape.tokens, width: width, outer: outer,
        samples: shape.samples)
      y = normed(&self, y, rows: shape.samples * tower.poolerQueries, width: outer)
      handOn(tower, y, shape, tokens: tower.poolerQueries, width: outer)
      let first = select(
        "contrastive query", y, elements: shape.samples * outer,
        function: .select(
          .range(first: 0, count: 1), samples: shape.samples, tokens: tower.poolerQueries,
          width: outer))
      return (first, outer)
    }
  }

  /// CoCa's decoder attends to all tokens but the first, or to the only one.
  private mutating func handOn(
    _ tower: VisionTowerSpec, _ x: TensorID, _ shape: BlockShape, tokens: Int, width: Int
  ) {
    guard tower.handsOnTokens else { return }
    let count = tower.handedOnTokens(of: tokens)
    heldOutput(
      select(
        "image tokens", x, elements: shape.samples * count * width,
        function: .select(
          .range(first: tokens - count, count: count), samples: shape.samples, tokens: tokens,
          width: width)))
  }

  /// SigLIP's MAP head: one learned query attends to all tokens, then a residual MLP.
  private mutating func mapHead(
    _ tower: VisionTowerSpec, _ x: TensorID, _ shape: BlockShape
  ) -> TensorID {
    let width = tower.block.width
    let latent = parameter("latent", width, matrix: false)
    let weight = parameter("pool q.weight", width * width)
    let bias = parameter("pool q.bias", width, matrix: false)
    let expanded = pointwise(
      "latent", [], parameters: [latent], elements: shape.samples * width, keeping: .nothing,
      function: .copies(shape.samples))
    let q = linear(
      "pool q", expanded, weight: weight, bias: bias, rows: shape.samples, k: width,
      parts: [("pool q", width)])[0]
    let kv = linear(
      "pool kv", x, rows: shape.rows, k: width, parts: [("pool k", width), ("pool v", width)],
      biasElements: 2 * width)
    var y = attention(
      "pool attention", q: q, k: kv[0], v: kv[1],
      shape: AttentionShape(
        samples: shape.samples, heads: tower.poolerHeads, queries: 1, keys: shape.tokens,
        headWidth: width / tower.poolerHeads, causal: false))
    y = linear("pool proj", y, rows: shape.samples, k: width, n: width, biasElements: width)
    guard tower.poolerMLPWidth > 0 else { return y }
    let normed = norm("pool norm", y, rows: shape.samples, width: width, kind: .layerNorm)
    var hidden = linear(
      "pool fc1", normed, rows: shape.samples, k: width, n: tower.poolerMLPWidth,
      biasElements: tower.poolerMLPWidth)
    hidden = pointwise(
      "pool gelu", [hidden], keeping: .inputs, function: .activation(.gelu, rows: shape.samples))
    let out = linear(
      "pool fc2", hidden, rows: shape.samples, k: tower.poolerMLPWidth, n: width,
      biasElements: width)
    return add("pool residual", y, out)
  }

  /// CoCa's pooler: learned queries of the output width attend to normalised tokens.
  private mutating func attentionalPooler(
    _ tower: VisionTowerSpec, _ x: TensorID, rows: Int, tokens: Int, width: Int, outer: Int,
    samples: Int
  ) -> TensorID {
    let queries = tower.poolerQueries
    let table = parameter("pool queries", queries * outer, matrix: false)
    let keys = norm("pool k norm", x, rows: rows, width: width, kind: .layerNorm)
    // The queries are normalised once, then repeated for every sample.
    let once = pointwise(
      "pool queries", [], parameters: [table], elements: queries * outer, keeping: .nothing,
      function: .copies(1))
    let normedOnce = norm("pool q norm", once, rows: queries, width: outer, kind: .layerNorm)
    let repeated = pointwise(
      "pool repeat", [normedOnce], elements: samples * queries * outer, keeping: .nothing,
      function: .copies(samples))
    let q = linear(
      "pool q", repeated, rows: samples * queries, k: outer, n: outer, biasElements: outer)
    let kv = linear(
      "pool kv", keys, rows: rows, k: width, parts: [("pool k", outer), ("pool v", outer)],
      biasElements: 2 * outer)
    let y = attention(
      "pool attention", q: q, k: kv[0], v: kv[1],
      shape: AttentionShape(
        samples: samples, heads: tower.poolerHeads, queries: queries, keys: tokens,
        headWidth: outer / tower.poolerHeads, causal: false))
    return linear(
      "pool proj", y, rows: samples * queries, k: outer, n: outer, biasElements: outer)
  }
}
