import Workloads

/// What kernels of a pass read besides tensors, made from the batch.
extension StepExecutor {
  /// Samples of the local batch that a pass's rows stand for.
  private func samples(of pass: Pass) -> [Int] {
    let start = microBatch * program.microBatch
    switch pass.branch {
    case .comparison:
      let half = (0..<pass.samples / 2).map { start + $0 }
      return half + half
    default: return (0..<pass.samples).map { start + $0 }
    }
  }

  /// lambda of every sample that a conditioned pass sees: a pair's is that of its image, and texts by
  /// themselves, which both branches share, are told none.
  private func lambdas(of pass: Pass) -> [Float] {
    let own = samples(of: pass).map { lambda($0) }
    switch pass.role {
    case .text: return own.map { _ in 0 }
    case .matching:
      let start = microBatch * program.microBatch
      let others = negatives(pass.branch, samples: pass.samples)?.images ?? []
      return own + others.map { lambda(start + Int($0)) } + own
    default: return own
    }
  }

  func data(for pass: Pass, plan: SegmentPlan) -> PassData {
    var data = PassData()
    guard arena.isReal else { return data }
    data.groups = pass.role == .loss && isCached ? program.accumulation : 1
    data.labels = { [self] in labels($0, pass: pass) }
    let shape = plan.segment.shape
    if pass.role != .loss, shape.conditioning != .none {
      let lambdas = lambdas(of: pass)
      data.lambda = Floats(lambdas)
      if shape.conditioning == .film { data.lambdaCode = code(of: lambdas, plan: plan) }
    }
    switch plan.segment.spec {
    case .patchEmbedding(let tower):
      if shape.tokens < tower.tokens { data.keptRows = keptRows(tower, shape, pass: pass) }
    case .block(let block):
      rotary(block, plan: plan, pass: pass, into: &data)
      if block.dropPath { data.dropPath = { [self] in dropPath($0, $1, pass: pass) } }
    default: break
    }
    text(pass, plan: plan, into: &data)
    return data
  }

  // MARK: Text

  private func text(_ pass: Pass, plan: SegmentPlan, into data: inout PassData) {
    guard let length = textTokens(plan, pass: pass) else { return }
    var rows = samples(of: pass)
    if pass.role == .matching, let negatives = negatives(pass.branch, samples: pass.samples) {
      // Positive pairs, wrong images, wrong texts.
      let start = rows.first ?? 0
      rows = rows + rows + negatives.texts.map { start + Int($0) }
    }
    switch plan.segment.spec {
    case .languageEmbedding(_, decoder: true):
      data.tokens = rows.flatMap { batch.decoderTokens[$0 * length..<($0 + 1) * length] }
    case .textEmbedding, .qformerEmbedding, .languageEmbedding:
      data.tokens = rows.flatMap { tokens(of: $0, count: length, pass: pass) }
    default: break
    }
    data.lengths = rows.map { batch.lengths.isEmpty ? Int32(length) : batch.lengths[$0] }
    if case .block(let block) = plan.segment.spec, block.endsInClassToken {
      // One key behind the text is seen, of a full text the class token itself.
      data.lengths = data.lengths.map { min($0 + 1, Int32(length)) }
    }
    if case .textHead = plan.segment.spec {
      data.endRows = rows.enumerated().map { position, sample in
        let end = batch.endPositions.isEmpty ? Int32(length - 1) : batch.endPositions[sample]
        return Int32(position * length) + end
      }
    }
  }

  /// Text tokens of one sample in a pass; nil where there is no text.
  private func textTokens(_ plan: SegmentPlan, pass: Pass) -> Int? {
    switch plan.segment.spec {
    case .textEmbedding(let tower): return plan.segment.shape.tokens - (tower.classToken ? 1 : 0)
    case .textHead: return plan.segment.shape.tokens
    case .block where pass.role == .text || pass.role == .decoder:
      return plan.segment.shape.tokens
    case .qformerEmbedding(let qformer, let kind), .qformerBlock(let qformer, let kind, _),
      .qformerHead(let qformer, let kind):
      let count = qformer.textTokens(kind)
      return count > 0 ? count : nil
    case .languageEmbedding(let model, let decoder):
      return plan.segment.shape.tokens - (decoder ? 0 : model.prefixTokens)
    case .block where pass.role == .language, .languageHead, .captionHead:
      return plan.segment.shape.tokens
    default: return nil
    }
  }

  private func tokens(of sample: Int, count: Int, pass: Pass) -> [Int32] {
    var ids = Array(batch.tokens[sample * count..<(sample + 1) * count])
    if pass.role == .caption, let begin = settings.captionToken { ids[0] = begin }
    return ids
  }

