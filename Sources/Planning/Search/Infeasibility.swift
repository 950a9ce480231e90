import Clusters
import Quantities
import Strategies

/// Says why nothing fits, and the smallest change that helps.
struct Infeasibility {
  let search: Search
  let rejections: [(rejection: Rejection, count: Int)]

  /// One or two sentences.
  var sentence: String {
    let scenario = search.scenario
    let cluster = scenario.cluster
    if !StrategySpace(scenario).ranksDivideBatch {
      let global = scenario.workload.globalBatch
      return
        "the global batch \(global) is not a multiple of \(cluster.accelerators) data-parallel ranks; nearest counts that divide it: \(Self.nearest(global, to: cluster.accelerators))"
    }
    guard let leanest = search.leanest else {
      let rules = rejections.map { "\($0.rejection.rule) (\($0.count)): \($0.rejection.detail)" }
      return "every strategy breaks a rule: " + rules.joined(separator: "; ")
    }
    let capacity = cluster.profile.accelerator.memory.value
    if leanest.peak > capacity.value {
      let strategy = leanest.strategy
      let missing = Bytes(leanest.peak - capacity.value)
      return
        "memory: the leanest strategy (micro-batch \(strategy.microBatch), ZeRO-\(strategy.zeroStage)) needs \(Bytes(leanest.peak)) of \(capacity), \(missing) too much; "
        + relaxation
    }
    let limits = rejections.filter { ["deadline", "budget"].contains($0.rejection.rule) }
    return limits.map(\.rejection.detail).joined(separator: "; ")
  }

  /// What would help most cheaply.
  private var relaxation: String {
    let scenario = search.scenario
    let stages = scenario.strategy.software.zeroStages
    if !stages.contains(3) {
      return
        "\(scenario.strategy.software.id) has no ZeRO-3; a stack with it shards the weights too"
    }
    return "more accelerators shard the state further, a device with more memory holds it"
  }

  private static func nearest(_ global: Int, to ranks: Int) -> String {
    let divisors = StrategySpace.divisors(of: global)
    let below = divisors.last { $0 < ranks }
    let above = divisors.first { $0 > ranks }
    return [below, above].compactMap { $0.map(String.init) }.joined(separator: " and ")
  }
}
