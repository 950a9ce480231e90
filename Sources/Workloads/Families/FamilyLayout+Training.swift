extension FamilyLayout {
  /// The layout with towers of which only some parameters are trained.
  func training(_ partial: [String: Trainability]) -> FamilyLayout {
    var layout = self
    func trained(_ path: TowerPath) -> TowerPath { path.training(partial[path.name] ?? .all) }
    layout.imageChain = imageChain.map(trained)
    layout.textChain = textChain.map(trained)
    layout.tail = tail.map(trained)
    layout.connect()
    layout.imageChain = layout.imageChain.map { $0.endingGradients() }
    layout.textChain = layout.textChain.map { $0.endingGradients() }
    layout.tail = layout.tail.map { $0.endingGradients() }
    for index in layout.towers.indices {
      let name = layout.towers[index].name
      guard let training = partial[name] else { continue }
      let count = layout.trainedElements(of: name)
      layout.towers[index].trained = count
      layout.towers[index].trainable = count > 0
      if case .lora = training { layout.towers[index].parameters += count }
    }
    return layout
  }

  /// Says which paths want gradients of what others have made.
  private mutating func connect() {
    var isTrainedBefore = false
    for index in imageChain.indices {
      imageChain[index].inputNeedsGradient = isTrainedBefore
      if imageChain[index].role == .bridge {
        imageChain[index].crossNeedsGradient = isTrainedBefore || trainsTokenNorm
      }
      isTrainedBefore = isTrainedBefore || imageChain[index].trainable
    }
    let isImageTrained = imageChain.first?.trainable ?? false
    // The decoder reads what the text's blocks leave to its head.
    let isTextTrained = textChain.contains { path in
      path.entries.indices.contains {
        if case .textHead = path.entries[$0].spec { path.need(at: $0).input } else { false }
      }
    }
    for index in tail.indices {
      switch tail[index].role {
      case .decoder:
        tail[index].inputNeedsGradient = isTextTrained
        tail[index].crossNeedsGradient = isImageTrained
      case .matching, .caption:
        tail[index].crossNeedsGradient = isImageTrained || trainsTokenNorm
      case .language: tail[index].inputNeedsGradient = isTrainedBefore
      default: break
      }
    }
  }

  /// Whether the norm between an image tower and a Q-Former is trained: it is the Q-Former's.
  private var trainsTokenNorm: Bool {
    imageChain.contains { path in
      path.entries.indices.contains {
        if case .tokenNorm = path.entries[$0].spec { path.trainsWeights(at: $0) } else { false }
      }
    }
  }

  /// Parameters of a tower without its adapters.
  func ownParameters(of tower: StepProgram.Tower) -> Int {
    let isAdapted = paths(of: tower.name).contains { path in
      path.entries.contains { $0.trained?.adapters != nil }
    }
    return tower.parameters - (isAdapted ? tower.trained : 0)
  }
}