  // MARK: Labels

  private func labels(_ loss: CrossEntropy, pass: Pass) -> [Int32] {
    switch loss.labels {
    case .pairs:
      return (0..<(loss.alongColumns ? loss.columns : loss.rows)).map { Int32($0) }
    case .attackedPairs:
      let start = isCached ? microBatch * program.microBatch : 0
      return (0..<loss.rows).map { Int32(start + $0) }
    case .classes: return samples(of: pass).map { batch.classes[$0] }
    case .matching: return (0..<loss.rows).map { $0 < loss.rows / 3 ? 1 : 0 }
    case .nextToken:
      let rows = samples(of: pass)
      let length = loss.rows / max(1, rows.count)
      let isDecoder = !batch.decoderTokens.isEmpty && pass.role == .language
      let source = isDecoder ? batch.decoderTokens : batch.tokens
      let perSample = source.count / localBatch
      let prefix = max(0, length - perSample)
      return rows.flatMap { sample in
        let known =
          batch.lengths.isEmpty || isDecoder ? perSample : Int(batch.lengths[sample])
        return (0..<length).map { position -> Int32 in
          let next = position + 1 - prefix
          return next >= 0 && next < known ? source[sample * perSample + next] : -1
        }
      }
    }
  }

  // MARK: Random choices

  /// Rows that patch dropout keeps, the class token's first.
  private func keptRows(
    _ tower: VisionTowerSpec, _ shape: BlockShape, pass: Pass
  ) -> [Int32] {
    let first = tower.classToken ? 1 : 0
    return samples(of: pass).enumerated().flatMap { position, sample -> [Int32] in
      let start = Int32(position * tower.tokens)
      let kept = keptPatches(tower, count: shape.tokens - first, sample: sample)
      return (tower.classToken ? [start] : []) + kept.map { start + Int32(first + $0) }
    }
  }

  private func keptPatches(_ tower: VisionTowerSpec, count: Int, sample: Int) -> [Int] {
    choices.keptPatches(count, of: tower.patches, sample: sample)
  }

  private var choices: StepChoices { StepChoices(seed: settings.seed, step: step) }

  private func dropPath(_ layer: Int, _ label: String, pass: Pass) -> Floats? {
    Floats(
      samples(of: pass).map {
        choices.dropPath(
          rate: settings.dropPathRate, layer: layer, branch: label, sample: $0)
      })
  }

  // MARK: Rotary positions

  private func rotary(
    _ block: BlockSpec, plan: SegmentPlan, pass: Pass, into data: inout PassData
  ) {
    guard block.rotary else { return }
    let tokens = plan.segment.shape.tokens
    if pass.role == .image, let tower = imageTower {
      data.rotaryTable = { [self] in
        table(
          RotaryKey(role: .image, headWidth: $0, tokens: tower.tokens)
        ) {
          RotaryTable.axial(
            grid: tower.imageSize / tower.patchSize, trained: settings.rotaryGrid,
            headWidth: $0.headWidth, classToken: tower.classToken)
        }
      }
      let first = tower.classToken ? 1 : 0
      if tokens < tower.tokens {
        data.rotaryPositions = samples(of: pass).flatMap { sample -> [Int32] in
          let kept = keptPatches(tower, count: tokens - first, sample: sample)
          return (tower.classToken ? [0] : []) + kept.map { Int32(first + $0) }
        }
      }
    } else {
      data.rotaryTable = { [self] in
        table(RotaryKey(role: pass.role, headWidth: $0, tokens: tokens)) {
          RotaryTable.sequence(tokens: $0.tokens, headWidth: $0.headWidth)
        }
      }
    }
  }

  private func table(_ key: RotaryKey, _ make: (RotaryKey) -> [Float]) -> Floats {
    if let known = rotaryTables[key] { return known }
    let table = Floats(make(key))
    rotaryTables[key] = table
    return table
  }

  private var imageTower: VisionTowerSpec? {
    for segment in program.segments {
      if case .patchEmbedding(let tower) = segment.spec { return tower }
    }
    return nil
  }

  /// lambda as cosines of growing frequency, `cos(pi lambda j)`, `[samples, width]`.
  private func code(of lambdas: [Float], plan: SegmentPlan) -> Floats? {
    guard let width = plan.segment.spec.blockWidth else { return nil }
    return Floats(
      lambdas.flatMap { lambda in
        (0..<width).map { RotaryTable.cosine(.pi * Double(lambda) * Double($0)) }
      })
  }
}
