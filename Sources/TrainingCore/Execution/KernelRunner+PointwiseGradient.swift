import Workloads

/// Functions of rows and elements, backward.
extension KernelRunner {
  func pointwiseGradient(
    _ kernel: Kernel, _ function: PointwiseFunction, inputs: [Int], hasParameters: Bool
  ) {
    let reads = kernel.reads
    let dy = { self.floats(reads[0]) }
    /// The gradient of the input at a position, where it is wanted.
    func input(_ position: Int) -> Floats? {
      inputs.firstIndex(of: position).map { floats(kernel.writes[$0]) }
    }
    /// The gradient of a parameter, where it is wanted; parameters follow the inputs.
    func parameterGradient(_ position: Int) -> Floats? {
      hasParameters ? gradient(kernel.writes[inputs.count + position]) : nil
    }
    func first() -> Floats { floats(kernel.writes[0]) }
    switch function {
    case .activation(let kind, let rows):
      core.activationBackward(
        Activation(kind), dy: dy(), pre: floats(reads[1]), rows: rows, into: first())
    case .rotary(let heads, let headWidth, let tokens):
      rotate(reads[0], heads: heads, headWidth: headWidth, tokens: tokens, inverse: true)
    case .layerScale(let width):
      let gradient = dy()
      core.scaleColumnsBackward(
        gradient, x: hasParameters ? floats(reads[2]) : nil, scale: parameter(reads[1]),
        rows: gradient.count / width, into: input(0), scaleGradient: parameterGradient(0))
    case .dropPath(let samples):
      scaleSamples(
        reads[0], into: first(), samples: samples, label: String(kernel.label.dropFirst(2)))
    case .relu:
      core.activationBackward(.relu, dy: dy(), pre: floats(reads[1]), rows: 1, into: first())
    case .mixAffine(let samples, let tokens, let width):
      core.mixAffineBackward(
        dy(), normed: hasParameters ? floats(reads[3]) : nil, affine: parameter(reads[1]),
        lambda: lambda(), samples: samples, tokens: tokens, width: width, into: input(0),
        affineGradient: parameterGradient(0))
    case .shiftByLambda(let samples, let tokens, let width):
      core.shiftByLambdaBackward(
        dy(), lambda: lambda(), samples: samples, tokens: tokens, width: width, into: input(0),
        shiftGradient: parameterGradient(0))
    case .film(let samples, let tokens, let width):
      core.filmBackward(
        dy(), x: input(1) == nil ? nil : floats(reads[2]), scale: floats(reads[1]),
        samples: samples, tokens: tokens, width: width, into: input(0), scaleGradient: input(1),
        shiftGradient: input(2))
    case .imageTokens(let tokens): imageTokensGradient(kernel, tokens, hasInput: !inputs.isEmpty)
    case .keptPatches(_, _, _, let width, _):
      core.selectRowsBackward(dy(), width: width, rows: data.keptRows, into: first())
    case .addPositions(let tokens, let width):
      let tables = hasParameters ? kernel.writes.dropFirst(inputs.count).map { gradient($0) } : []
      core.addPositionsBackward(
        dy(), tokens: tokens, width: width, into: input(0), tableGradients: tables)
    case .select(let choice, let samples, let tokens, let width):
      core.selectRowsBackward(
        dy(), width: width, rows: rows(choice, samples: samples, tokens: tokens), into: first())
    case .mean(let samples, let tokens, let width):
      core.meanTokensBackward(
        dy(), samples: samples, tokens: tokens, width: width, into: first())
    case .copies(let count):
      if let gradient = parameterGradient(0) {
        core.sumCopies(dy(), copies: count, into: gradient, accumulating: true)
      } else {
        core.sumCopies(dy(), copies: count, into: first(), accumulating: false)
      }
    case .join(let samples, let tokens, let width):
      let parts = tokens.enumerated().map { position, count -> (FloatMatrix?, tokens: Int) in
        let index = inputs.firstIndex(of: position)
        return (index.map { matrix(kernel.writes[$0], columns: width) }, count)
      }
      core.splitTokens(dy(), samples: samples, into: parts)
    case .pairs: preconditionFailure("pairs are scattered between passes")
    case .normalise(let width):
      let x = floats(reads[1])
      core.normaliseRowsBackward(
        dy(), x: x, rows: x.count / width, width: width, into: first())
    case .temperature(let hasBias):
      core.scaleByExpBackward(
        dy(), x: hasParameters ? floats(reads[2]) : nil,
        logScale: parameter(reads[1]), into: input(0), logScaleGradient: parameterGradient(0),
        biasGradient: hasBias ? parameterGradient(1) : nil)
    case .best(let vectors, let columns):
      core.bestVectorBackward(
        dy(), x: floats(reads[1]), vectors: vectors, columns: columns, into: first())
    case .crossEntropy(let loss):
      let labels = data.labels(loss)
      if loss.alongColumns {
        core.crossEntropyColumnsBackward(
          dy(), logits: floats(reads[1]), labels: labels, smoothing: loss.smoothing,
          into: first())
      } else {
        core.crossEntropyRowsBackward(
          dy(), logits: floats(reads[1]), labels: labels, smoothing: loss.smoothing,
          into: first())
      }
    case .sigmoidLoss:
      core.sigmoidLossBackward(
        dy(), logits: floats(reads[1]), diagonalOffset: 0, into: first())
    case .mixSamples(let samples, let attacked, let width):
      core.mixSamplesBackward(
        dy(), samples: samples, attackedSamples: attacked, width: width, groups: data.groups,
        attacked: input(0),
        clean: input(1))
    case .squaredDistance(let width):
      let x = floats(reads[1])
      core.squaredDistanceBackward(
        dy(), a: x, b: floats(reads[2]), rows: x.count / width, width: width, into: first())
    case .cosineDistance(let width):
      let x = floats(reads[1])
      core.cosineDistanceBackward(
        dy(), a: x, b: floats(reads[2]), rows: x.count / width, width: width, into: first())
    }
  }

  private func imageTokensGradient(_ kernel: Kernel, _ tokens: ImageTokens, hasInput: Bool) {
    // Some of them may be frozen.
    func trained(_ name: String) -> Floats? {
      kernel.writes.first { plan.tensors[$0.index].name == "d " + name }.map { gradient($0) }
    }
    let classGradient = trained("class token")
    let robustGradient = trained("robust class token")
    let positionsGradient = trained("positions")
    core.imageTokensBackward(
      floats(kernel.reads[0]), lambda: tokens.robustClassToken ? lambda() : nil,
      classTokenPosition: tokens.classTokenPosition, samples: tokens.samples,
      patches: tokens.patches, width: tokens.width,
      into: hasInput ? floats(kernel.writes[0]) : nil, classGradient: classGradient,
      robustGradient: robustGradient, positionsGradient: positionsGradient)
  }
}
