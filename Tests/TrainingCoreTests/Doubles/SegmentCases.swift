import Workloads

/// Every kind of segment that the core runs.
enum SegmentCases {
  static func block(_ change: (inout BlockSpec) -> Void = { _ in }) -> BlockSpec {
    var block = BlockSpec(width: 6, heads: 2, headWidth: 4, mlpWidth: 5)
    change(&block)
    return block
  }

  private static func test(
    _ name: String, tokens: Int = 3, conditioning: LambdaConditioning = .none,
    hasRotaryPositions: Bool = false, _ change: (inout BlockSpec) -> Void
  ) -> SegmentCase {
    let block = block(change)
    return SegmentCase(
      name, .block(block), tokens: tokens,
      crossTokens: block.crossAttentionWidth == nil ? 0 : 2, conditioning: conditioning,
      hasRotaryPositions: hasRotaryPositions)
  }

  static let blocks =
    MLPKind.allCases.map { kind in test("\(kind) block") { $0.mlp = kind } }
    + NormPosition.allCases.flatMap(positioned) + [
      test("sub-norms, biases of query and value") {
        $0.mlp = .swiGLU
        $0.attentionSubNorm = true
        $0.mlpSubNorm = true
        $0.attentionBias = .queryValue
      },
      test("rms-norm with sub-norms") {
        $0.norm = .rmsNorm
        $0.attentionSubNorm = true
        $0.mlpSubNorm = true
      },
      test("causal attention", tokens: 4) { $0.causal = true },
      test("causal attention of a text with a class token", tokens: 4) {
        $0.causal = true
        $0.endsInClassToken = true
      },
      test("rotary positions", tokens: 4) { $0.rotary = true },
      test("rotary positions of kept patches", tokens: 4, hasRotaryPositions: true) {
        $0.rotary = true
      },
      test("grouped queries without biases") {
        $0.heads = 4
        $0.headWidth = 2
        $0.keyValueHeads = 2
        $0.mlp = .swiGLU
        $0.norm = .rmsNorm
        $0.rotary = true
        $0.causal = true
        $0.attentionBias = .none
        $0.projectionBias = false
        $0.mlpBias = false
      },
      test("cross-attention alone") {
        $0.crossAttentionWidth = 5
        $0.selfAttention = false
      },
      test("cross-attention behind an MLP of its own") {
        $0.crossAttentionWidth = 5
        $0.crossMLP = true
        $0.causal = true
      },
      test("cross-attention with biases of query and value") {
        $0.crossAttentionWidth = 5
        $0.attentionBias = .queryValue
      },
      test("cross-attention of grouped queries without biases") {
        $0.crossAttentionWidth = 5
        $0.keyValueHeads = 1
        $0.norm = .rmsNorm
        $0.attentionBias = .none
        $0.projectionBias = false
      },
      test("affine sets mixed by lambda, across", conditioning: .dualAffine) {
        $0.crossAttentionWidth = 5
        $0.crossMLP = true
        $0.attentionSubNorm = true
      },
      test("rms-norm modulated by lambda", conditioning: .film) {
        $0.norm = .rmsNorm
        $0.mlp = .geGLU
      },
    ]

  /// Everything that depends on where a block normalises.
  private static func positioned(_ position: NormPosition) -> [SegmentCase] {
    [
      test("\(position)-norm") { $0.normPosition = position },
      test("\(position)-norm with layer scale") {
        $0.normPosition = position
        $0.layerScale = true
      },
      test("\(position)-norm with drop path") {
        $0.normPosition = position
        $0.dropPath = true
      },
      test("\(position)-norm with layer scale and drop path") {
        $0.normPosition = position
        $0.layerScale = true
        $0.dropPath = true
      },
      test("\(position)-norm with cross-attention") {
        $0.normPosition = position
        $0.crossAttentionWidth = 5
      },
      test("\(position)-norm, affine sets mixed by lambda", conditioning: .dualAffine) {
        $0.normPosition = position
      },
      test("\(position)-norm, modulated by lambda", conditioning: .film) {
        $0.normPosition = position
      },
    ]
  }
}
