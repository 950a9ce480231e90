import Workloads

extension SegmentCases {
  /// Blocks whose own parameters are frozen, with adapters beside their products, and segments of
  /// which only additions are trained.
  static let adapted =
    LoRA.Target.allCases.map { target in
      adapted("\(target)", [target]) { $0.attentionBias = .queryValue }
    } + [
      adapted("query and value", [.query, .value]) { _ in },
      adapted("every product, gated", all) { $0.mlp = .swiGLU },
      adapted("every product, rotary and grouped", all) {
        $0.heads = 4
        $0.headWidth = 2
        $0.keyValueHeads = 2
        $0.rotary = true
        $0.causal = true
        $0.norm = .rmsNorm
        $0.attentionSubNorm = true
        $0.mlpSubNorm = true
      },
      adapted("every product, post-norm", all) { $0.normPosition = .post },
      adapted("every product, layer scale and drop path", all) {
        $0.layerScale = true
        $0.dropPath = true
      },
      adapted("every product, across", all) {
        $0.crossAttentionWidth = 5
        $0.crossMLP = true
      },
      adapted("values, across, BERT's norm", [.value]) {
        $0.crossAttentionWidth = 5
        $0.normPosition = .postResidual
      },
      adapted("values, affine sets mixed by lambda", [.value], conditioning: .dualAffine) { _ in },
      adapted("values, modulated by lambda", [.value], conditioning: .film) { _ in },
      SegmentCase(
        "frozen tokens with a trained robust class token", .patchEmbedding(SmallModels.image()),
        tokens: 10, conditioning: .classToken, trained: .additions(nil)),
    ]

  private static let all = Set(LoRA.Target.allCases)

  private static func adapted(
    _ name: String, _ targets: Set<LoRA.Target>, conditioning: LambdaConditioning = .none,
    _ change: (inout BlockSpec) -> Void
  ) -> SegmentCase {
    let block = block(change)
    return SegmentCase(
      "adapters of " + name, .block(block),
      crossTokens: block.crossAttentionWidth == nil ? 0 : 2, conditioning: conditioning,
      trained: .additions(LoRA(rank: 2, targets: targets)))
  }
}
