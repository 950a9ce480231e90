import Workloads

extension KernelRunner {
  /// Added to variances, as PyTorch's LayerNorm has it and LLaMA's RMSNorm.
  static let normEpsilon: Float = 1e-5

  func norm(_ kernel: Kernel, kind: NormKind, affine: Bool) {
    let (rows, width) = normShape(kernel, kind: kind, affine: affine ? kernel.reads[1] : nil)
    core.norm(
      kind, floats(kernel.reads[0]), affine: affine ? parameter(kernel.reads[1]) : nil,
      epsilon: Self.normEpsilon, rows: rows, width: width, into: floats(kernel.writes[0]))
  }

  func normGradient(_ kernel: Kernel, kind: NormKind, affine: Bool, adding: Bool) {
    let (rows, width) = normShape(kernel, kind: kind, affine: affine ? kernel.reads[1] : nil)
    let x = kernel.reads[affine ? 2 : 1]
    core.normBackward(
      kind, floats(kernel.reads[0]), x: floats(x),
      affine: affine ? parameter(kernel.reads[1]) : nil,
      epsilon: Self.normEpsilon, rows: rows, width: width,
      adding: adding ? floats(kernel.reads[kernel.reads.count - 1]) : nil,
      into: floats(kernel.writes[0]),
      affineGradient: kernel.writes.count > 1 ? gradient(kernel.writes[1]) : nil)
  }

  /// Rows and width: the width follows from the scales, without them from the mixing behind.
  private func normShape(
    _ kernel: Kernel, kind: NormKind, affine: TensorID?
  ) -> (rows: Int, width: Int) {
    let elements = plan.tensors[kernel.reads[0].index].elements
    let width: Int
    if let affine {
      width = plan.tensors[affine.index].elements / (kind == .layerNorm ? 2 : 1)
    } else {
      let shape = plan.segment.shape
      width = elements / (shape.samples * shape.tokens)
    }
    return (elements / width, width)
  }
}
