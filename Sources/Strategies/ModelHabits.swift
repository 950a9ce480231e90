public import Workloads

/// What a stack's own model code builds where a description gives sizes alone.
public struct ModelHabits: Sendable, Hashable {
  /// The activation of image towers that say GELU, where it is another form of it.
  public var imageActivation: MLPKind?
  /// Rate of dropout in BERT-like text towers and behind their attention.
  public var encoderDropout = 0.0
  /// Whether blocks of language models have biases.
  public var languageBiases = true
  /// Whether language models learn their positions; if not, they are a slope on the scores.
  public var languagePositions = true
  /// Chunks of a pipeline stage where a run is interleaved and nobody says how; 1: not interleaved.
  public var pipelineChunks = 1

  /// Blocks as everybody builds them.
  public init() {}
}
