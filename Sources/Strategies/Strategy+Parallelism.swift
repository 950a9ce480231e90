import Workloads

/// Rules of layers that ranks share and of pipelines.
extension Strategy {
  /// The rules of tensor, sequence and pipeline parallelism that are broken, with numbers.
  func parallelViolations(workload: Workload) -> [(rule: LegalityRule, detail: String)] {
    var broken = partlyTrainedProblems(workload).map {
      (rule: LegalityRule.partlyTrained, detail: $0)
    }
    if tensorParallel > 1 || sequenceParallel {
      if !software.tensorParallel {
        broken.append((.parallelismSupported, "\(software.id) has no tensor parallelism"))
      }
      broken += tensorProblems(workload.model).map { (.tensorDivides, $0) }
    }
    if pipelineParallel > 1 || virtualPipeline > 1 {
      if !software.pipelineParallel {
        broken.append((.parallelismSupported, "\(software.id) has no pipeline parallelism"))
      }
      if let problem = chainProblem(workload) {
        broken.append((.pipelineChain, problem))
      } else {
        broken += stageProblems(workload.model).map { (.pipelineDivides, $0) }
      }
      if zeroStage > 1 {
        broken.append((.zeroSupported, "ZeRO stage \(zeroStage) cannot be pipelined"))
      }
    }
    return broken
  }

  /// Adapters of a product that is cut need reductions of their own, and stages without a trained
  /// block have no backward.
  private func partlyTrainedProblems(_ workload: Workload) -> [String] {
    workload.partial.sorted { $0.key < $1.key }.compactMap { tower, training in
      switch training {
      case .lora where tensorParallel > 1:
        "tower \(tower) has adapters, its layers are shared by \(tensorParallel) ranks"
      case .lastBlocks(let count) where pipelineParallel > 1:
        "tower \(tower) trains its last \(count) blocks on \(pipelineParallel) stages"
      default: nil
      }
    }
  }

  private func tensorProblems(_ model: ModelSpec) -> [String] {
    let ranks = tensorParallel
    guard let blocks = model.shardableBlocks else {
      return ["the Q-Former's blocks are not cut in this model"]
    }
    var problems: [String] = []
    for (tower, block) in blocks {
      if block.heads % ranks != 0 {
        problems.append("tower \(tower) has \(block.heads) heads for \(ranks) ranks")
      }
      let keys = block.keyValueHeads
      if keys % ranks != 0, ranks % keys != 0 {
        problems.append("tower \(tower) has \(keys) key heads for \(ranks) ranks")
      }
      if block.mlpWidth % ranks != 0 {
        problems.append("tower \(tower) has \(block.mlpWidth) hidden units for \(ranks) ranks")
      }
      if block.attentionSubNorm || block.mlpSubNorm {
        problems.append("tower \(tower) normalises over all heads or hidden units inside a branch")
      }
    }
    guard sequenceParallel else { return problems }
    if ranks == 1 { problems.append("sequence parallelism needs tensor-parallel ranks") }
    if case .languageModel(let language) = model.family, language.encoderLayers == 0 {
      if language.tokens % ranks != 0 {
        problems.append("\(language.tokens) tokens for \(ranks) ranks")
      }
    } else {
      problems.append(
        "sequence parallelism is modelled for decoder or encoder language models only")
    }
    return problems
  }

  /// Why a pipeline cannot cut the model or the method; nil where it can.
  private func chainProblem(_ workload: Workload) -> String? {
    guard workload.model.streamElements > 0 else {
      return "\(workload.model.id) has several towers"
    }
    if case .languageModel(let language) = workload.model.family, language.encoderLayers > 0 {
      return "\(workload.model.id) has an encoder and a decoder"
    }
    if workload.calibration.method != .none {
      return "\(workload.calibration.method.rawValue) runs passes through the whole model"
    }
    return nil
  }

  private func stageProblems(_ model: ModelSpec) -> [String] {
    let layers = model.blockTowerNames.reduce(0) {
      $0 + model.blockGroups(of: $1).reduce(0, +)
    }
    var problems: [String] = []
    let chunks = pipelineParallel * virtualPipeline
    if layers < chunks {
      problems.append(
        "\(layers) blocks for \(pipelineParallel) stages of \(virtualPipeline) chunks")
    }
    guard virtualPipeline > 1 else { return problems }
    if pipelineParallel == 1 { problems.append("chunks of a stage need several stages") }
    if layers % chunks != 0 {
      problems.append("\(layers) blocks do not divide into \(chunks) equal chunks")
    }
    if accumulation % pipelineParallel != 0 {
      problems.append(
        "\(accumulation) micro-batches are no multiple of \(pipelineParallel) stages")
    }
    return problems
  }
}
