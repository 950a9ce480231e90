import Clusters
import Strategies
import Workloads

/// The strategies of a scenario's search, in a fixed order.
///
/// Global batch, samples seen and calibration knobs stay as they are; what varies is how the work
/// is cut and what is kept.
struct StrategySpace {
  let scenario: Scenario
  /// Towers whose recomputation and attention are chosen: those with repeated blocks.
  let towers: [String]

  init(_ scenario: Scenario) {
    self.scenario = scenario
    towers = scenario.workload.model.blockTowerNames
  }

  private var fixed: Strategy { scenario.strategy }
  private var search: SearchSpace { scenario.search }

  /// Whether some way to cut the model leaves ranks that divide the global batch.
  var ranksDivideBatch: Bool {
    cuts.contains {
      scenario.workload.globalBatch
        % max(1, scenario.cluster.accelerators / ($0.tensor * $0.pipeline)) == 0
    }
  }

  /// Calibration settings to search over: the orders of the branches, equal knobs.
  var calibrations: [CalibrationSettings] {
    guard let branches = search.branches else { return [scenario.workload.calibration] }
    let isBranched =
      scenario.workload.calibration.method == .lsaITC
      || scenario.workload.calibration.method == .lsaITCSequential
    guard isBranched else { return [scenario.workload.calibration] }
    return branches.map { method in
      var settings = scenario.workload.calibration
      settings.method = method
      return settings
    }
  }

  /// How a model may be cut over ranks: tensor-parallel, with or without cut tokens, and pipeline
  /// degrees, interleaved where the blocks divide.
  private var cuts: [Cut] {
    let layers = towers.reduce(0) {
      $0 + scenario.workload.model.blockGroups(of: $1).reduce(0, +)
    }
    let isSequence: Bool
    if case .languageModel(let model) = scenario.workload.model.family {
      isSequence = model.encoderLayers == 0
    } else {
      isSequence = false
    }
    var cuts: [Cut] = []
    for tensor in search.tensorParallel ?? [fixed.tensorParallel] {
      for pipeline in search.pipelineParallel ?? [fixed.pipelineParallel] {
        let chunks = pipeline > 1 ? (1...4).filter { layers % (pipeline * $0) == 0 } : [1]
        for chunk in chunks.isEmpty ? [1] : chunks {
          for sequence in tensor > 1 && isSequence ? [false, true] : [false] {
            cuts.append(
              Cut(tensor: tensor, pipeline: pipeline, chunks: chunk, sequence: sequence))
          }
        }
      }
    }
    return cuts
  }

  /// One way to cut a model over ranks.
  private struct Cut {
    var tensor: Int
    var pipeline: Int
    var chunks: Int
    var sequence: Bool
  }

  /// Strategies without recomputation choices: batch, ZeRO, precision, attention, gather, and how
  /// the model is cut.
  func skeletons() -> [Strategy] {
    cuts.flatMap { cut -> [Strategy] in
      let accelerators = scenario.cluster.accelerators
      let model = cut.tensor * cut.pipeline
      // Degrees that do not fill the cluster are turned down by a rule, with their numbers.
      let ranks = max(1, accelerators / model)
      let global = scenario.workload.globalBatch
      guard global % ranks == 0 else { return [] }
      return skeletons(cut, ranks: ranks, local: global / ranks)
    }
  }

  private func skeletons(_ cut: Cut, ranks: Int, local: Int) -> [Strategy] {
    guard local > 0 else { return [] }
    let micro = search.microBatches ?? Self.divisors(of: local)
    let accumulations = search.accumulations.map(Set.init)
    let stages = search.zeroStages ?? (ranks > 1 ? fixed.software.zeroStages : [fixed.zeroStage])
    let precisions = search.precisions ?? [fixed.precision]
    let gathers =
      search.gathers
      ?? (scenario.workload.isContrastive
        ? ContrastiveGather.allCases : [fixed.contrastiveGather])
    let kernels = search.attention ?? availableAttention
    var result: [Strategy] = []
    for microBatch in micro.sorted(by: >) where microBatch > 0 && local % microBatch == 0 {
      let accumulation = local / microBatch
      if let accumulations, !accumulations.contains(accumulation) { continue }
      for attention in Self.assignments(of: kernels, to: towers) {
        for precision in precisions {
          for gather in gathers {
            for stage in stages {
              var strategy = fixed
              strategy.microBatch = microBatch
              strategy.accumulation = accumulation
              strategy.dataParallel = ranks
              strategy.tensorParallel = cut.tensor
              strategy.pipelineParallel = cut.pipeline
              strategy.virtualPipeline = cut.chunks
              strategy.sequenceParallel = cut.sequence
              strategy.attention = attention
              strategy.precision = precision
              strategy.contrastiveGather = gather
              strategy.zeroStage = stage
              strategy.recomputation = [:]
              result.append(strategy)
            }
          }
        }
      }
    }
    return result
  }

  /// Attention kernels that both the software and the device have.
  private var availableAttention: [AttentionKernel] {
    let device = scenario.cluster.profile.efficiency.attention
    let both = fixed.software.attention.filter { $0 != .flash || !device.isEmpty }
    return both.isEmpty ? [fixed.defaultAttention] : both
  }

  /// Recomputation plans to try on a skeleton: every choice for every tower, per-block counts in
  /// quarters (the integer program refines the best of them).
  func recomputations() -> [[String: RecomputationPlan]] {
    let choices = search.recomputation ?? RecomputationChoice.allCases
    var perTower: [[RecomputationPlan]] = []
    for tower in towers {
      let groups = scenario.workload.model.blockGroups(of: tower)
      var plans: [RecomputationPlan] = []
      for choice in choices {
        switch choice {
        case .none: plans.append(.none)
        case .selective: plans.append(.selective)
        case .full: plans.append(.full)
        case .perBlock:
          for quarter in 1...3 {
            plans.append(
              RecomputationPlan(
                .perBlock(groups.map { .init(full: $0 * quarter / 4, selective: 0) })))
          }
        }
      }
      perTower.append(plans)
    }
    var result: [[String: RecomputationPlan]] = [[:]]
    for (tower, plans) in zip(towers, perTower) {
      result = result.flatMap { base in
        plans.map { plan in
          var extended = base
          extended[tower] = plan
          return extended
        }
      }
    }
    return result
  }

  /// All ways to give each tower one of the kernels.
  static func assignments(
    of kernels: [AttentionKernel], to towers: [String]
  ) -> [[String: AttentionKernel]] {
    towers.reduce([[:]]) { partial, tower in
      partial.flatMap { base in
        kernels.map { kernel in
          var extended = base
          extended[tower] = kernel
          return extended
        }
      }
    }
  }

  /// All divisors, ascending.
  static func divisors(of number: Int) -> [Int] {
    guard number > 0 else { return [] }
    var small: [Int] = []
    var large: [Int] = []
    var candidate = 1
    while candidate * candidate <= number {
      if number % candidate == 0 {
        small.append(candidate)
        if candidate != number / candidate { large.append(number / candidate) }
      }
      candidate += 1
    }
    return small + large.reversed()
  }
}
