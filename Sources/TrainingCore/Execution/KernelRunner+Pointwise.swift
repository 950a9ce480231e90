import Workloads

/// Functions of rows and elements, forward.
extension KernelRunner {
  func pointwise(_ kernel: Kernel, _ function: PointwiseFunction) {
    let reads = kernel.reads
    func out() -> Floats { floats(kernel.writes[0]) }
    switch function {
    case .activation(let kind, let rows):
      core.activation(Activation(kind), floats(reads[0]), rows: rows, into: out())
    case .rotary(let heads, let headWidth, let tokens):
      rotate(reads[0], heads: heads, headWidth: headWidth, tokens: tokens, inverse: false)
    case .layerScale(let width):
      let x = floats(reads[0])
      core.scaleColumns(x, scale: parameter(reads[1]), rows: x.count / width, into: out())
    case .dropPath(let samples):
      scaleSamples(reads[0], into: out(), samples: samples, label: kernel.label)
    case .relu: core.activation(.relu, floats(reads[0]), rows: 1, into: out())
    case .mixAffine(let samples, let tokens, let width):
      core.mixAffine(
        floats(reads[0]), affine: parameter(reads[1]), lambda: lambda(), samples: samples,
        tokens: tokens, width: width, into: out())
    case .shiftByLambda(let samples, let tokens, let width):
      core.shiftByLambda(
        floats(reads[0]), shift: parameter(reads[1]), lambda: lambda(), samples: samples,
        tokens: tokens, width: width, into: out())
    case .film(let samples, let tokens, let width):
      core.film(
        floats(reads[0]), scale: floats(reads[1]), shift: floats(reads[2]), samples: samples,
        tokens: tokens, width: width, into: out())
    case .imageTokens(let tokens): imageTokens(kernel, tokens)
    case .keptPatches(_, _, _, let width, _):
      core.selectRows(
        floats(kernel.touches[0]), width: width, rows: data.keptRows, into: out())
    case .addPositions(let tokens, let width):
      core.addPositions(
        floats(reads[0]), tables: reads.dropFirst().map { parameter($0) }, tokens: tokens,
        width: width, into: out())
    case .select(let choice, let samples, let tokens, let width):
      core.selectRows(
        floats(kernel.touches[0]), width: width,
        rows: rows(choice, samples: samples, tokens: tokens), into: out())
    case .mean(let samples, let tokens, let width):
      core.meanTokens(
        floats(reads[0]), samples: samples, tokens: tokens, width: width, into: out())
    case .copies(let count):
      let source = plan.tensors[reads[0].index]
      core.repeatRows(
        source.role == .parameter ? parameter(reads[0]) : floats(reads[0]), copies: count,
        into: out())
    case .join(let samples, let tokens, let width):
      core.joinTokens(
        zip(reads, tokens).map { (matrix($0, columns: width), $1) }, samples: samples,
        into: out())
    case .pairs: preconditionFailure("pairs are gathered between passes")
    case .normalise(let width):
      let x = floats(reads[0])
      core.normaliseRows(x, rows: x.count / width, width: width, into: out())
    case .temperature(let hasBias):
      core.scaleByExp(
        floats(reads[0]), logScale: parameter(reads[1]), bias: hasBias ? parameter(reads[2]) : nil,
        into: out())
    case .best(let vectors, let columns):
      core.bestVector(floats(reads[0]), vectors: vectors, columns: columns, into: out())
    case .crossEntropy(let loss):
      let labels = data.labels(loss)
      if loss.alongColumns {
        core.crossEntropyColumns(
          floats(reads[0]), labels: labels, smoothing: loss.smoothing, into: out())
      } else {
        core.crossEntropyRows(
          floats(reads[0]), labels: labels, smoothing: loss.smoothing, into: out())
      }
    case .sigmoidLoss: core.sigmoidLoss(floats(reads[0]), diagonalOffset: 0, into: out())
    case .mixSamples(let samples, let attacked, let width):
      core.mixSamples(
        attacked: floats(reads[0]), clean: floats(kernel.touches[0]), samples: samples,
        attackedSamples: attacked, width: width, groups: data.groups,
        into: out())
    case .squaredDistance(let width):
      let x = floats(reads[0])
      core.squaredDistance(x, floats(reads[1]), rows: x.count / width, width: width, into: out())
    case .cosineDistance(let width):
      let x = floats(reads[0])
      core.cosineDistance(x, floats(reads[1]), rows: x.count / width, width: width, into: out())
    }
  }

  /// The lambdas of this pass's samples.
  func lambda() -> Floats {
    guard let lambda = data.lambda else {
      preconditionFailure("a conditioned pass without lambdas")
    }
    return lambda
  }

  /// Rows of `samples tokens` that a choice names.
  func rows(_ choice: RowChoice, samples: Int, tokens: Int) -> [Int32] {
    switch choice {
    case .endToken: return data.endRows
    case .range(let first, let count):
      return (0..<samples).flatMap { sample in
        (0..<count).map { Int32(sample * tokens + first + $0) }
      }
    }
  }

  func rotate(_ x: TensorID, heads: Int, headWidth: Int, tokens: Int, inverse: Bool) {
    guard let table = data.rotaryTable(headWidth) else {
      preconditionFailure("a rotary block without a table of angles")
    }
    core.rotate(
      matrix(x, columns: heads * headWidth), heads: heads, headWidth: headWidth, table: table,
      positions: data.rotaryPositions, tokens: tokens, inverse: inverse)
  }

  func scaleSamples(_ x: TensorID, into out: Floats, samples: Int, label: String) {
    let values = floats(x)
    guard let factors = data.dropPath(layer, label) else {
      preconditionFailure("a block with drop path without factors for '\(label)'")
    }
    core.scaleSamples(values, factors: factors, elements: values.count / samples, into: out)
  }

  private func imageTokens(_ kernel: Kernel, _ tokens: ImageTokens) {
    var next = 1
    func parameterIf(_ present: Bool) -> Floats? {
      guard present else { return nil }
      defer { next += 1 }
      return parameter(kernel.reads[next])
    }
    let classToken = parameterIf(tokens.classToken)
    let robust = parameterIf(tokens.robustClassToken)
    // Behind the robust class token stand the lambdas that mix it in.
    if robust != nil { next += 1 }
    let positions = parameterIf(tokens.positions)
    core.imageTokens(
      floats(kernel.reads[0]), classToken: classToken, robustClassToken: robust,
      lambda: robust == nil ? nil : lambda(), positions: positions,
      classTokenPosition: tokens.classTokenPosition, samples: tokens.samples,
      patches: tokens.patches, width: tokens.width, into: floats(kernel.writes[0]))
  }
}
