private import CKernels
import Workloads

/// Weights of losses: how much each row of a loss counts, and the sum that is reported.
extension StepExecutor {
  /// Samples of the whole local batch, over which losses are means.
  var localBatch: Int { program.microBatch * program.accumulation }

  /// lambda of a sample of the local batch.
  func lambda(_ sample: Int) -> Float {
    batch.lambda.isEmpty ? 0 : batch.lambda[sample]
  }

  /// How much a sample counts in a branch: `1 - lambda` clean, `lambda` attacked.
  private func share(_ branch: Pass.Branch, sample: Int) -> Float {
    guard settings.weighsByLambda else { return 1 }
    return branch == .attacked ? lambda(sample) : 1 - lambda(sample)
  }

  /// The gradient of the step's loss with respect to every row of an output.
  func lossWeights(_ plan: SegmentPlan, output: Int, pass: Pass) -> [Float] {
    switch plan.segment.spec {
    case .contrastiveLoss(let spec): return contrastiveWeights(spec, output: output, pass: pass)
    case .distillation(_, _, let vectors):
      return distanceWeights(count: pass.samples, vectors: vectors)
    case .qformerHead(_, .matching):
      let pairs = 3 * pass.samples
      return (0..<pairs).map { pair in
        let sample = microBatch * program.microBatch + pair % pass.samples
        return share(pass.branch, sample: sample) / Float(3 * localBatch)
      }
    case .classifierHead:
      return (0..<pass.samples).map {
        share(pass.branch, sample: microBatch * program.microBatch + $0) / Float(localBatch)
      }
    default: return tokenWeights(plan, pass: pass)
    }
  }

  private func contrastiveWeights(
    _ spec: ContrastiveLossSpec, output: Int, pass: Pass
  ) -> [Float] {
    guard pass.branch != .attack else { return [Float](repeating: 1, count: spec.imageRows) }
    let anchors = spec.kind == .infoNCE ? 2 : 1
    guard output < anchors else {
      return distanceWeights(count: spec.imageRows)
    }
    let count = Float(localBatch)
    return (0..<spec.columns).map { sample in
      let share = share(pass.branch, sample: sample)
      return spec.kind == .infoNCE ? termWeights[output] * share / (2 * count) : share / count
    }
  }

  /// Distances to a reference: means over the local batch, and over the vectors of an image where
  /// each has a distance of its own.
  private func distanceWeights(count: Int, vectors: Int = 1) -> [Float] {
    [Float](
      repeating: settings.distanceWeight / Float(localBatch * vectors), count: count * vectors)
  }

  /// Means over the tokens of the whole local batch that have a label.
  private func tokenWeights(_ plan: SegmentPlan, pass: Pass) -> [Float] {
    let data = data(for: pass, plan: plan)
    for turn in plan.keepingAll {
      guard case .pointwise(.crossEntropy(let loss)) = turn.kernel.function else { continue }
      let labels = data.labels(loss)
      let tokens = labels.count / max(1, pass.samples)
      let labelled = Float(max(1, labelledTokens(pass, own: labels)))
      return labels.enumerated().map { row, label in
        guard label >= 0 else { return 0 }
        return share(pass.branch, sample: microBatch * program.microBatch + row / tokens)
          / labelled
      }
    }
    return []
  }

  /// Labelled tokens of the local batch: this pass's own where it has all samples.
  private func labelledTokens(_ pass: Pass, own labels: [Int32]) -> Int {
    guard pass.samples < localBatch else { return labels.count { $0 >= 0 } }
    let lengths = batch.lengths
    guard !lengths.isEmpty else {
      return labels.count { $0 >= 0 } * localBatch / max(1, pass.samples)
    }
    return lengths.reduce(0) { $0 + max(0, Int($1) - 1) }
  }

  /// Adds a loss's rows to the result.
  func account(_ losses: [[Float]], plan: SegmentPlan, pass: Pass) {
    guard pass.branch == .clean || pass.branch == .attacked else { return }
    for (output, rows) in losses.enumerated() {
      let weights = lossWeights(plan, output: output, pass: pass)
      let sum = zip(rows, weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let name =
        "\(pass.branch.rawValue) \(pass.role == .loss ? "contrastive" : pass.role.rawValue)"
      result.terms[name, default: 0] += sum
      result.loss += sum
    }
  }

  // MARK: Regulariser

  /// `gamma lambda_i / (rho N)` for every attacked sample.
  func regulariserWeights(samples: Int, layer: Int) -> [Float] {
    let attacked = Float(samples * program.accumulation)
    let gamma = gamma * (settings.layerGammas[layer] ?? 1)
    return (0..<samples).map { sample in
      let own = microBatch * program.microBatch + sample
      return gamma * (settings.weighsByLambda ? lambda(own) : 1) / attacked
    }
  }

  func accountRegulariser(_ measures: [Float], layer: Int) {
    let weights = regulariserWeights(samples: measures.count, layer: layer)
    let sum = zip(measures, weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    result.terms["layer regulariser", default: 0] += sum
    result.loss += sum
  }

  /// `gamma <- gamma exp(k (kappa - gamma sum CM / L))` after a step (Documentation/lsa-itc.md).
  public func moveGamma() {
    guard let regulariser = result.terms["layer regulariser"] else { return }
    let contrastive = result.terms.filter { $0.key.hasSuffix("contrastive") }.values
      .reduce(0, +)
    guard contrastive > 0 else { return }
    let share = Float(regulariser / contrastive)
    gamma *= ck_exponential(settings.gammaRate * (settings.kappa - share))
  }

  /// `loss-reweight`: each of two terms is weighed by the other's share, `w_1 = 2 L_2 / (L_1 + L_2)`, so that
  /// weighted terms are equal and the weights keep their sum; a mean over steps that decays by 0.9.
  func updateTermWeights() {
    guard let pass = pass(.loss, .clean), let losses = state.losses[pass], losses.count == 2
    else { return }
    let sizes = losses.map { rows in rows.reduce(0) { $0 + $1 } / Float(max(1, rows.count)) }
    let total = sizes.reduce(0, +)
    guard total > 0 else { return }
    let decay: Float = 0.9
    for index in termWeights.indices {
      let wanted = 2 * (total - sizes[index]) / total
      termWeights[index] = decay * termWeights[index] + (1 - decay) * wanted
    }
  }
}
