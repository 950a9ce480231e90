public import CostModel
public import Quantities
public import Strategies

/// The answer of a search.
public struct PlanResult: Sendable {
  /// The scenario's fixed strategy, priced as it stands; nil where it breaks a rule.
  public var fixed: Estimate?
  /// Plans that fit, best first, at most as many as were asked for.
  public var plans: [Estimate]
  /// Positions in `plans` of those that no other plan beats in both time and memory.
  public var pareto: Set<Int>
  /// Every plan that fits as a point: step seconds and peak bytes, for the scatter.
  public var points: [(step: Seconds, peak: Bytes)]
  /// What was turned down, one entry per rule with an example, with the count.
  public var rejected: [(rejection: Rejection, count: Int)]
  /// Strategies whose time and memory were computed.
  public var searched: Int
  /// Strategies that a rule excluded before that.
  public var pruned: Int
  /// Threads of the search.
  public var threads: Int
  /// Wall time of the search, measured by the caller.
  public var seconds: Double
  /// What one more unit of a resource would save, of the best plan.
  public var shadowPrices: [ShadowPrice]
  /// Why there is no plan: the binding constraint and the smallest relaxation; nil if there is.
  public var infeasible: String?

  /// What one more unit of a resource saves.
  public struct ShadowPrice: Sendable, Hashable {
    /// For example `memory`.
    public var resource: String
    /// For example `GiB`.
    public var unit: String
    /// Step seconds saved per unit.
    public var stepSeconds: Double
    /// The same as a share of the step.
    public var share: Double

    /// A shadow price.
    public init(resource: String, unit: String, stepSeconds: Double, share: Double) {
      self.resource = resource
      self.unit = unit
      self.stepSeconds = stepSeconds
      self.share = share
    }
  }

  /// A result from its parts.
  public init(
    fixed: Estimate?, plans: [Estimate], pareto: Set<Int>,
    points: [(step: Seconds, peak: Bytes)], rejected: [(rejection: Rejection, count: Int)],
    searched: Int, pruned: Int, threads: Int, seconds: Double, shadowPrices: [ShadowPrice],
    infeasible: String?
  ) {
    self.fixed = fixed
    self.plans = plans
    self.pareto = pareto
    self.points = points
    self.rejected = rejected
    self.searched = searched
    self.pruned = pruned
    self.threads = threads
    self.seconds = seconds
    self.shadowPrices = shadowPrices
    self.infeasible = infeasible
  }
}
