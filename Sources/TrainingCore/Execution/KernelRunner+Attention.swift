import Workloads

extension KernelRunner {
  private func mask(_ call: AttentionCall) -> AttentionMask {
    AttentionMask(
      causal: call.mask.isCausal, prefixKeys: call.mask.prefixKeys,
      validKeys: call.mask.isPadded
        ? data.lengths.map { $0 + Int32(call.mask.prefixKeys) } : nil)
  }

  private func scale(_ call: AttentionCall) -> Float {
    1 / Float(call.shape.headWidth).squareRoot()
  }

  private func queries(_ id: TensorID, _ call: AttentionCall) -> FloatMatrix {
    matrix(id, columns: call.shape.heads * call.shape.headWidth)
  }

  private func keys(_ id: TensorID, _ call: AttentionCall) -> FloatMatrix {
    matrix(id, columns: call.keyValueHeads * call.shape.headWidth)
  }

  func attention(_ kernel: Kernel, _ call: AttentionCall) {
    core.attention(
      call.shape, keyValueHeads: call.keyValueHeads, scale: scale(call), mask: mask(call),
      q: queries(kernel.reads[0], call), k: keys(kernel.reads[1], call),
      v: keys(kernel.reads[2], call), into: queries(kernel.writes[0], call),
      statistics: floats(kernel.writes[1]))
  }

  func attentionGradient(_ kernel: Kernel, _ call: AttentionCall) {
    let reads = kernel.reads
    core.attentionBackward(
      call.shape, keyValueHeads: call.keyValueHeads, scale: scale(call), mask: mask(call),
      outGradient: queries(reads[0], call), q: queries(reads[1], call), k: keys(reads[2], call),
      v: keys(reads[3], call), out: queries(reads[4], call), statistics: floats(reads[5]),
      into: queries(kernel.writes[0], call), dk: keys(kernel.writes[1], call),
      dv: keys(kernel.writes[2], call))
  }

  func attentionPart(_ kernel: Kernel, _ call: AttentionCall, _ part: AttentionPart) {
    let (shape, heads) = (call.shape, call.keyValueHeads)
    let (reads, out) = (kernel.reads, kernel.writes[0])
    switch part {
    case .scores:
      core.attentionScores(
        shape, keyValueHeads: heads, q: queries(reads[0], call), k: keys(reads[1], call),
        into: floats(out))
    case .softmax:
      core.attentionSoftmax(
        shape, scale: scale(call), mask: mask(call), scores: floats(reads[0]), into: floats(out))
    case .values:
      core.attentionValues(
        shape, keyValueHeads: heads, probabilities: floats(reads[0]), v: keys(reads[1], call),
        into: queries(out, call))
    case .probabilityGradient:
      core.attentionValuesGradientProbabilities(
        shape, keyValueHeads: heads, outGradient: queries(reads[0], call), v: keys(reads[1], call),
        into: floats(out))
    case .valueGradient:
      core.attentionValuesGradientValues(
        shape, keyValueHeads: heads, probabilities: floats(reads[1]),
        outGradient: queries(reads[0], call), into: keys(out, call))
    case .softmaxGradient:
      core.attentionSoftmaxBackward(
        shape, scale: scale(call), probabilityGradient: floats(reads[0]),
        probabilities: floats(reads[1]), into: floats(out))
    case .queryGradient:
      core.attentionScoresGradientQueries(
        shape, keyValueHeads: heads, scoreGradient: floats(reads[0]), k: keys(reads[1], call),
        into: queries(out, call))
    case .keyGradient:
      core.attentionScoresGradientKeys(
        shape, keyValueHeads: heads, scoreGradient: floats(reads[0]), q: queries(reads[1], call),
        into: keys(out, call))
    }
  }
}
