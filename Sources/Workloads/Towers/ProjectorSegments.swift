extension GraphBuilder {
  /// Image tokens `[samples tokens, from]` to a language model's vectors `[.., to]`.
  ///
  /// `layers` linear layers with biases and GELU between them (Liu et al., arXiv 2310.03744); the
  /// class token is dropped first.
  mutating func projector(
    from: Int, to: Int, layers: Int, classToken: Bool, _ shape: BlockShape
  ) {
    var x = input("x", shape.rows * from)
    var rows = shape.rows
    if classToken {
      rows = shape.samples * (shape.tokens - 1)
      x = select(
        "patches", x, elements: rows * from,
        function: .select(
          .range(first: 1, count: shape.tokens - 1), samples: shape.samples,
          tokens: shape.tokens, width: from))
    }
    var width = from
    for layer in 1...max(1, layers) {
      x = linear("projector \(layer)", x, rows: rows, k: width, n: to, biasElements: to)
      width = to
      guard layer < layers else { continue }
      x = pointwise(
        "projector gelu \(layer)", [x], keeping: .inputs, function: .activation(.gelu, rows: rows))
    }
    output(x)
  }
}
