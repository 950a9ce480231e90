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

  /// Tokens `[samples, tokens, width]`, projected into a teacher's space without bias, and the cosine
  /// distance of each to the teacher's vector `[samples, vectors, teacherWidth]`, which is fixed.
  ///
  /// The first tokens are selected, as many as the teacher has vectors: a copy, which the tower's own
  /// head does not drop before the backward.
  mutating func distillation(width: Int, teacherWidth: Int, vectors: Int, _ shape: BlockShape) {
    let rows = shape.samples * vectors
    let x = input("x", shape.rows * width)
    let teacher = input("teacher", rows * teacherWidth, type: style.compute)
    detach(teacher)
    let selected = select(
      "selected token", x, elements: rows * width,
      function: .select(
        .range(first: 0, count: vectors), samples: shape.samples, tokens: shape.tokens, width: width
      ))
    let student = linear("projection", selected, rows: rows, k: width, n: teacherWidth)
    output(
      pointwise(
        "cosine distance", [student, teacher], elements: rows, outputType: .float32,
        keeping: .inputs, function: .cosineDistance(width: teacherWidth)))
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
