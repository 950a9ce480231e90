extension GraphBuilder {
  /// Softmax cross-entropy of logits, one loss for every row or column.
  ///
  /// Fused: one kernel that reads the logits. Otherwise log-softmax in fp32, whose result stays for
  /// backward, and a kernel that picks the labels' entries.
  mutating func crossEntropy(
    _ label: String, _ logits: TensorID, _ loss: CrossEntropy
  ) -> TensorID {
    let results = loss.alongColumns ? loss.columns : loss.rows
    if style.fusedCrossEntropy, style.epilogues {
      return pointwise(
        label, [logits], elements: results, outputType: .float32, keeping: .inputs,
        kind: .softmax, function: .crossEntropy(loss))
    }
    let wide = cast(logits, to: .float32)
    let logProbabilities = pointwise(
      label + " log-softmax", [wide], outputType: .float32, keeping: .output, kind: .softmax)
    return pointwise(
      label, [logProbabilities], elements: results, outputType: .float32, keeping: .nothing,
      kind: .gather)
  }
}
