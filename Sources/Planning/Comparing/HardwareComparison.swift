import Workloads
public import Clusters
public import CostModel
import Quantities
import Strategies

/// The same workload on several kinds of hardware, each planned anew.
public struct HardwareComparison: Sendable {
  /// One kind of hardware.
  public struct Entry: Sendable {
    /// The profile's id.
    public var hardware: String
    /// Accelerators.
    public var accelerators: Int
    /// The best plan, or the kept strategy; nil where nothing is possible.
    public var estimate: Estimate?
    /// Why there is none.
    public var reason: String?
  }

  /// What a price would have to be.
  public struct BreakEven: Sendable {
    /// The profile's id.
    public var hardware: String
    /// The price per accelerator-hour at which it costs as much as the cheapest, USD.
    public var price: Double
    /// Its price now, USD; nil where unknown.
    public var now: Double?
    /// That price over the cheapest one's own price per accelerator-hour.
    public var ratio: Double
  }

  /// In the order asked for.
  public var entries: [Entry]

  /// Estimates of what is possible.
  public var estimates: [Estimate] { entries.compactMap(\.estimate) }

  /// The best by each objective, as hardware ids; nil where nothing is known.
  public var best: (time: String?, cost: String?, energy: String?) {
    (
      estimates.min { $0.wall.typical < $1.wall.typical }?.hardware,
      estimates.filter { $0.cost != nil }.min {
        ($0.cost?.typical.value ?? .infinity) < ($1.cost?.typical.value ?? .infinity)
      }?.hardware,
      estimates.filter { $0.energy != nil }.min {
        ($0.energy?.typical.value ?? .infinity) < ($1.energy?.typical.value ?? .infinity)
      }?.hardware
    )
  }

  /// For each kind of hardware the price per accelerator-hour that makes it as cheap as the cheapest.
  public var breakEven: [BreakEven] {
    let priced = estimates.filter { $0.cost != nil }
    guard
      let reference = priced.min(by: {
        ($0.cost?.typical.value ?? .infinity) < ($1.cost?.typical.value ?? .infinity)
      }), let cheapest = reference.cost?.typical.value,
      reference.billedAcceleratorHours.value > 0
    else { return [] }
    let own = cheapest / reference.billedAcceleratorHours.value
    return estimates.compactMap { estimate in
      let hours = estimate.billedAcceleratorHours.value
      guard hours > 0 else { return nil }
      return BreakEven(
        hardware: estimate.hardware, price: cheapest / hours,
        now: estimate.cost.map { $0.typical.value / hours },
        ratio: cheapest / hours / own)
    }
  }
}

/// Compares hardware for one scenario at the same global batch.
public struct Comparer {
  /// The question.
  public let scenario: Scenario
  /// Prices the scenario's own strategy on every cluster instead of searching anew.
  public var keepsStrategy = false

  /// A comparer.
  public init(_ scenario: Scenario) { self.scenario = scenario }

  /// The comparison over clusters.
  public func compare(_ clusters: [Cluster]) -> HardwareComparison {
    HardwareComparison(entries: clusters.map(entry))
  }

  private func entry(_ cluster: Cluster) -> HardwareComparison.Entry {
    var moved = scenario
    moved.cluster = cluster
    moved.strategy = Self.adapted(
      scenario.strategy, to: cluster, global: scenario.workload.globalBatch)
    var entry = HardwareComparison.Entry(
      hardware: cluster.profile.id, accelerators: cluster.accelerators)
    if keepsStrategy {
      let (estimate, broken) = moved.estimate()
      if let estimate, estimate.memory.verdict != .doesNotFit {
        entry.estimate = estimate
      } else if let estimate {
        entry.reason =
          "does not fit: needs \(estimate.memory.peak), has \(estimate.memory.capacity)"
      } else {
        entry.reason = broken.map(\.detail).joined(separator: "; ")
      }
      return entry
    }
    var planner = Planner(moved)
    planner.limit = 1
    let result = planner.plan()
    entry.estimate = result.plans.first
    entry.reason = result.infeasible
    return entry
  }

  /// The strategy on another cluster: ranks follow, the micro-batch keeps the global batch, bf16
  /// becomes fp16 where there are no bf16 units.
  static func adapted(_ strategy: Strategy, to cluster: Cluster, global: Int) -> Strategy {
    var changed = strategy
    changed.dataParallel = cluster.accelerators
    if global % cluster.accelerators == 0 {
      let local = global / cluster.accelerators
      if local % changed.microBatch == 0 {
        changed.accumulation = local / changed.microBatch
      } else {
        changed.microBatch = local
        changed.accumulation = 1
      }
    }
    let peak = cluster.profile.accelerator.peak
    if changed.precision == .ampBF16, peak[.bf16] == nil, peak[.fp16] != nil {
      changed.precision = .ampFP16
    }
    if cluster.profile.efficiency.attention.isEmpty {
      changed.attention = changed.attention.mapValues { _ in .unfused }
      changed.defaultAttention = .unfused
    }
    return changed
  }
}
