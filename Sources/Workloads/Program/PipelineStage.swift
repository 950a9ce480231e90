/// One stage of a pipeline: which blocks, and whether embedding and head are among them.
///
/// A stage that holds several chunks of an interleaved schedule is described by all its blocks
/// together: order changes the bubble and what is in flight, not the work.
public struct PipelineStage: Sendable, Hashable {
  /// Position, from 0.
  public var index: Int
  /// Stages, p.
  public var count: Int

  /// A stage.
  ///
  /// - Precondition: `0 <= index < count`.
  public init(index: Int, count: Int) {
    precondition(index >= 0 && index < count, "stage \(index) of \(count)")
    self.index = index
    self.count = count
  }

  /// The whole model.
  public static let whole = PipelineStage(index: 0, count: 1)

  /// Whether it has the embedding.
  public var isFirst: Bool { index == 0 }
  /// Whether it has the head and the loss.
  public var isLast: Bool { index == count - 1 }

  /// How many of `layers` blocks it has.
  ///
  /// What does not divide goes to the middle stages first: embedding and head weigh about a block
  /// each, and the ends have them (BLOOM: 70 blocks on 12 stages, arXiv 2211.05100, section 3.3.1).
  public func blocks(of layers: Int) -> Int {
    let base = layers / count
    let rest = layers % count
    guard count > 2 else { return base + (index < rest ? 1 : 0) }
    // Middle stages in order, then the first one, then the last.
    let turn = isFirst ? count - 2 : isLast ? count - 1 : index - 1
    return base + (turn < rest ? 1 : 0)
  }
}

extension TowerPath {
  /// The part of the path that a stage runs.
  func staged(_ stage: PipelineStage) -> TowerPath {
    guard stage.count > 1 else { return self }
    var path = self
    let layers = blocks
    let first = (0..<stage.index).reduce(0) {
      $0 + PipelineStage(index: $1, count: stage.count).blocks(of: layers)
    }
    let end = first + stage.blocks(of: layers)
    path.entries = []
    var seen = 0
    var isTrainedBefore = false
    for (index, entry) in entries.enumerated() {
      let isBefore = entry.spec.isBlock ? seen < first : seen == 0 && !stage.isFirst
      if isBefore, trainsWeights(at: index) { isTrainedBefore = true }
      guard entry.spec.isBlock else {
        if seen == 0 ? stage.isFirst : stage.isLast { path.entries.append(entry) }
        continue
      }
      let count = min(end, seen + entry.count) - max(first, seen)
      seen += entry.count
      guard count > 0 else { continue }
      var part = entry
      part.count = count
      path.entries.append(part)
    }
    if !stage.isFirst { path.inputNeedsGradient = isTrainedBefore || inputNeedsGradient }
    return path
  }

  /// Elements of the table that a tied head reads; 0 without one.
  func tiedElements(_ sharding: Sharding) -> Int {
    entries.reduce(0) { sum, entry in
      guard case .languageHead(let model) = entry.spec, model.tiedEmbeddings else { return sum }
      return sum + sharding.share(model.vocabulary) * model.block.width
    }
  }
}

extension FamilyLayout {
  /// What one rank has of the layout: its stage of every path, its share of every layer.
  func onOneRank(sharding: Sharding, stage: PipelineStage) -> FamilyLayout {
    guard sharding != .none || stage.count > 1 else { return self }
    var layout = self
    layout.imageChain = imageChain.map { $0.staged(stage) }
    layout.textChain = textChain.map { $0.staged(stage) }
    layout.tail = tail.map { $0.staged(stage) }
    let whole = imageChain + textChain + tail
    let parts = layout.imageChain + layout.textChain + layout.tail
    for index in layout.towers.indices {
      let name = layout.towers[index].name
      let before = whole.filter { $0.name == name }.reduce(0) { $0 + $1.parameterElements }
      guard before > 0 else { continue }
      let after = parts.filter { $0.name == name }.reduce(0) { sum, path in
        // A tied table exists on the first stage and again on the last.
        let again = stage.count > 1 && stage.isLast ? path.tiedElements(sharding) : 0
        return sum + path.parameterElements(sharding) + again
      }
      let tower = layout.towers[index]
      layout.towers[index].parameters = Int(
        (Double(tower.parameters) * Double(after) / Double(before)).rounded())
      if tower.isPartlyTrained {
        layout.towers[index].trained = layout.trainedElements(of: name, sharding: sharding)
      } else {
        layout.towers[index].trained = tower.trainable ? layout.towers[index].parameters : 0
      }
    }
    return layout
  }
}
