import Workloads

/// Parameters and forward FLOP by closed formulas over the dimensions alone.
///
/// Written from the papers' layer definitions without looking at graphs: the counter that the
/// kernels' own counts are checked against.
enum ClosedForm {
  /// A linear layer from `k` to `n`.
  static func linear(_ k: Int, _ n: Int, bias: Bool = true) -> Int { k * n + (bias ? n : 0) }

  static func norm(_ width: Int, _ kind: NormKind = .layerNorm) -> Int {
    kind == .layerNorm ? 2 * width : width
  }

  static func mlp(_ b: BlockSpec) -> Int {
    let ups = b.mlp == .swiGLU || b.mlp == .geGLU ? 2 : 1
    return ups * linear(b.width, b.mlpWidth, bias: b.mlpBias)
      + (b.mlpSubNorm ? norm(b.mlpWidth, b.norm) : 0)
      + linear(b.mlpWidth, b.width, bias: b.mlpBias)
  }

  static func block(_ b: BlockSpec) -> Int {
    let q = b.heads * b.headWidth
    let kv = b.keyValueHeads * b.headWidth
    let scale = b.layerScale ? b.width : 0
    func biased(_ keys: Int) -> Int {
      switch b.attentionBias {
      case .all: q + 2 * keys
      case .queryValue: q + keys
      case .none: 0
      }
    }
    var total = 0
    if b.selfAttention {
      total += b.width * (q + 2 * kv) + biased(kv)
      total += b.attentionSubNorm ? norm(q, b.norm) : 0
      total += linear(q, b.width, bias: b.projectionBias) + norm(b.width, b.norm) + scale
    }
    if let other = b.crossAttentionWidth {
      total += b.width * q + other * 2 * kv + biased(kv)
      total += linear(q, b.width, bias: b.projectionBias) + norm(b.width, b.norm) + scale
      if b.crossMLP { total += norm(other, b.norm) + mlp(b) + norm(b.width, b.norm) + scale }
    }
    return total + mlp(b) + norm(b.width, b.norm) + scale
  }

  /// Forward FLOP of a block for one sample: 2 x MACs of products and attention.
  static func blockFlops(_ b: BlockSpec, tokens t: Int, crossTokens c: Int = 0) -> Double {
    let q = b.heads * b.headWidth
    let kv = b.keyValueHeads * b.headWidth
    let ups = b.mlp == .swiGLU || b.mlp == .geGLU ? 2 : 1
    let mlp = t * (ups + 1) * b.width * b.mlpWidth
    var macs = mlp
    if b.selfAttention { macs += t * b.width * (2 * q + 2 * kv) + 2 * t * t * q }
    if let other = b.crossAttentionWidth {
      macs += t * 2 * b.width * q + c * other * 2 * kv + 2 * t * c * q
      if b.crossMLP { macs += mlp }
    }
    return 2 * Double(macs)
  }

  /// An image tower without pooling or projection.
  static func imageTrunk(_ v: VisionTowerSpec) -> Int {
    let w = v.block.width
    let patches = (v.imageSize / v.patchSize) * (v.imageSize / v.patchSize)
    return linear(3 * v.patchSize * v.patchSize, w, bias: v.patchBias)
      + (v.classToken ? w : 0)
      + (v.positions ? (patches + (v.classToken && v.classTokenPosition ? 1 : 0)) * w : 0)
      + (v.preNorm ? norm(w, v.block.norm) : 0) + v.layers * block(v.block)
  }

  static func imagePooling(_ v: VisionTowerSpec) -> Int {
    let w = v.block.width
    switch v.pooling {
    case .attention:
      let mlp =
        v.poolerMLPWidth > 0
        ? norm(w) + linear(w, v.poolerMLPWidth) + linear(v.poolerMLPWidth, w) : 0
      return w + 4 * linear(w, w) + mlp + (v.finalNorm ? norm(w, v.block.norm) : 0)
    case .attentionalPooler, .cascadedPooler:
      let d = v.outputWidth ?? w
      return v.poolerQueries * d + norm(w) + norm(d) + 2 * linear(d, d) + 2 * linear(w, d)
        + (v.finalNorm ? norm(d, v.block.norm) : 0)
    default: return v.finalNorm ? norm(w, v.block.norm) : 0
    }
  }

  static func image(_ v: VisionTowerSpec) -> Int {
    let pooled = v.pooling == .attentionalPooler ? v.outputWidth ?? v.block.width : v.block.width
    return imageTrunk(v) + imagePooling(v)
      + (v.outputWidth.map { linear(pooled, $0, bias: v.outputBias) } ?? 0)
  }

