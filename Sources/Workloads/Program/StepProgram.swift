/// One training step of one rank, described once and read by four readers.
///
/// The cost model prices its kernels, the memory model walks its tensors, the simulation places it
/// on streams, the training core executes it. It is short: 64 identical blocks are one step of a
/// phase with a count.
public struct StepProgram: Sendable, Hashable {
  /// The towers and what of them is trained.
  public var towers: [Tower]
  /// Distinct segments at their shapes; steps refer to them by position.
  public var segments: [Segment]
  /// Phases in the order in which they run.
  public var phases: [Phase]
  /// The passes that forwards and backwards belong to; steps refer to them by position.
  public var passes: [Pass] = []
  /// Samples of one rank and micro-batch.
  public var microBatch: Int
  /// Micro-batches per optimizer step.
  public var accumulation: Int

  /// A program of phases.
  public init(
    towers: [Tower], segments: [Segment], phases: [Phase], passes: [Pass] = [], microBatch: Int,
    accumulation: Int = 1
  ) {
    self.towers = towers
    self.segments = segments
    self.phases = phases
    self.passes = passes
    self.microBatch = microBatch
    self.accumulation = accumulation
  }

  /// Parameters of one tower.
  public struct Tower: Sendable, Hashable {
    /// For example `image`, `text`, `qformer`, `language`, `loss`.
    public var name: String
    /// All parameters, conditioning included.
    public var parameters: Int
    /// Whether any of them are trained.
    public var trainable: Bool
    /// How many of them are trained.
    public var trained: Int
    /// Copies that are held beside the trained one without being trained (anchors).
    public var isReference: Bool

    /// A tower.
    public init(name: String, parameters: Int, trainable: Bool, isReference: Bool = false) {
      self.name = name
      self.parameters = parameters
      self.trainable = trainable
      trained = trainable ? parameters : 0
      self.isReference = isReference
    }

    /// Parameters that are not trained.
    public var frozen: Int { parameters - trained }
    /// Whether some of its parameters are trained and some are not.
    public var isPartlyTrained: Bool { trainable && frozen > 0 }
  }

  /// A segment at a shape, in a style.
  public struct Segment: Sendable, Hashable {
    /// What it computes.
    public var spec: SegmentSpec
    /// Samples and tokens.
    public var shape: BlockShape
    /// What the software stack makes of it.
    public var style: KernelStyle
    /// The tower that owns its parameters.
    public var tower: Int

    /// A segment.
    public init(spec: SegmentSpec, shape: BlockShape, style: KernelStyle, tower: Int) {
      self.spec = spec
      self.shape = shape
      self.style = style
      self.tower = tower
    }
  }

  /// A phase: steps, repeated for every micro-batch of an accumulation.
  public struct Phase: Sendable, Hashable {
    /// Its name in reports.
    public var name: PhaseName
    /// What runs, in order.
    public var steps: [Step]
    /// How often within one optimizer step.
    public var repeats: Int
    /// Only every so many optimizer steps; its time counts in this share, its memory fully.
    public var every: Int
    /// Phases that follow each other with the same number run together, once for every
    /// micro-batch; `repeats` then counts all micro-batches together.
    public var loop: Int?
    /// Whether every repeat works on the following block of the tower.
    public var advances = false

    /// A phase.
    public init(
      _ name: PhaseName, _ steps: [Step], repeats: Int = 1, every: Int = 1, loop: Int? = nil
    ) {
      self.name = name
      self.steps = steps
      self.repeats = repeats
      self.every = every
      self.loop = loop
    }
  }

  /// The names of phases, as in the JSON contract.
  public enum PhaseName: String, Sendable, Hashable, CaseIterable {
    /// The text tower's forward.
    case textForward = "text_forward"
    /// The image tower's forward on clean images, bridge included.
    case imageForward = "image_forward"
    /// All attack steps: forward and input-only backward.
    case attack = "attack"
    /// The forward on attacked images.
    case adversarialForward = "adversarial_forward"
    /// Forward and backward of losses.
    case loss = "loss"
    /// Backward of the towers, recomputed forwards included.
    case backward = "backward"
    /// Parameter update.
    case optimizer = "optimizer"
  }
}

/// What a forward keeps for its backward.
public enum Keep: Sendable, Hashable {
  /// Nothing: inference.
  case nothing
  /// All that the need requires.
  case all
  /// All but attention's core (Korthikanti et al., arXiv 2205.05198: selective recomputation).
  case selective
  /// The input only: the whole segment runs again (full recomputation).
  case input
}

/// One step of a phase.
public enum Step: Sendable, Hashable {
  /// `count` repetitions of a segment's forward; `blocks` says which of a tower's blocks.
  case forward(
    segment: Int, count: Int, keep: Keep, need: GradientNeed, blocks: BlockRange?, pass: Int)
  /// `count` repetitions of a segment's backward, with what `keep` says run again before.
  case backward(
    segment: Int, count: Int, keep: Keep, need: GradientNeed, blocks: BlockRange?,
    synchronises: Bool, pass: Int)
  /// A collective among the data-parallel ranks.
  case collective(Collective)
  /// A buffer that lives from here on.
  case hold(Buffer)
  /// The end of a buffer's life.
  case drop(Buffer)
  /// Kernels that belong to no segment, priced by bytes.
  case pass(ElementwisePass)
  /// The parameter update of all trained towers.
  case update
}

extension StepProgram {
  /// Parameters of all towers that are part of the model (references left out).
  public var parameters: Int {
    towers.reduce(0) { $0 + ($1.isReference ? 0 : $1.parameters) }
  }

  /// Parameters that are trained.
  public var trainableParameters: Int {
    towers.reduce(0) { $0 + $1.trained }
  }
}
