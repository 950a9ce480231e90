import Strategies
import Workloads

/// A case's dimensions as a model of this project.
struct CaseModel {
  let workload: CaseWorkload
  let software: String
  /// What the stack's model code builds.
  let habits: ModelHabits
  var notes: CaseNotes

  /// Why a model cannot be made.
  struct Problem: Error {
    var reason: String
  }

  /// The family with its towers.
  mutating func family() throws(Problem) -> ModelSpec.Family {
    switch workload.family {
    case "clip", "siglip", "sigLIP":
      let image = try tower(workload.image, "image_tower")
      let text = try tower(workload.text, "text_tower")
      let width = workload.embedWidth ?? min(image.width, text.width)
      let spec = (vision(image, output: width), self.text(text, output: width))
      return workload.family == "clip"
        ? .clip(image: spec.0, text: spec.1) : .sigLIP(image: spec.0, text: spec.1)
    case "coca": return try coca()
    case "blip2-stage1":
      let image = try tower(workload.image, "image_tower")
      let text = try tower(workload.text, "text_tower")
      return .blip2Stage1(image: frozenVision(image), qformer: qformer(text, image: image))
    case "blip2-stage2":
      let image = try tower(workload.image, "image_tower")
      let text = try tower(workload.text, "text_tower")
      let language = try tower(workload.language, "language_model")
      return .blip2Stage2(
        image: frozenVision(image), qformer: qformer(text, image: image),
        language: languageModel(language))
    case "vlm":
      let image = try tower(workload.image, "image_tower")
      let language = try tower(workload.language, "language_model")
      let family = ModelSpec.Family.visionLanguage(
        image: frozenVision(image),
        bridge: workload.text.map { .qformer(qformer($0, image: image)) }
          ?? .perceptron(layers: 2),
        language: languageModel(language))
      if language.tokens <= family.prefixTokens {
        notes.add(
          "a sequence of \(language.tokens) tokens does not hold the image's \(family.prefixTokens): "
            + "priced with all but one of them")
      }
      return family
    case "image-classifier":
      let image = try tower(workload.image, "image_tower")
      return .imageClassifier(
        image: classifier(image), classes: workload.embedWidth ?? 1000)
    case "causal-lm":
      return .languageModel(languageModel(try tower(workload.language, "language_model")))
    case "bert-mlm":
      return .languageModel(
        maskedModel(try tower(workload.text ?? workload.language, "text_tower")))
    default: return try guessed()
    }
  }

  /// The nearest family to one that the schema does not name: what its towers allow.
  private mutating func guessed() throws(Problem) -> ModelSpec.Family {
    func like(_ family: String) throws(Problem) -> ModelSpec.Family {
      var copy = workload
      copy.family = family
      var model = CaseModel(
        workload: copy, software: software, habits: habits, notes: notes)
      let result = try model.family()
      notes = model.notes
      notes.add("family '\(workload.family)' is not known: priced as \(family)")
      return result
    }
    switch (workload.image != nil, workload.text != nil, workload.language != nil) {
    case (true, _, true): return try like("vlm")
    case (true, true, false): return try like("clip")
    case (true, false, false): return try like("image-classifier")
    case (false, _, true): return try like("causal-lm")
    case (false, true, false): return try like("bert-mlm")
    case (false, false, false):
      throw Problem(reason: "family '\(workload.family)' without any tower")
    }
  }

  private func tower(_ tower: CaseTower?, _ key: String) throws(Problem) -> CaseTower {
    guard let tower else {
      throw Problem(reason: "family '\(workload.family)' needs '\(key)'")
    }
    return tower
  }

  private mutating func mlp(_ tower: CaseTower) -> MLPKind {
    switch tower.mlp?.lowercased() {
    case nil, "gelu", "gelu_new", "gelu-tanh": return .gelu
    case "quick_gelu", "quick-gelu", "quickgelu": return .quickGELU
    case "relu": return .relu
    case "swiglu", "silu-glu": return .swiGLU
    case "geglu", "gated-gelu": return .geGLU
    default:
      notes.add("mlp '\(tower.mlp ?? "")' is not known: priced as gelu")
      return .gelu
    }
  }

  /// Whether the software keeps OpenAI's blocks, whose activation is three kernels in eager PyTorch,
  /// under the names of models that have GELU: Chinese-CLIP's image tower, MetaCLIP's both
  /// (`force_quick_gelu` in configs/metaclip_v1.py).
  private var quickGELU: Bool { ["chinese-clip", "metaclip"].contains(software) }

  private mutating func block(_ tower: CaseTower) -> BlockSpec {
    var block = BlockSpec(width: tower.width, heads: tower.heads, mlpWidth: tower.mlpWidth)
    block.mlp = mlp(tower)
    return block
  }

  // MARK: Image towers