  /// Patches, blocks and one projected vector; for poolers without attention of their own.
  static func imageFlops(_ v: VisionTowerSpec) -> Double {
    let patches = (v.imageSize / v.patchSize) * (v.imageSize / v.patchSize)
    let patchMACs = patches * 3 * v.patchSize * v.patchSize * v.block.width
    let headMACs = v.block.width * (v.outputWidth ?? 0)
    let tokens = patches + (v.classToken ? 1 : 0)
    return 2 * Double(patchMACs + headMACs)
      + Double(v.layers) * blockFlops(v.block, tokens: tokens)
  }

  static func text(_ t: TextTowerSpec) -> Int {
    let w = t.block.width
    return (t.vocabulary + t.tokens + (t.classToken ? 1 : 0)) * w + t.layers * block(t.block)
      + norm(w, t.block.norm) + (t.outputWidth.map { linear(w, $0, bias: t.outputBias) } ?? 0)
  }

  static func textFlops(_ t: TextTowerSpec) -> Double {
    Double(t.layers) * blockFlops(t.block, tokens: t.tokens)
      + 2 * Double(t.block.width * (t.outputWidth ?? 0))
  }

  static func language(_ m: LanguageModelSpec) -> Int {
    let w = m.block.width
    var total = (m.vocabulary + m.positions + m.tokenTypes) * w + m.relativePositionEntries
    total += m.embeddingNorm ? norm(w, m.block.norm) : 0
    total += m.headTransform ? linear(w, w) + norm(w, m.block.norm) : 0
    total += m.vocabularyBias ? m.vocabulary : 0
    if let encoder = m.encoderBlock, m.encoderLayers > 0 {
      total += m.encoderLayers * block(encoder) + norm(w, m.block.norm)
      total += m.relativePositionEntries
    }
    return total + m.layers * block(m.block) + (m.finalNorm ? norm(w, m.block.norm) : 0)
      + (m.tiedEmbeddings ? 0 : w * m.vocabulary)
  }

  /// One Q-Former block; `text` says whether the text half is there.
  static func qformerBlock(_ b: BlockSpec, crossing: Bool, text: Bool) -> Int {
    let w = b.width
    let network = mlp(b) + norm(w)
    let cross =
      crossing ? 2 * linear(w, w) + 2 * linear(b.crossAttentionWidth ?? 0, w) + norm(w) : 0
    return 4 * linear(w, w) + norm(w) + cross + (text ? 2 : 1) * network
  }

  /// The trained part of BLIP-2: norm of the image tokens, queries, blocks.
  static func qformer(_ q: QFormerSpec, imageWidth: Int, text: Bool) -> Int {
    let w = q.block.width
    let crossing = (q.layers + 1) / 2
    return norm(imageWidth) + q.queries * w + norm(w)
      + (text ? (q.vocabulary + q.positions) * w : 0)
      + crossing * qformerBlock(q.block, crossing: true, text: text)
      + (q.layers - crossing) * qformerBlock(q.block, crossing: false, text: text)
  }

  static func total(_ family: ModelSpec.Family) -> Int {
    switch family {
    case .clip(let v, let t): return image(v) + text(t) + 1
    case .sigLIP(let v, let t): return image(v) + text(t) + 2
    case .coca(let v, let t, let d):
      return image(v) + text(t) + d.layers * block(d.block) + norm(d.block.width, d.block.norm)
        + d.block.width * d.vocabulary + 1
    case .blip2Stage1(let v, let q):
      let w = q.block.width
      let heads =
        2 * linear(w, q.embeddingWidth) + linear(w, 2) + linear(w, w) + norm(w) + q.vocabulary
      return imageTrunk(v) + qformer(q, imageWidth: v.block.width, text: true) + heads + 1
    case .blip2Stage2(let v, let q, let m):
      return imageTrunk(v) + qformer(q, imageWidth: v.block.width, text: false)
        + linear(q.block.width, m.block.width) + language(m)
    case .visionLanguage(let v, .perceptron(let layers), let m):
      return imageTrunk(v) + linear(v.block.width, m.block.width)
        + (layers - 1) * linear(m.block.width, m.block.width) + language(m)
    case .visionLanguage(let v, .qformer(let q), let m):
      return imageTrunk(v) + qformer(q, imageWidth: v.block.width, text: false)
        + linear(q.block.width, m.block.width) + language(m)
    case .imageClassifier(let v, let classes):
      return imageTrunk(v) + imagePooling(v) + linear(v.block.width, classes)
    case .languageModel(let m): return language(m)
    }
  }
}
