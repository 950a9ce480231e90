/// Collectives of layers that several ranks share.
extension GraphBuilder {
  /// The input of products whose columns are spread over ranks: all tokens, gathered where each rank
  /// has a share of them.
  mutating func entering(_ x: TensorID, _ label: String, rows: Int, sharding: Sharding) -> TensorID
  {
    guard sharding.sequence else { return x }
    let width = elements(x) / sharding.streamRows(rows)
    let y = tensor(label + " gathered", rows * width, type(x))
    append(
      Kernel(
        .collective(LayerCollective(kind: .allGather, bytes: graph.tensor(y).bytes)),
        "gather " + label, reads: [x], writes: [y]),
      .gathered(x: x, y: y))
    return y
  }

  /// The sum over ranks of a product whose summed dimension is spread over them; under sequence
  /// parallelism each rank gets its share of the tokens.
  mutating func leaving(_ y: TensorID, _ label: String, rows: Int, sharding: Sharding) -> TensorID {
    guard sharding.tensor > 1 else { return y }
    let bytes = graph.tensor(y).bytes
    guard sharding.sequence else {
      append(
        Kernel(
          .collective(LayerCollective(kind: .allReduce, bytes: bytes)), "reduce " + label,
          reads: [y], writes: [y]),
        .none)
      return y
    }
    let width = elements(y) / rows
    let shard = tensor(label + " shard", sharding.streamRows(rows) * width, type(y))
    append(
      Kernel(
        .collective(LayerCollective(kind: .reduceScatter, bytes: bytes)), "scatter " + label,
        reads: [y], writes: [shard]),
      .scattered(x: y, y: shard))
    return shard
  }

  /// Dropout: a mask of one byte an element is written and kept.
  ///
  /// Where the stack fuses the residual, mask and sum are written by one kernel and the masked
  /// values never.
  mutating func dropout(_ label: String, _ x: TensorID, fused: Bool) -> TensorID {
    let mask = tensor(label + " mask", elements(x), .bool)
    let y = tensor(label, elements(x), type(x))
    append(
      Kernel(
        .memoryBound(.elementwise), label, reads: [x], writes: fused ? [mask] : [y, mask]),
      .dropout(x: x, y: y, mask: mask))
    return y
  }
}
