import Workloads

/// Functions of rows and elements by their definitions.
extension DoubleEvaluation {
  func pointwise(_ kernel: Kernel, _ function: PointwiseFunction) -> [Double] {
    let reads = kernel.reads
    func operand(_ position: Int) -> [Double] { read(reads[position]) }
    /// What a kernel picks rows from stands among its touches.
    func source() -> [Double] { read(kernel.touches[0]) }
    switch function {
    case .activation(let kind, let rows): return Self.activation(kind, operand(0), rows: rows)
    case .relu: return operand(0).map(ReferenceActivation.relu)
    case .rotary(let heads, let headWidth, let tokens):
      let x = operand(0)
      let half = choices.rotary.count / 2
      return ReferenceRotary.rotate(
        x, heads: heads, headWidth: headWidth, cosines: Array(choices.rotary[..<half]),
        sines: Array(choices.rotary[half...]),
        positions: choices.rotaryPositions?.map(Int.init)
          ?? (0..<x.count / (heads * headWidth)).map { $0 % tokens })
    case .layerScale: return ReferenceTokens.scaledColumns(operand(0), scale: operand(1))
    case .dropPath:
      guard let factors = choices.dropPath[kernel.label] else { return operand(0) }
      return ReferenceTokens.scaledSamples(operand(0), factors: factors)
    case .mixAffine(_, let tokens, let width):
      return ReferenceConditioning.mixed(
        operand(0), affine: operand(1), lambda: choices.lambda, tokens: tokens, width: width)
    case .shiftByLambda(_, let tokens, let width):
      return ReferenceConditioning.shifted(
        operand(0), shift: operand(1), lambda: choices.lambda, tokens: tokens, width: width)
    case .film(_, let tokens, let width):
      return ReferenceConditioning.film(
        operand(0), scale: operand(1), shift: operand(2), tokens: tokens, width: width)
    case .imageTokens(let tokens): return imageTokens(reads, tokens)
    case .keptPatches(_, _, _, let width, _):
      return ReferenceTokens.rows(source(), choices.keptRows, width: width)
    case .addPositions(let tokens, let width):
      return ReferenceTokens.positions(
        operand(0), tables: reads.dropFirst().map { read($0) }, tokens: tokens, width: width)
    case .select(let choice, let samples, let tokens, let width):
      return ReferenceTokens.rows(
        source(), rows(choice, samples: samples, tokens: tokens), width: width)
    case .mean(let samples, let tokens, let width):
      return ReferenceTokens.mean(operand(0), samples: samples, tokens: tokens, width: width)
    case .copies(let copies): return ReferenceTokens.repeated(operand(0), copies: copies)
    case .join(let samples, let tokens, let width):
      return ReferenceTokens.join(
        zip(reads, tokens).map { (read($0), $1) }, samples: samples, width: width)
    case .normalise(let width): return ReferenceLoss.normalised(operand(0), width: width)
    case .temperature(let hasBias):
      return ReferenceLoss.scaled(
        operand(0), logScale: operand(1)[0], bias: hasBias ? operand(2)[0] : 0)
    case .best(let vectors, let columns):
      return ReferenceLoss.best(operand(0), vectors: vectors, columns: columns)
    case .crossEntropy(let loss): return crossEntropy(operand(0), loss)
    case .sigmoidLoss(let rows, _):
      return ReferenceLoss.sigmoid(operand(0), rows: rows, offset: 0)
    case .mixSamples(_, let attacked, let width):
      return operand(0) + source()[(attacked * width)...]
    case .squaredDistance(let width):
      return ReferenceLoss.squaredDistance(operand(0), operand(1), width: width)
    case .cosineDistance(let width):
      return ReferenceLoss.cosineDistance(operand(0), operand(1), width: width)
    case .pairs: preconditionFailure("pairs are gathered between segments")
    }
  }

  private func crossEntropy(_ logits: [Double], _ loss: CrossEntropy) -> [Double] {
    ReferenceLoss.crossEntropy(
      loss.alongColumns ? ReferenceLoss.transposed(logits, columns: loss.columns) : logits,
      labels: choices.labels(loss), smoothing: Double(loss.smoothing))
  }

  private func rows(_ choice: RowChoice, samples: Int, tokens: Int) -> [Int32] {
    switch choice {
    case .endToken: choices.endRows
    case .range(let first, let count):
      (0..<samples).flatMap { sample in
        (0..<count).map { Int32(sample * tokens + first + $0) }
      }
    }
  }

  /// Parameters stand in the order class token, robust class token, lambdas, positions.
  private func imageTokens(_ reads: [TensorID], _ tokens: ImageTokens) -> [Double] {
    var rest = reads.dropFirst()
    func next(_ isPresent: Bool) -> [Double] {
      guard isPresent, let id = rest.popFirst() else { return [] }
      return read(id)
    }
    let classToken = next(tokens.classToken)
    let robust = next(tokens.robustClassToken)
    let lambda = next(tokens.robustClassToken)
    let positions = next(tokens.positions)
    return ReferenceTokens.image(
      patches: read(reads[0]), classToken: classToken, robust: robust, lambda: lambda,
      positions: positions, classTokenPosition: tokens.classTokenPosition,
      samples: tokens.samples, width: tokens.width)
  }
}