  private mutating func vision(_ tower: CaseTower, output: Int?) -> VisionTowerSpec {
    var block = block(tower)
    if quickGELU, block.mlp == .gelu { block.mlp = .quickGELU }
    if block.mlp.isGated {
      // EVA-02: rotary positions, norms inside both branches, no bias on keys.
      block.rotary = true
      block.attentionSubNorm = true
      block.mlpSubNorm = true
      block.attentionBias = .queryValue
    }
    var spec = VisionTowerSpec(
      imageSize: max(1, tower.image), patchSize: max(1, tower.patch), block: block,
      layers: tower.depth, outputWidth: output)
    if !tower.classToken {
      spec.classToken = false
      spec.classTokenPosition = false
      spec.pooling = .mean
    }
    return spec
  }

  /// Every token goes on to what follows; no norm in front.
  private mutating func frozenVision(_ tower: CaseTower) -> VisionTowerSpec {
    var spec = vision(tower, output: nil)
    spec.pooling = .none
    spec.preNorm = false
    spec.patchBias = true
    return spec
  }

  private mutating func classifier(_ tower: CaseTower) -> VisionTowerSpec {
    var spec = vision(tower, output: nil)
    spec.preNorm = false
    spec.patchBias = true
    spec.finalNormAfterPooling = false
    return spec
  }

  private mutating func coca() throws(Problem) -> ModelSpec.Family {
    let image = try tower(workload.image, "image_tower")
    let text = try tower(workload.text, "text_tower")
    let language = try tower(workload.language, "language_model")
    let width = workload.embedWidth ?? text.width
    var vision = vision(image, output: width)
    vision.pooling = .attentionalPooler
    vision.poolerQueries = 256
    vision.poolerHeads = 8
    vision.finalNormAfterPooling = true
    var textSpec = self.text(text, output: width)
    textSpec.classToken = true
    var block = block(language)
    block.causal = true
    block.crossAttentionWidth = width
    block.crossMLP = true
    return .coca(
      image: vision, text: textSpec,
      decoder: CaptionDecoderSpec(
        block: block, layers: language.depth, tokens: max(1, text.tokens - 2),
        vocabulary: language.vocabulary))
  }

  // MARK: Text towers

  /// Vocabularies of BERT and RoBERTa: encoders that see both sides and normalise last.
  private static let encoderVocabularies: Set<Int> = [
    21128, 28996, 30522, 30523, 30524, 30528, 50265, 119_547, 250_002,
  ]

  private mutating func text(_ tower: CaseTower, output: Int) -> TextTowerSpec {
    var block = block(tower)
    if Self.encoderVocabularies.contains(tower.vocabulary) {
      block.normPosition = .postResidual
      // The rates of BERT's and RoBERTa's public configurations.
      block.dropout = 0.1
      block.attentionDropout = 0.1
    } else {
      block.causal = true
      if quickGELU, block.mlp == .gelu { block.mlp = .quickGELU }
    }
    return TextTowerSpec(
      tokens: max(1, tower.tokens), vocabulary: max(1, tower.vocabulary), block: block,
      layers: tower.depth, outputWidth: output)
  }

  private mutating func qformer(_ tower: CaseTower, image: CaseTower) -> QFormerSpec {
    var block = block(tower)
    block.normPosition = .postResidual
    block.crossAttentionWidth = image.width
    block.dropout = QFormerSpec.publishedDropout
    block.attentionDropout = QFormerSpec.publishedDropout
    return QFormerSpec(
      block: block, layers: tower.depth, queries: 32, vocabulary: max(1, tower.vocabulary),
      positions: max(512, tower.tokens), textTokens: max(1, tower.tokens),
      embeddingWidth: workload.embedWidth ?? 256)
  }

  // MARK: Language models

  private mutating func languageModel(_ tower: CaseTower) -> LanguageModelSpec {
    var block = block(tower)
    block.causal = true
    block.dropout = 0.1
    block.attentionDropout = 0.1
    if let heads = tower.keyValueHeads { block.keyValueHeads = min(heads, tower.heads) }
    var positions = tower.tokens
    if block.mlp.isGated {
      block.norm = .rmsNorm
      block.rotary = true
      positions = 0
    }
    if block.mlp.isGated || !habits.languageBiases {
      // Llama and T5 carry no biases either.
      block.attentionBias = .none
      block.projectionBias = false
      block.mlpBias = false
    }
    if !habits.languagePositions { positions = 0 }
    var model = LanguageModelSpec(
      vocabulary: max(1, tower.vocabulary), block: block, layers: tower.depth,
      positions: positions, tokens: max(1, tower.tokens))
    model.tiedEmbeddings = tower.tiedEmbeddings
    return model
  }

  /// BERT: both directions, norm behind, masked-word head.
  private mutating func maskedModel(_ tower: CaseTower) -> LanguageModelSpec {
    var block = block(tower)
    block.normPosition = .postResidual
    block.dropout = 0.1
    block.attentionDropout = 0.1
    var model = LanguageModelSpec(
      vocabulary: max(1, tower.vocabulary), block: block, layers: tower.depth,
      positions: max(512, tower.tokens), tokens: max(1, tower.tokens))
    model.tokenTypes = 2
    model.embeddingNorm = true
    model.finalNorm = false
    model.headTransform = true
    model.vocabularyBias = true
    return model
  }
}
