import Workloads

/// The Q-Former's passes, and losses.
extension SegmentCases {
  static var bridge: QFormerSpec {
    QFormerSpec(
      block: block {
        $0.headWidth = 3
        $0.normPosition = .postResidual
        $0.crossAttentionWidth = 5
      }, layers: 2, queries: 2, vocabulary: 7, positions: 5, textTokens: 3, embeddingWidth: 4)
  }

  static let qformer = QFormerPass.allCases.flatMap { pass -> [SegmentCase] in
    let tokens = bridge.queryTokens(pass) + bridge.textTokens(pass)
    return [
      SegmentCase(
        "\(pass): embedding", .qformerEmbedding(bridge, pass), tokens: tokens),
      SegmentCase(
        "\(pass): block", .qformerBlock(bridge, pass, crossing: false), tokens: tokens),
      SegmentCase(
        "\(pass): block that attends across", .qformerBlock(bridge, pass, crossing: true),
        tokens: tokens, crossTokens: 2),
      SegmentCase(
        "\(pass): head", .qformerHead(bridge, pass), samples: pass == .matching ? 3 : 2,
        tokens: tokens),
    ]
  }

  private static func contrastive(
    _ name: String, images: Int = 3, texts: Int = 0, columns: Int = 3,
    _ kind: ContrastiveKind = .infoNCE, vectors: Int = 1, fixed: Set<Int> = [],
    _ change: (inout ContrastiveLossSpec) -> Void = { _ in }
  ) -> SegmentCase {
    var spec = ContrastiveLossSpec(
      imageRows: images, textRows: texts, columns: columns, width: 4, kind: kind,
      vectorsPerImage: vectors, sharedMatrix: texts == 0 && images == columns)
    change(&spec)
    return SegmentCase(
      name, .contrastiveLoss(spec), samples: images, tokens: 1, fixed: fixed)
  }

  static let losses = [
    contrastive("both directions of one matrix"),
    contrastive("smoothed labels") { $0.smoothing = 0.1 },
    contrastive("two matrices", images: 2, texts: 2),
    contrastive("one direction, as an attack", images: 2) { $0.isAttack = true },
    contrastive("the best of several vectors", vectors: 2) { $0.smoothing = 0.1 },
    contrastive("one direction, the best of several vectors", images: 2, vectors: 2) {
      $0.isAttack = true
    },
    contrastive("clean features stand in", images: 2) {
      $0.mixesClean = true
      $0.sharedMatrix = true
    },
    contrastive("clean features stand in, held fixed", images: 2, fixed: [2]) {
      $0.mixesClean = true
      $0.cleanIsDetached = true
      $0.sharedMatrix = true
    },
    contrastive("clean features of several vectors stand in", images: 2, vectors: 2) {
      $0.mixesClean = true
      $0.sharedMatrix = true
    },
    contrastive("anchored", fixed: [2]) { $0.isAnchored = true },
    contrastive("anchored, with clean features", images: 2, fixed: [3]) {
      $0.mixesClean = true
      $0.isAnchored = true
      $0.sharedMatrix = true
    },
    contrastive("pairwise sigmoid", .sigmoid),
    contrastive("pairwise sigmoid under attack", images: 2, .sigmoid) { $0.isAttack = true },
    contrastive("pairwise sigmoid with clean features", images: 2, .sigmoid) {
      $0.mixesClean = true
      $0.sharedMatrix = true
    },
    contrastive("pairwise sigmoid, anchored", .sigmoid, fixed: [2]) { $0.isAnchored = true },
    SegmentCase("classifier", .classifierHead(image(), classes: 4), tokens: 5),
    SegmentCase(
      "classifier of means", .classifierHead(image { $0.pooling = .mean }, classes: 4), tokens: 5),
    SegmentCase("language with tied embeddings", .languageHead(language())),
    SegmentCase(
      "masked words",
      .languageHead(
        language {
          $0.finalNorm = false
          $0.headTransform = true
          $0.vocabularyBias = true
        })),
    SegmentCase(
      "language with a matrix of its own",
      .languageHead(
        language {
          $0.tiedEmbeddings = false
          $0.vocabularyBias = true
          $0.block.norm = .rmsNorm
        })),
    SegmentCase(
      "captions",
      .captionHead(CaptionDecoderSpec(block: block(), layers: 1, tokens: 3, vocabulary: 7))),
  ]
}
