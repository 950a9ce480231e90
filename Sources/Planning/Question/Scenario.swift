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
  /// The fixed strategy, which `estimate` prices.
  ///
  /// Its micro-batch, accumulation and ranks multiply to the global batch.
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
  /// What the calibration method is compared with.
  public var baselines = CalibrationBaseline.allCases
  /// The file of a model outside the zoo.
  public var modelFile: ModelFile?
  /// Source ids of the file to citations.
  public var sources: [String: String] = [:]

  /// A model that a file of the user describes.
  public struct ModelFile: Sendable, Hashable {
    /// Its path.
    public var path: String
    /// How it is written, for example `open-clip`.
    public var format: String
    /// A model file.
    public init(path: String, format: String) {
      self.path = path
      self.format = format
    }
  }

  /// Limits on a plan.
  public struct Constraints: Sendable, Hashable {
    /// Longest wall time.
    public var deadline: Seconds?
    /// Most money.
    public var budget: USDollars?
    /// Closer than this share to the usable memory is `tight`.
    public var memoryMargin = 0.08
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
    /// Time between checkpoints; nil: from checkpoint size, storage rate and failures.
    public var checkpointInterval: Seconds?
    /// Nodes that are paid for and wait for a failure.
    public var spareNodes = 0
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

/// What a calibration method's overhead is measured against (same samples, same batch).
public enum CalibrationBaseline: String, Sendable, Hashable, CaseIterable {
  /// Plain training.
  case plain
  /// Adversarial training at one lambda: every sample has an adversarial branch.
  case fixedLambda = "fixed-lambda"
  /// The same with the method's own share of attacked samples.
  case fixedLambdaMatched = "fixed-lambda-matched"
  /// Adversarial samples alone.
  case adversarialOnly = "adversarial-only"
  /// One training per value of lambda.
  case oneRunPerLambda = "one-run-per-lambda"
  /// A plain and an adversarial training with weights interpolated between them.
  case twoEndPoints = "two-end-points"
}
