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

/// Parts of a step's time; they sum to the step.
public struct StepBreakdown: Sendable, Hashable {
  /// Kernels of forward, backward and recomputation.
  public var compute = Seconds.zero
  /// Collectives that nothing hides.
  public var exposedCommunication = Seconds.zero
  /// Idle time of a pipeline.
  public var pipelineBubble = Seconds.zero
  /// The parameter update.
  public var optimizer = Seconds.zero
  /// Waiting for input.
  public var inputStall = Seconds.zero
  /// Waiting for the host to issue kernels.
  public var launch = Seconds.zero

  /// Nothing yet.
  public init() {}

  /// The step.
  public var total: Seconds {
    compute + exposedCommunication + pipelineBubble + optimizer + inputStall + launch
  }
}

/// Memory of one device at the fullest instant of a step, by what is live then.
public struct MemoryEstimate: Sendable, Hashable {
  /// Whether it fits.
  public enum Verdict: String, Sendable, Hashable {
    /// More than 8 % of the usable memory stays free.
    case fits
    /// Fits with less than that to spare.
    case tight
    /// Needs more than there is.
    case doesNotFit = "does_not_fit"
  }

  /// Trained weights in every copy that kernels read.
  public var parameters = Bytes.zero
  /// Weights of frozen towers.
  public var frozenParameters = Bytes.zero
  /// Gradients.
  public var gradients = Bytes.zero
  /// Optimizer states, master weights included.
  public var optimizer = Bytes.zero
  /// Kept activations, temporaries of the running block, images.
  public var activations = Bytes.zero
  /// Features, logits and their gradients.
  public var loss = Bytes.zero
  /// The most that features, logits and their gradients take at any instant; not a part of the peak.
  public var mostLoss = Bytes.zero
  /// Buckets and gathered parameters.
  public var communication = Bytes.zero
  /// Workspace of libraries.
  public var workspace = Bytes.zero
  /// What the allocator holds without using it.
  public var reserve = Bytes.zero
  /// The driver's context.
  public var context = Bytes.zero
  /// The phase in which the peak lies, by its JSON name.
  public var peakPhase = ""
  /// What runs at the peak, for people.
  public var peakInstant = ""
  /// The 90 % interval of the device reading.
  public var peakInterval = Interval<Byte>(exactly: .zero)
  /// Memory that the device has.
  public var capacity = Bytes.zero
  /// Host memory per node that the run needs.
  public var hostNeeded = Bytes.zero
  /// Host memory per node.
  public var hostCapacity = Bytes.zero
  /// Share of memory that must stay free for `fits` instead of `tight`.
  public var margin = MemoryEstimate.margin

  /// Nothing yet.
  public init() {}

  /// As torch's `max_memory_allocated` reads.
  public var allocated: Bytes {
    parameters + frozenParameters + gradients + optimizer + activations + loss + communication
      + workspace
  }
  /// As torch's `max_memory_reserved` reads.
  public var reserved: Bytes { allocated + reserve }
  /// As `nvidia-smi` reads: the peak.
  public var peak: Bytes { reserved + context }
  /// The parts in the order of reports; they sum to `peak`.
  public var parts: [(name: String, bytes: Bytes)] {
    [
      ("parameters", parameters), ("frozen_parameters", frozenParameters),
      ("gradients", gradients), ("optimizer", optimizer), ("activations", activations),
      ("loss", loss), ("communication", communication), ("workspace", workspace),
      ("reserve", reserve), ("context", context),
    ]
  }

  /// The usual margin: 8 %.
  public static let margin = 0.08

  /// The verdict on the typical peak.
  public var verdict: Verdict {
    if peak > capacity { return .doesNotFit }
    return peak > capacity * (1 - margin) ? .tight : .fits
  }
}

/// A calibration method's cost over one baseline.
public struct Overhead: Sendable, Hashable {
  /// For example `plain`, `fixed-lambda`, `one-run-per-lambda`.
  public var baseline: String
  /// One sentence: what the baseline is.
  public var meaning: String
  /// Wall time of the method over the baseline's.
  public var time: Range90
  /// Peak memory over the baseline's.
  public var memory: Range90
  /// Accelerator-hours, and so cost, over the baseline's.
  public var acceleratorHours: Range90

  /// An overhead.
  public init(
    baseline: String, meaning: String, time: Range90, memory: Range90, acceleratorHours: Range90
  ) {
    self.baseline = baseline
    self.meaning = meaning
    self.time = time
    self.memory = memory
    self.acceleratorHours = acceleratorHours
  }
}

/// Failures, checkpoints and the campaign around one run.
public struct RunEstimate: Sendable, Hashable {
  /// Share of wall time that advances the training.
  public var goodput = 1.0
  /// Expected failures.
  public var failures = 0.0
  /// Time between checkpoints.
  public var checkpointInterval = Seconds.zero
  /// Size of a checkpoint.
  public var checkpointBytes = Bytes.zero
  /// Nodes kept in reserve.
  public var spareNodes = 0
  /// In-situ sweep over lambda after training, once.
  public var sweep = Seconds.zero
  /// Lines of the campaign beside the run itself, in accelerator-hours.
  public var campaign: [(name: String, hours: AcceleratorHours)] = []

  /// Nothing yet.
  public init() {}

  /// Equal when every figure is.
  public static func == (left: RunEstimate, right: RunEstimate) -> Bool {
    left.goodput == right.goodput && left.failures == right.failures
      && left.checkpointInterval == right.checkpointInterval
      && left.checkpointBytes == right.checkpointBytes && left.spareNodes == right.spareNodes
      && left.sweep == right.sweep && left.campaign.map(\.name) == right.campaign.map(\.name)
      && left.campaign.map(\.hours) == right.campaign.map(\.hours)
  }

  /// Hashes the main figures.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(goodput)
    hasher.combine(failures)
  }
}

/// One assumption behind an estimate.
public struct Assumption: Sendable, Hashable {
  /// Dotted path, for example `accelerator.memory_bandwidth`.
  public var key: String
  /// The value with its unit.
  public var value: String
  /// Where it comes from.
  public var origin: Origin
  /// The citation.
  public var source: String

  /// An assumption.
  public init(key: String, value: String, origin: Origin, source: String) {
    self.key = key
    self.value = value
    self.origin = origin
    self.source = source
  }
}
