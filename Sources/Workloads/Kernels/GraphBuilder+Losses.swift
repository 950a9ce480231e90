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
    for _ in 0..<style.lossMetrics { lossMetric(label + " metric", logits, results: results) }
    let wide = cast(logits, to: .float32)
    let logProbabilities = pointwise(
      label + " log-softmax", [wide], outputType: .float32, keeping: .output, kind: .softmax)
    return pointwise(
      label, [logProbabilities], elements: results, outputType: .float32, keeping: .nothing,
      kind: .gather)
  }

  /// Logits in fp32, log-softmax, the labels' entries, for people to look at; nothing is kept.
  mutating func lossMetric(_ label: String, _ logits: TensorID, results: Int) {
    let wide = tensor(label + " logits", elements(logits), .float32, .constant)
    let logs = tensor(label + " log-softmax", elements(logits), .float32, .constant)
    let losses = tensor(label, results, .float32, .constant)
    append(
      Kernel(.memoryBound(.elementwise), label + " cast", reads: [logits], writes: [wide]), .none)
    append(
      Kernel(.memoryBound(.softmax), label + " log-softmax", reads: [wide], writes: [logs]), .none)
    append(Kernel(.memoryBound(.gather), label, reads: [losses], writes: [losses]), .none)
  }
}
