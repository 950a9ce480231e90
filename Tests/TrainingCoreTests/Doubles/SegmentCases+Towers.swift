import Workloads

/// Embeddings and heads of towers.
extension SegmentCases {
  static func image(_ change: (inout VisionTowerSpec) -> Void = { _ in }) -> VisionTowerSpec {
    var tower = VisionTowerSpec(
      imageSize: 4, patchSize: 2, block: block(), layers: 1, outputWidth: 4)
    change(&tower)
    return tower
  }

  static func text(_ change: (inout TextTowerSpec) -> Void = { _ in }) -> TextTowerSpec {
    var tower = TextTowerSpec(tokens: 3, vocabulary: 7, block: block(), layers: 1, outputWidth: 4)
    change(&tower)
    return tower
  }

  static func language(_ change: (inout LanguageModelSpec) -> Void = { _ in }) -> LanguageModelSpec
  {
    var model = LanguageModelSpec(
      vocabulary: 7, block: block(), layers: 1, positions: 5, tokens: 3)
    change(&model)
    return model
  }

  private static func patches(
    _ name: String, tokens: Int = 5, conditioning: LambdaConditioning = .none,
    _ change: (inout VisionTowerSpec) -> Void = { _ in }
  ) -> SegmentCase {
    SegmentCase(
      name, .patchEmbedding(image(change)), tokens: tokens, conditioning: conditioning)
  }

  static let embeddings = [
    patches("patches with a class token"),
    patches("patches with a bias, not normalised") {
      $0.patchBias = true
      $0.preNorm = false
    },
    patches("patches without a class token", tokens: 4) { $0.classToken = false },
    patches("a class token without a position") { $0.classTokenPosition = false },
    patches("patches without positions") { $0.positions = false },
    patches("kept patches", tokens: 3),
    patches("kept patches without a class token", tokens: 2) { $0.classToken = false },
    patches("class tokens mixed by lambda", conditioning: .classToken),
    patches("class tokens mixed by lambda, kept patches", tokens: 3, conditioning: .classToken) {
      $0.classTokenPosition = false
    },
    SegmentCase("text", .textEmbedding(text())),
    SegmentCase(
      "text behind which a class token stands", .textEmbedding(text { $0.classToken = true })),
    SegmentCase("captions' input", .captionInput(width: 6, textTokens: 5)),
    SegmentCase("language", .languageEmbedding(language(), decoder: false)),
    SegmentCase(
      "language with token types, normalised",
      .languageEmbedding(
        language {
          $0.tokenTypes = 2
          $0.embeddingNorm = true
        }, decoder: false)),
    SegmentCase(
      "language without positions",
      .languageEmbedding(language { $0.positions = 0 }, decoder: false)),
    SegmentCase(
      "language behind a prefix",
      .languageEmbedding(language { $0.prefixTokens = 2 }, decoder: false), tokens: 5),
    SegmentCase(
      "a decoder's language, with the encoder's table",
      .languageEmbedding(
        language {
          $0.encoderLayers = 1
          $0.encoderBlock = block()
        }, decoder: true)),
    SegmentCase("every token normalised", .tokenNorm(width: 6)),
    SegmentCase("projection", .projection(from: 6, to: 4)),
    SegmentCase("an encoder's norm", .encoderNorm(language())),
    SegmentCase(
      "an encoder's rms-norm", .encoderNorm(language { $0.block.norm = .rmsNorm })),
  ]

  private static func vision(
    _ name: String, tokens: Int = 5, _ change: (inout VisionTowerSpec) -> Void = { _ in }
  ) -> SegmentCase {
    SegmentCase(name, .visionHead(image(change)), tokens: tokens)
  }

  static let heads =
    [Pooling.classToken, .mean, .none].flatMap { pooling in
      [true, false].map { isAfter in
        vision("\(pooling) pooling, final norm \(isAfter ? "behind" : "before")") {
          $0.pooling = pooling
          $0.finalNormAfterPooling = isAfter
          if pooling == .none { $0.outputWidth = nil }
        }
      }
    } + [
      vision("class token alone") {
        $0.finalNorm = false
        $0.outputWidth = nil
      },
      vision("projection with a bias") { $0.outputBias = true },
      vision("attention pooling") {
        $0.pooling = .attention
        $0.poolerHeads = 2
        $0.poolerMLPWidth = 5
        $0.outputWidth = nil
      },
      vision("attention pooling without an MLP") {
        $0.pooling = .attention
        $0.poolerHeads = 2
      },
      vision("attentional pooler") {
        $0.pooling = .attentionalPooler
        $0.poolerHeads = 2
        $0.poolerQueries = 3
      },
      vision("attentional pooler that hands on its tokens") {
        $0.pooling = .attentionalPooler
        $0.poolerHeads = 2
        $0.poolerQueries = 3
        $0.handsOnTokens = true
      },
      vision("class token, the others handed on") { $0.handsOnTokens = true },
      vision("normalised class token, the others handed on") {
        $0.handsOnTokens = true
        $0.finalNormAfterPooling = false
      },
      vision("attentional pooler without a final norm") {
        $0.pooling = .attentionalPooler
        $0.poolerHeads = 2
        $0.poolerQueries = 3
        $0.finalNorm = false
      },
      SegmentCase("text's end token", .textHead(text())),
      SegmentCase("text's last token", .textHead(text { $0.pooling = .last })),
      SegmentCase(
        "text's first token, not projected",
        .textHead(
          text {
            $0.pooling = .classToken
            $0.outputWidth = nil
          })),
      SegmentCase("text's class token", .textHead(text { $0.classToken = true })),
      SegmentCase("text projection with a bias", .textHead(text { $0.outputBias = true })),
      SegmentCase("normalised features", .normalise(width: 4)),
      SegmentCase(
        "distillation", .distillation(width: 6, teacherWidth: 4, vectors: 1), fixed: [1]),
      SegmentCase(
        "distillation of every query",
        .distillation(width: 6, teacherWidth: 4, vectors: 3), fixed: [1]),
    ]
}
