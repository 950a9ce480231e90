import Workloads

extension PassData {
  /// Choices that every kernel of a segment understands, for timing alone: every text is full, every
  /// lambda a half, patches are dropped from the end.
  init(filling segment: StepProgram.Segment) {
    self.init()
    let shape = segment.shape
    let graph = segment.spec.graph(shape, style: segment.style)
    lengths = [Int32](repeating: Int32(shape.tokens), count: shape.samples)
    lambda = Floats([Float](repeating: 0.5, count: shape.samples))
    for kernel in graph.forwardKernels {
      switch kernel.function {
      case .lookup(let width):
        let known = graph.tensor(kernel.touches[0]).elements / width
        tokens = (0..<graph.tensor(kernel.writes[0]).elements / width).map {
          Int32(($0 &* 7919) % known)
        }
      case .attention(let call) where call.mask.isPadded,
        .attentionPart(let call, _) where call.mask.isPadded:
        let text = Int32(call.shape.keys - call.mask.prefixKeys)
        lengths = [Int32](repeating: text, count: shape.samples)
      case .pointwise(.rotary(_, let headWidth, let positions)):
        let table = RotaryTable.sequence(tokens: positions, headWidth: headWidth)
        let floats = Floats(table)
        rotaryTable = { _ in floats }
      case .pointwise(.dropPath(let samples)):
        let factors = Floats([Float](repeating: 1, count: samples))
        dropPath = { _, _ in factors }
      case .pointwise(.keptPatches(let samples, let positions, let kept, _, _)):
        keptRows = (0..<samples).flatMap { sample in
          (0..<kept).map { Int32(sample * positions + $0) }
        }
      default: break
      }
    }
    if shape.conditioning == .film, let width = segment.spec.blockWidth {
      lambdaCode = Floats([Float](repeating: 0.5, count: shape.samples * width))
    }
    endRows = (0..<shape.samples).map { Int32($0 * shape.tokens + shape.tokens - 1) }
    labels = { loss in
      let results = loss.alongColumns ? loss.columns : loss.rows
      let classes = loss.alongColumns ? loss.rows : loss.columns
      return (0..<results).map { Int32($0 % classes) }
    }
  }
}
