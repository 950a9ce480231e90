private import CKernels
import Workloads

/// Negatives of image-text matching: which wrong image and which wrong text each sample meets.
extension StepExecutor {
  /// Hard negatives: drawn with the contrastive loss's own probabilities, as BLIP-2 does
  /// (arXiv 2301.12597, after ALBEF, arXiv 2107.07651).
  func drawNegatives(_ plan: SegmentPlan, _ runner: KernelRunner, pass: Int) {
    let branch = program.passes[pass].branch
    guard let matching = self.pass(.matching, branch) else { return }
    let samples = program.passes[matching].samples
    if let given = batch.negatives {
      // The first samples of every micro-batch, where the branch has no others.
      let own = (0..<(isCached ? program.accumulation : 1)).map { micro in
        micro * program.microBatch..<micro * program.microBatch + samples
      }
      state.negatives[branch] = StepBatch.Negatives(
        images: own.flatMap { given.images[$0] }, texts: own.flatMap { given.texts[$0] })
      return
    }
    var logits: TensorID?
    for turn in plan.keepingAll {
      if case .pointwise(.crossEntropy) = turn.kernel.function { logits = turn.kernel.reads[0] }
    }
    guard let logits else { return }
    let values = runner.floats(logits)
    guard case .contrastiveLoss(let spec) = plan.segment.spec else { return }
    let columns = spec.columns
    // One loss over cached features stands before the pairs of all micro-batches.
    let drawn = (0..<(isCached ? program.accumulation : 1)).map { micro in
      let offset = micro * program.microBatch
      var random = StepRandom(
        seed: settings.seed, step: step, purpose: .negatives, item: micro * 2 + pass)
      return StepBatch.Negatives(
        images: (0..<samples).map { text in
          draw(text, of: samples, &random) { values[(offset + $0) * columns + offset + text] }
        },
        texts: (0..<samples).map { image in
          draw(image, of: samples, &random) { values[(offset + image) * columns + offset + $0] }
        })
    }
    state.negatives[branch] = StepBatch.Negatives(
      images: drawn.flatMap(\.images), texts: drawn.flatMap(\.texts))
  }

  /// Another sample than `own`, with odds that grow with its logit.
  private func draw(
    _ own: Int, of samples: Int, _ random: inout StepRandom, _ logit: (Int) -> Float
  ) -> Int32 {
    guard samples > 1 else { return 0 }
    let others = (0..<samples).filter { $0 != own }
    let largest = others.map(logit).max() ?? 0
    let weights = others.map { Double(ck_exponential(logit($0) - largest)) + 1e-4 }
    let whole = weights.reduce(0, +)
    // Logits that are no numbers: the step's loss is not finite either, and the run ends with it.
    guard whole.isFinite else { return Int32(others[0]) }
    var point = Double.random(in: 0..<whole, using: &random)
    for (other, weight) in zip(others, weights) {
      point -= weight
      if point < 0 { return Int32(other) }
    }
    return Int32(others.last ?? 0)
  }

  /// The negatives of the present micro-batch's samples.
  func negatives(_ branch: Pass.Branch, samples: Int) -> StepBatch.Negatives? {
    guard let all = state.negatives[branch] else { return nil }
    let own = microBatch * samples..<(microBatch + 1) * samples
    return isCached
      ? StepBatch.Negatives(images: Array(all.images[own]), texts: Array(all.texts[own])) : all
  }
}
