public import Quantities
public import Strategies

/// The answer for one strategy: time, memory, money, energy, each with what it rests on.
///
/// Mirrors the estimate object of the JSON contract; `Reporting` turns it into text.
public struct Estimate: Sendable {
  /// The scenario's id.
  public var scenario: String
  /// The hardware profile's id.
  public var hardware: String
  /// The accelerator's name and visible memory, repeated on every output.
  public var acceleratorName: String
  /// Accelerators of the run.
  public var accelerators: Int
  /// The model's id.
  public var model: String
  /// Parameters of the model, without what the calibration method adds.
  public var parameters: Int
  /// Parameters that are trained, with what the method adds.
  public var trainableParameters: Int
  /// Forward FLOP of one sample through the plain model with every patch kept.
  public var forwardFlopsPerSample: Flops
  /// Samples per optimizer step.
  public var globalBatch: Int
  /// Samples of the run.
  public var samplesSeen: Double
  /// The strategy.
  public var strategy: Strategy
  /// The calibration method's settings are those of this workload.
  public var workload: Workload
  /// One optimizer step, 90 % interval.
  public var step: Interval<Second>
  /// Parts of the typical step; they sum to it.
  public var breakdown: StepBreakdown
  /// Parts of the typical step by the term that they are uncertain through; they sum to it.
  public var terms = StepTerms()
  /// Typical seconds by phase name of the JSON contract; they sum to the typical step.
  public var phases: [(name: String, time: Seconds)]
  /// Samples per second and accelerator.
  public var samplesPerSecondPerAccelerator: Range90
  /// Optimizer steps of the run.
  public var steps: Double
  /// Wall time of the run with restarts, checkpoints and evaluation.
  public var wall: Interval<Second>
  /// Accelerator-hours used.
  public var acceleratorHours: Interval<AcceleratorHour>
  /// Accelerator-hours billed for whole nodes, typical.
  public var billedAcceleratorHours: AcceleratorHours
  /// Node-hours, typical.
  public var nodeHours: Double
  /// Money; nil where no price is known, which is not 0.
  public var cost: Interval<USDollar>?
  /// Electricity of the facility.
  public var energy: Interval<Joule>?
  /// Emissions; nil where the grid is unknown.
  public var carbon: Interval<GramOfCarbon>?
  /// Model FLOPs utilisation: needed FLOP over time and peak (recomputation not counted).
  public var modelFlopsUtilization: Double
  /// The same with everything that is executed.
  public var hardwareFlopsUtilization: Double
  /// The largest micro-batch that fits with everything else unchanged; nil where none was asked.
  public var maxMicroBatch: Int?
  /// Memory per device at the fullest instant.
  public var memory: MemoryEstimate
  /// Overheads of the calibration method against its baselines; empty for plain training.
  public var overheads: [Overhead]
  /// Run level.
  public var run: RunEstimate
  /// What the numbers rest on.
  public var assumptions: [Assumption]
  /// For example `input_bound`, `out_of_range: ...`, `not validated on GPU`.
  public var flags: [String]

  /// An estimate from its parts.
  public init(
    scenario: String, hardware: String, acceleratorName: String, accelerators: Int, model: String,
    parameters: Int, trainableParameters: Int, forwardFlopsPerSample: Flops, globalBatch: Int,
    samplesSeen: Double, strategy: Strategy, workload: Workload, step: Interval<Second>,
    breakdown: StepBreakdown, phases: [(name: String, time: Seconds)],
    samplesPerSecondPerAccelerator: Range90, steps: Double, wall: Interval<Second>,
    acceleratorHours: Interval<AcceleratorHour>, billedAcceleratorHours: AcceleratorHours,
    nodeHours: Double, cost: Interval<USDollar>?, energy: Interval<Joule>?,
    carbon: Interval<GramOfCarbon>?, modelFlopsUtilization: Double,
    hardwareFlopsUtilization: Double, maxMicroBatch: Int?, memory: MemoryEstimate,
    overheads: [Overhead], run: RunEstimate, assumptions: [Assumption], flags: [String]
  ) {
    self.scenario = scenario
    self.hardware = hardware
    self.acceleratorName = acceleratorName
    self.accelerators = accelerators
    self.model = model
    self.parameters = parameters
    self.trainableParameters = trainableParameters
    self.forwardFlopsPerSample = forwardFlopsPerSample
    self.globalBatch = globalBatch
    self.samplesSeen = samplesSeen
    self.strategy = strategy
    self.workload = workload
    self.step = step
    self.breakdown = breakdown
    self.phases = phases
    self.samplesPerSecondPerAccelerator = samplesPerSecondPerAccelerator
    self.steps = steps
    self.wall = wall
    self.acceleratorHours = acceleratorHours
    self.billedAcceleratorHours = billedAcceleratorHours
    self.nodeHours = nodeHours
    self.cost = cost
    self.energy = energy
    self.carbon = carbon
    self.modelFlopsUtilization = modelFlopsUtilization
    self.hardwareFlopsUtilization = hardwareFlopsUtilization
    self.maxMicroBatch = maxMicroBatch
    self.memory = memory
    self.overheads = overheads
    self.run = run
    self.assumptions = assumptions
    self.flags = flags
  }
}
