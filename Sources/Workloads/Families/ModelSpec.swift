/// A model of the zoo: its family and the dimensions of its towers.
public struct ModelSpec: Sendable, Hashable {
  /// What kind of model, with its towers.
  public enum Family: Sendable, Hashable {
    /// Two towers and a symmetric contrastive loss.
    case clip(image: VisionTowerSpec, text: TextTowerSpec)
    /// Two towers and the pairwise sigmoid loss.
    case sigLIP(image: VisionTowerSpec, text: TextTowerSpec)
    /// Two towers, a multimodal decoder over the image tokens, contrastive and caption loss.
    case coca(image: VisionTowerSpec, text: TextTowerSpec, decoder: CaptionDecoderSpec)
    /// BLIP-2 stage 1: image tower and Q-Former; contrastive, matching and caption losses.
    case blip2Stage1(image: VisionTowerSpec, qformer: QFormerSpec)
    /// BLIP-2 stage 2: image tower, Q-Former without its text half, language model.
    case blip2Stage2(
      image: VisionTowerSpec, qformer: QFormerSpec, language: LanguageModelSpec)
    /// An image tower, a bridge and a language model: the image's tokens stand before the text's.
    case visionLanguage(
      image: VisionTowerSpec, bridge: VisionLanguageBridge, language: LanguageModelSpec)
    /// An image tower with a linear classifier.
    case imageClassifier(image: VisionTowerSpec, classes: Int)
    /// A language model.
    case languageModel(LanguageModelSpec)
  }

  /// The zoo's id, for example `EVA02-E-14-plus`.
  public var id: String
  /// The family and its towers.
  public var family: Family
  /// Where the dimensions come from.
  public var source: String
  /// Towers that the publication trains with frozen weights, by tower name.
  public var frozenByDefault: Set<String>

  /// A model.
  public init(id: String, family: Family, source: String, frozenByDefault: Set<String> = []) {
    self.id = id
    self.family = family
    self.source = source
    self.frozenByDefault = frozenByDefault
  }
}

/// How a vision-language model hands image tokens to its language model.
public enum VisionLanguageBridge: Sendable, Hashable {
  /// Linear layers with GELU between them, on every token but the class token (LLaVA).
  case perceptron(layers: Int)
  /// A Q-Former's queries and one linear layer (MiniGPT-4).
  case qformer(QFormerSpec)
}

/// CoCa's multimodal decoder: blocks with self-attention over text and attention over the image.
public struct CaptionDecoderSpec: Sendable, Hashable {
  /// The blocks; `crossAttentionWidth` is set and `crossMLP` is true.
  public var block: BlockSpec
  /// Number of blocks.
  public var layers: Int
  /// Tokens of the caption.
  public var tokens: Int
  /// Entries of the vocabulary that is predicted.
  public var vocabulary: Int

  /// A caption decoder.
  public init(block: BlockSpec, layers: Int, tokens: Int, vocabulary: Int) {
    self.block = block
    self.layers = layers
    self.tokens = tokens
    self.vocabulary = vocabulary
  }
}

extension ModelSpec.Family {
  /// Vectors that stand before the text of a vision-language model: image tokens or queries; 0 for
  /// other families.
  public var prefixTokens: Int {
    switch self {
    case .visionLanguage(let image, .perceptron, _): image.patches
    case .visionLanguage(_, .qformer(let qformer), _): qformer.queries
    default: 0
    }
  }
}

extension ModelSpec {
  /// Elements of one input image, `3 size^2`; 0 for models without an image tower.
  public var imageElements: Int {
    switch family {
    case .clip(let image, _), .sigLIP(let image, _), .coca(let image, _, _),
      .blip2Stage1(let image, _), .blip2Stage2(let image, _, _), .imageClassifier(let image, _),
      .visionLanguage(let image, _, _):
      3 * image.imageSize * image.imageSize
    case .languageModel: 0
    }
  }
}

extension ModelSpec {
  /// Elements of one sample's residual stream between the blocks of the chain that a pipeline cuts,
  /// `tokens width`; 0 for models of several chains.
  public var streamElements: Int {
    switch family {
    case .languageModel(let model): model.tokens * model.block.width
    case .imageClassifier(let image, _): image.tokens * image.block.width
    default: 0
    }
  }

  /// The blocks of each tower, where ranks can share all of them; nil for models with a Q-Former.
  public var shardableBlocks: [(tower: String, block: BlockSpec)]? {
    var blocks: [(tower: String, block: BlockSpec)] = []
    for path in allPaths {
      for entry in path.entries {
        switch entry.spec {
        case .block(let block): blocks.append((path.name, block))
        case .qformerBlock: return nil
        default: break
        }
      }
    }
    return blocks
  }

  /// Names of the towers whose blocks normalise behind the residual, as BERT's.
  public var towersNormalisedLast: Set<String> {
    var names: Set<String> = []
    for path in allPaths {
      for entry in path.entries {
        switch entry.spec {
        case .block(let block) where block.normPosition == .postResidual: names.insert(path.name)
        default: break
        }
      }
    }
    return names
  }

  /// Names of the towers that have repeated blocks, in order of execution.
  public var blockTowerNames: [String] {
    var names: [String] = []
    for path in allPaths where path.entries.contains(where: \.spec.isBlock) {
      if !names.contains(path.name) { names.append(path.name) }
    }
    return names
  }

  /// Blocks by group of the tower's longest pass.
  public func blockGroups(of tower: String) -> [Int] {
    allPaths.filter { $0.name == tower }
      .map(\.blockGroups)
      .max { $0.count < $1.count } ?? []
  }

  private var allPaths: [TowerPath] {
    let layout = layout(frozen: [], patchDropout: 0)
    return layout.imageChain + layout.textChain + layout.tail
  }
}
