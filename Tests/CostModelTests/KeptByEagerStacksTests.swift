import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// What eager PyTorch keeps of a block beside what its gradients need, counted by hand.
struct KeptByEagerStacksTests {
  private let samples = 4
  private let tokens = 52
  private let block: BlockSpec = {
    var block = BlockSpec(width: 768, heads: 12, mlpWidth: 3072)
    block.normPosition = .postResidual
    block.dropout = 0.1
    block.attentionDropout = 0.1
    return block
  }()

  private var stack: SoftwareStack {
    var stack = SampleSetups.autocastStack
    stack.headCopies = true
    stack.fusedActivation = false
    stack.dropout = true
    stack.plainBERT = true
    return stack
  }

  private func kept(
    _ stack: SoftwareStack, attention: AttentionKernel = .unfused, bert: Bool = true
  ) -> Int {
    let style = stack.style(precision: .ampFP16, attention: attention, bert: bert)
    return SegmentAnalysis(
      graph: block.graph(BlockShape(samples: samples, tokens: tokens), style: style), need: .all,
      gradientType: .float32
    ).keptBytes
  }

  private var rows: Int { samples * tokens }
  private var scores: Int { samples * 12 * tokens * tokens }

  /// By hand.
  ///
  /// Per token: three 16-bit casts of the stream (6 w), query, key, value (6 w), the merged
  /// heads (2 w), a mask (w), the fp32 sum that the first norm reads (4 w), the cast of its result
  /// (2 w), what GELU reads (2 f), what the second matrix reads (2 f), a mask (w), the second sum
  /// (4 w). Per score: fp32 probabilities, a mask, the dropped 16-bit ones: 4 + 1 + 2.
  @Test func aPlainBERTLayer() {
    let perToken = 26 * 768 + 4 * 3072
    #expect(kept(stack) == rows * perToken + 7 * scores)
  }

  /// One packed product reads one cast: 4 w less; nothing of scores but fp32 statistics of 4 bytes a
  /// row and head; fused attention drops no probabilities.
  @Test func fusedAttentionPacksQueryKeyAndValue() {
    let perToken = (26 - 4) * 768 + 4 * 3072
    #expect(kept(stack, attention: .flash) == rows * (perToken + 4 * 12))
  }

  /// `x / 2`, `x / sqrt 2` and `1 + erf` stay, 6 f, in place of x, 2 f.
  @Test func geluInStepsKeepsThreeHiddenTensors() {
    var inSteps = stack
    inSteps.geluInSteps = true
    #expect(kept(inSteps) - kept(stack) == rows * 4 * 3072)
  }

  /// PyTorch up to 1.10: the 16-bit scores stay beside the fp32 probabilities.
  @Test func anOldSoftmaxKeepsItsInput() {
    var old = stack
    old.softmaxKeepsInput = true
    #expect(kept(old) - kept(stack) == 2 * scores)
    #expect(kept(old, attention: .flash) == kept(stack, attention: .flash))
  }

  /// The scores that stay are live while the gradient of softmax is written, and released behind it.
  @Test func whatSoftmaxHoldsIsLiveInItsBackward() {
    func peak(_ isOld: Bool) -> Int {
      var changed = stack
      changed.softmaxKeepsInput = isOld
      let style = changed.style(precision: .ampFP16, attention: .unfused, bert: true)
      return SegmentAnalysis(
        graph: block.graph(BlockShape(samples: samples, tokens: 1024), style: style), need: .all,
        gradientType: .float32
      ).backwardPeakBytes
    }
    #expect(peak(true) - peak(false) == 2 * samples * 12 * 1024 * 1024)
  }

  /// Towers that normalise in front keep the stack's own style.
  @Test func otherTowersAreNotBERT() {
    let style = stack.style(precision: .ampFP16, attention: .unfused)
    #expect(style.residual == .float16)
    #expect(!style.separateProjections)
    var model = SampleModels.vitB16
    #expect(model.towersNormalisedLast.isEmpty)
    guard case .clip(let image, var text) = model.family else {
      Issue.record("not a CLIP model")
      return
    }
    text.block.normPosition = .postResidual
    model.family = .clip(image: image, text: text)
    #expect(model.towersNormalisedLast == ["text"])
    let strategy = SampleSetups.strategy(
      microBatch: 4, ranks: 1, precision: .ampFP16, attention: .unfused, software: stack)
    let options = strategy.programOptions(
      for: SampleSetups.workload(model, globalBatch: strategy.globalBatch))
    #expect(options.styles["text"]?.residual == .float32)
    #expect(options.styles["image"]?.residual == .float16)
  }
}
