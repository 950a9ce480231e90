public import Clusters
public import Quantities
public import Strategies
public import Workloads

/// A question: one workload, one cluster, one fixed strategy, what may vary, what counts.
public struct Scenario: Sendable {
  /// File name without ending, or `command-line`.
  public var id: String
  /// One line for people.
  public var title: String
  /// What is trained, with the chosen calibration method.
  public var workload: Workload
  /// Settings of every method, from the file's blocks or the method's defaults.
  public var calibrations: [CalibrationMethod: CalibrationSettings]
  /// Where it runs.
  public var cluster: Cluster
  /// What `estimate` prices. Its micro-batch, accumulation and ranks multiply to the global batch.
  public var strategy: Strategy
  /// What `plan` may vary.
  public var search: SearchSpace
  /// What makes a plan better.
  public var objective: Objective
  /// Limits.
  public var constraints: Constraints
  /// What a budget needs beside the run.
  public var campaign: Campaign
  /// Assumed or published settings of the file itself, for the report.
  public var assumptions: [(key: String, value: String, origin: Origin, source: String)]

  /// Limits on a plan.
  public struct Constraints: Sendable, Hashable {
    /// Longest wall time.
    public var deadline: Seconds?
    /// Most money.
    public var budget: USDollars?
    /// No limits.
    public init() {}
  }

  /// Runs beside the one that is planned, as shares of it.
  public struct Campaign: Sendable, Hashable {
    /// Full repeats of the run.
    public var repeats = 1
    /// Trial runs and the share of the samples that each sees.
    public var trials = 0
    /// Share of the samples of one trial.
    public var trialShare = 0.0
    /// Share of work lost in failed runs.
    public var failedRuns = 0.0
    /// Share of time for evaluation, a part of the wall time.
    public var evaluation = 0.0
    /// The single run alone.
    public init() {}
  }

  /// A scenario from its parts.
  public init(
    id: String, title: String, workload: Workload,
    calibrations: [CalibrationMethod: CalibrationSettings], cluster: Cluster, strategy: Strategy,
    search: SearchSpace, objective: Objective, constraints: Constraints, campaign: Campaign,
    assumptions: [(key: String, value: String, origin: Origin, source: String)]
  ) {
    self.id = id
    self.title = title
    self.workload = workload
    self.calibrations = calibrations
    self.cluster = cluster
    self.strategy = strategy
    self.search = search
    self.objective = objective
    self.constraints = constraints
    self.campaign = campaign
    self.assumptions = assumptions
  }
}
