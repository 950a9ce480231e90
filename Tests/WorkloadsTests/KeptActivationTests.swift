import Testing
import Workloads

/// Bytes per token that a block keeps, against closed forms in the width w, the hidden width f,
/// the heads h and the tokens n.
@Suite("Activations kept by a block")
struct KeptActivationTests {
  static let samples = 3

  /// Everything in bf16, fused attention: pure half-precision training.
  static let pure = KernelStyle(
    compute: .bfloat16, residual: .bfloat16, weights: .bfloat16, gradients: .bfloat16,
    normInFloat32: false, softmaxInFloat32: false, headCopies: false,
    fusedScaleMaskSoftmax: true, fusedResidual: false, fusedActivation: true, attention: .flash)

  /// Autocast in eager mode: norms and softmax in fp32, copies of heads, unfused attention.
  static let autocast = KernelStyle(
    compute: .float16, residual: .float16, weights: .float32, gradients: .float32,
    normInFloat32: true, softmaxInFloat32: true, headCopies: true, fusedScaleMaskSoftmax: false,
    fusedResidual: false, fusedActivation: true, attention: .unfused)

  static let widths = [(8, 2, 32), (64, 4, 100), (768, 12, 3072)]

  func analysis(
    _ block: BlockSpec, tokens: Int, style: KernelStyle, need: GradientNeed
  ) -> SegmentAnalysis {
    let graph = SegmentSpec.block(block).graph(
      BlockShape(samples: Self.samples, tokens: tokens), style: style)
    return SegmentAnalysis(graph: graph, need: need, gradientType: style.gradients)
  }

  /// Inputs of both norms, their outputs, q, k, v, attention's output: 2 (2 + 2 + 3 + 1) w = 16 w;
  /// before and after the activation: 4 f; row statistics of fused attention: 4 h.
  @Test("16 w + 4 f + 4 h where everything is trained", arguments: widths, [5, 17])
  func pureTrained(_ size: (Int, Int, Int), _ tokens: Int) {
    let (w, h, f) = size
    for position in [NormPosition.pre, .post] {
      var block = BlockSpec(width: w, heads: h, mlpWidth: f)
      block.normPosition = position
      let kept = analysis(block, tokens: tokens, style: Self.pure, need: .all).keptBytes
      #expect(kept == Self.samples * tokens * (16 * w + 4 * f + 4 * h))
    }
  }

  /// Without weight gradients nobody reads the inputs of the four products, 2 (1 + 1) w and 2 f;
  /// attention's own output stays for its own backward.
  @Test("12 w + 2 f + 4 h where only the input's gradient is wanted", arguments: widths, [5, 17])
  func pureInputOnly(_ size: (Int, Int, Int), _ tokens: Int) {
    let (w, h, f) = size
    let block = BlockSpec(width: w, heads: h, mlpWidth: f)
    let kept = analysis(block, tokens: tokens, style: Self.pure, need: .inputOnly).keptBytes
    #expect(kept == Self.samples * tokens * (12 * w + 2 * f + 4 * h))
  }

  /// The norms' fp32 inputs cost 4 w each instead of 2 w: 20 w + 4 f; the probabilities stay in
  /// fp32 and in fp16: 6 h n.
  @Test("20 w + 4 f + 6 h n under autocast with unfused attention", arguments: widths, [5, 17])
  func autocastTrained(_ size: (Int, Int, Int), _ tokens: Int) {
    let (w, h, f) = size
    let block = BlockSpec(width: w, heads: h, mlpWidth: f)
    let found = analysis(block, tokens: tokens, style: Self.autocast, need: .all)
    #expect(found.keptBytes == Self.samples * tokens * (20 * w + 4 * f + 6 * h * tokens))
    #expect(found.selectiveKeptBytes == Self.samples * tokens * (20 * w + 4 * f))
  }

  /// Gate and up before the product, the product behind it: 6 f.
  @Test("16 w + 6 f + 4 h with a gated MLP", arguments: widths)
  func gated(_ size: (Int, Int, Int)) {
    let (w, h, f) = size
    var block = BlockSpec(width: w, heads: h, mlpWidth: f)
    block.mlp = .swiGLU
    let kept = analysis(block, tokens: 7, style: Self.pure, need: .all).keptBytes
    #expect(kept == Self.samples * 7 * (16 * w + 6 * f + 4 * h))
  }

  /// EVA-02's extra norms keep their inputs and outputs: 2 w more (attention's output is kept
  /// anyway) and 2 f more.
  @Test("18 w + 8 f + 4 h with norms inside attention and a gated MLP", arguments: widths)
  func subNorm(_ size: (Int, Int, Int)) {
    let (w, h, f) = size
    var block = BlockSpec(width: w, heads: h, mlpWidth: f)
    block.mlp = .swiGLU
    block.attentionSubNorm = true
    block.mlpSubNorm = true
    let kept = analysis(block, tokens: 7, style: Self.pure, need: .all).keptBytes
    #expect(kept == Self.samples * 7 * (18 * w + 8 * f + 4 * h))
  }

  @Test("nothing is kept where nothing is differentiated")
  func frozen() {
    let block = BlockSpec(width: 8, heads: 2, mlpWidth: 32)
    let found = analysis(block, tokens: 5, style: Self.autocast, need: .none)
    #expect(found.keptBytes == 0)
    #expect(found.backward.isEmpty)
  }

  @Test("backward costs twice the forward in products, input gradients alone cost it once")
  func backwardFlops() {
    var random = RandomModels(seed: 4)
    for style in [KernelStyle.float32, Self.pure, Self.autocast] {
      for _ in 0..<50 {
        let block = random.block()
        func flops(_ need: GradientNeed) -> (forward: Double, backward: Double) {
          let found = analysis(block, tokens: 6, style: style, need: need)
          return (
            found.forwardFlops,
            found.backward.reduce(0) { $0 + $1.operation.modelFlops }
          )
        }
        let all = flops(.all)
        #expect(all.backward == 2 * all.forward, "\(block)")
        // Attention's backward has both of its products' gradients with or without weights.
        let attention = 4 * Double(Self.samples * 36 * block.heads * block.headWidth)
        let input = flops(.inputOnly)
        #expect(input.backward == all.forward + attention, "\(block)")
      }
    }
  }
}
