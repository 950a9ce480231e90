/// One published operating point: a model, a machine, a strategy and what was measured.
///
/// The schema's fields with the schema's words; `CaseSetup` turns them into this project's nouns.
public struct PublishedCase: Sendable, Hashable {
  /// How far a case can be trusted.
  public enum Grade: String, Sendable, Hashable, CaseIterable {
    /// A headline figure.
    case a = "A"
    /// Supporting.
    case b = "B"
    /// Outlier, unverified, or something that the schema cannot express: reported, never scored.
    case c = "C"
  }

  /// Its id; ids may repeat.
  public var id: String
  /// The line of the file, from 1.
  public var line: Int
  /// `series/run`: lines of one group describe one run or one session of measurements.
  public var group: String
  /// How far it can be trusted.
  public var grade: Grade
  /// Where the figures come from.
  public var source: String
  /// The model and its data.
  public var workload: CaseWorkload
  /// The machine.
  public var hardware: CaseHardware
  /// How it ran.
  public var strategy: CaseStrategy
  /// Dotted paths of values that the source does not state.
  public var assumed: [String]
  /// What was measured, in the order of the file.
  public var measured: [CaseMeasurement]
  /// Remarks of the collector.
  public var notes: String
  /// Keys of the line that the schema does not name; they change nothing.
  public var unknownKeys: [String]

  /// What stands before the slash of `group`: cases of one series share software and machine.
  public var series: String { String(group.prefix { $0 != "/" }) }
  /// Whether it counts in scores.
  public var isScored: Bool { grade != .c && !id.hasPrefix("UNVERIFIED") }
}

/// Dimensions of one tower, as far as the tower has them.
public struct CaseTower: Sendable, Hashable {
  /// Width of the residual stream.
  public var width: Int
  /// Blocks.
  public var depth: Int
  /// Query heads.
  public var heads: Int
  /// Hidden units of the feed-forward network.
  public var mlpWidth: Int
  /// Its kind, for example `gelu` or `swiglu`; nil where the file does not say.
  public var mlp: String?
  /// Side of a patch in pixels; 0 for towers without patches.
  public var patch = 0
  /// Side of the image in pixels.
  public var image = 0
  /// Whether there is a class token.
  public var classToken = true
  /// Tokens of a sequence.
  public var tokens = 0
  /// Entries of the vocabulary.
  public var vocabulary = 0
  /// Heads of keys and values.
  public var keyValueHeads: Int?
  /// Whether the output matrix is the token embedding.
  public var tiedEmbeddings = true
  /// Whether it is not trained.
  public var isFrozen = false
}

/// The model and its data.
public struct CaseWorkload: Sendable, Hashable {
  /// For example `clip`, `causal-lm`.
  public var family: String
  /// A name for people.
  public var model: String
  /// The image tower.
  public var image: CaseTower?
  /// The text tower; the Q-Former of BLIP-2.
  public var text: CaseTower?
  /// The language model; CoCa's multimodal decoder.
  public var language: CaseTower?
  /// The contrastive width, or the number of classes.
  public var embedWidth: Int?
  /// Towers without gradients: `image`, `text`, `language`.
  public var frozen: [String]
  /// Share of patches dropped.
  public var patchDropout: Double
  /// Samples of the whole run.
  public var samplesSeen: Double?
}

/// The machine.
public struct CaseHardware: Sendable, Hashable {
  /// The accelerator's name in the schema, for example `a100-80gb-sxm`.
  public var accelerator: String
  /// Accelerators of the run.
  public var count: Int
  /// Accelerators in one node.
  public var perNode: Int?
  /// The machine's name.
  public var cluster: String?
}

/// How it ran.
public struct CaseStrategy: Sendable, Hashable {
  /// Samples per accelerator and micro-batch.
  public var microBatch: Int
  /// Micro-batches per step.
  public var accumulation: Int
  /// Data-parallel ranks.
  public var dataParallel: Int
  /// Tensor-parallel ranks.
  public var tensorParallel: Int
  /// Pipeline stages.
  public var pipelineParallel: Int
  /// Model chunks per stage.
  public var virtualPipeline: Int
  /// Whether sequence parallelism accompanies tensor parallelism.
  public var sequenceParallel: Bool
  /// For example `amp-fp16`.
  public var precision: String
  /// For example `adamw`.
  public var optimizer: String
  /// 0 to 3.
  public var zeroStage: Int
  /// `none`, `selective` or `full`.
  public var recomputation: String
  /// `flash` or `unfused`.
  public var attention: String
  /// `local` or `global`.
  public var contrastiveGather: String?
  /// The label of the software.
  public var software: String
  /// The year of the software.
  public var year: Int?
}

/// One measured figure.
public struct CaseMeasurement: Sendable, Hashable {
  /// What was measured.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Samples per second of the whole job over accelerators.
    case samplesPerSecond = "samples_per_second_per_accelerator"
    /// Tokens per second of the whole job over accelerators.
    case tokensPerSecond = "tokens_per_second_per_accelerator"
    /// One optimizer step.
    case stepSeconds = "step_seconds"
    /// Hours for all samples; may include evaluation.
    case wallHours = "wall_hours"
    /// The same times accelerators.
    case acceleratorHours = "accelerator_hours"
    /// Peak of the fullest rank.
    case peakMemory = "peak_memory_gib"
    /// The contrastive loss alone.
    case lossMemory = "loss_memory_gib"
    /// It ran.
    case fits
    /// It ran out of memory.
    case doesNotFit = "does_not_fit"
    /// The largest micro-batch that fits, as bounds.
    case maxMicroBatch = "max_micro_batch"

    /// Whether it is a time in some unit.
    public var isTime: Bool {
      switch self {
      case .samplesPerSecond, .tokensPerSecond, .stepSeconds, .wallHours, .acceleratorHours: true
      case .peakMemory, .lossMemory, .fits, .doesNotFit, .maxMicroBatch: false
      }
    }

    /// Whether more of it means less time.
    public var isRate: Bool { self == .samplesPerSecond || self == .tokensPerSecond }
  }

  /// Whether the value is the figure or an end of where it lies.
  public enum Bound: String, Sendable, Hashable, CaseIterable {
    /// The figure.
    case exact
    /// The true value is below.
    case upper
    /// The true value is above.
    case lower
  }

  /// Who read the memory, and so what it contains.
  public enum Basis: String, Sendable, Hashable, CaseIterable {
    /// torch's peak of allocated memory.
    case allocated
    /// torch's peak of reserved memory.
    case reserved
    /// nvidia-smi: context and cache included.
    case device
    /// Not said how.
    case asReported = "as-reported"
    /// Not known.
    case unknown
  }

  /// What was measured.
  public var kind: Kind
  /// The value, in the kind's unit.
  public var value: Double
  /// What the value means.
  public var bound: Bound
  /// For memory: who read it.
  public var basis: Basis?

  /// A figure.
  public init(kind: Kind, value: Double, bound: Bound = .exact, basis: Basis? = nil) {
    self.kind = kind
    self.value = value
    self.bound = bound
    self.basis = basis
  }
}
