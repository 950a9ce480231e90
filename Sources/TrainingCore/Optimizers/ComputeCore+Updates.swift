private import CKernels
private import Workloads

extension ComputeCore {
  /// The Euclidean norm of a gradient arena, summed in double precision.
  ///
  /// The same bits for any number of workers.
  public func gradientNorm(_ gradient: Floats) -> Double {
    let square = sum(of: gradient.count) { part in
      let start = part.lowerBound
      return unsafe ck_dot(gradient.pointer + start, gradient.pointer + start, part.count)
    }
    record(.optimizer, reads: gradient.count, writes: 0)
    return square.squareRoot()
  }

  /// `min(1, maxNorm / (norm + 1e-6))`: what an update multiplies gradients by as it reads them.
  ///
  /// - Precondition: `maxNorm > 0`; `norm` is `gradientNorm` of the gradients.
  ///
  /// Source: Pascanu et al., arXiv 1211.5063, algorithm 1; constant of torch's clip_grad_norm_.
  public static func clipFactor(norm: Double, maxNorm: Float) -> Float {
    precondition(maxNorm > 0, "a largest norm of \(maxNorm)")
    return Float(min(1, Double(maxNorm) / (norm + 1e-6)))
  }

  /// One AdamW step on an arena: each group with its own rate and decay, all in one pass.
  ///
  /// The step's rate is multiplied by the groups' factors; its decay is replaced by theirs.
  ///
  /// - Precondition: equally long, at least as long as the groups reach.
  public func adamW(
    _ parameters: Floats, moment1: Floats, moment2: Floats, gradient: Floats, step: AdamWStep,
    groups: ParameterGroups
  ) {
    checkArena(parameters, [moment1, moment2, gradient], groups)
    // One worker each, silent: this is one kernel over the arena.
    let single = ComputeCore(backend: backend, workers: Workers(count: 1))
    workers(forElements: groups.count).forEachPart(of: groups.end, step: 16) { part in
      for group in groups.stretches {
        let range = group.range.clamped(to: part)
        guard !range.isEmpty else { continue }
        var step = step
        step.learningRate *= group.learningRateFactor
        step.weightDecay = group.weightDecay
        let (first, count) = (range.lowerBound, range.count)
        single.adamW(
          parameters.part(first, count), moment1: moment1.part(first, count),
          moment2: moment2.part(first, count), gradient: gradient.part(first, count), step: step)
      }
    }
    record(.optimizer, reads: 4 * groups.count, writes: 3 * groups.count)
  }

  /// The operands are as long as the parameters, and the groups lie inside.
  func checkArena(_ parameters: Floats, _ others: [Floats], _ groups: ParameterGroups) {
    for other in others { check(other, parameters.count, "moments or gradient of an arena") }
    precondition(
      groups.end <= parameters.count,
      "groups up to \(groups.end) in an arena of \(parameters.count)")
  }
}
