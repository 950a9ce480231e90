/// What a stack's own model code builds where a description gives sizes alone.
public struct ModelHabits: Sendable, Hashable {
  /// Whether blocks of language models have biases.
  public var languageBiases = true
  /// Whether language models learn their positions; if not, they are a slope on the scores.
  public var languagePositions = true
  /// Chunks of a pipeline stage where a run is interleaved and nobody says how; 1: not interleaved.
  public var pipelineChunks = 1

  /// Blocks as everybody builds them.
  public init() {}
}
