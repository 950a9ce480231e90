import Foundation
import Scenarios
import Synchronization
import Training
import TrainingData
import Workloads

/// Where a run's pairs of image and caption come from, as flags say it.
struct PairSource {
  /// `shapes`, or names of tar shards with braces.
  var data: String
  /// A merges file, or a `vocab.json` beside its `merges.txt`; nil for shapes.
  var vocabulary: String?
  var seed: UInt64

  /// The painted data set.
  static let shapes = "shapes"

  /// A source of batches for a model, made ahead on a thread of its own.
  func source(
    for model: ModelSpec, batch: Int, onPassedOver: @escaping @Sendable (PassedOver) -> Void
  ) throws -> any BatchSource {
    let text = try TextInput(model)
    let layout = try layout(for: model)
    let tokenizer = try tokenizer(for: model)
    let source: any BatchSource
    if data == Self.shapes {
      source = try ShapesBatchSource(
        dataset: ShapesDataset(seed: seed, split: .train, layout: layout), tokenizer: tokenizer,
        batch: batch, tokens: text.tokens)
    } else {
      source = try ShardBatchSource(
        ShardSettings(files: try ShardFiles.expand([data]), seed: seed), layout: layout,
        tokenizer: tokenizer, batch: batch, tokens: text.tokens, onPassedOver: onPassedOver)
    }
    return try PrefetchingBatchSource(source)
  }

  /// How images become patches of a model's image tower.
  func layout(for model: ModelSpec) throws -> PatchLayout {
    guard let tower = model.imageTower else {
      throw TrainingError.noData(family: "a model without images")
    }
    return try PatchLayout(
      imageSize: tower.imageSize, patchSize: tower.patchSize, normalization: normalization())
  }

  /// What cuts captions up for a model's text tower.
  func tokenizer(for model: ModelSpec) throws -> any Tokenizer {
    let text = try TextInput(model)
    let tokenizer = try tokenizer(vocabulary: text.vocabulary)
    try tokenizer.check(vocabulary: text.vocabulary)
    return tokenizer
  }

  /// Means of the data, and one deviation for all channels: an attack's radius is then the same in
  /// each.
  private func normalization() throws -> PixelNormalization {
    let published: PixelNormalization = data == Self.shapes ? .shapes : .openAI
    let deviation = published.deviation.reduce(0, +) / Float(published.deviation.count)
    return try PixelNormalization(
      mean: published.mean, deviation: [deviation, deviation, deviation])
  }

  private func tokenizer(vocabulary size: Int) throws -> any Tokenizer {
    guard let vocabulary else {
      guard data == Self.shapes else {
        throw UsageError(
          "--vocabulary is missing: shards need the file that their captions are cut up with",
          help: "name bpe_simple_vocab_16e6.txt.gz of CLIP, or a vocab.json with merges.txt beside "
            + "it")
      }
      return try WordTokenizer.shapes(modelVocabulary: size)
    }
    guard FileManager.default.fileExists(atPath: vocabulary) else {
      throw MissingFile(path: vocabulary, reason: "there is no such file")
    }
    if vocabulary.hasSuffix(".json") {
      let merges = URL(fileURLWithPath: vocabulary).deletingLastPathComponent()
        .appending(path: "merges.txt").path
      return try BPETokenizer(vocabularyFile: vocabulary, mergesFile: merges)
    }
    if vocabulary.hasSuffix("vocab.txt") {
      return try WordPieceTokenizer(vocabularyFile: vocabulary)
    }
    return try BPETokenizer(
      mergesFile: vocabulary, vocabularySize: min(size, BPETokenizer.publishedVocabularySize))
  }
}

/// Samples that were passed over, as notes: the first ones by name, then nothing more.
final class PassedOverLog: Sendable {
  private let isQuiet: Bool
  private let count = Mutex(0)
  private static let limit = 10

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Takes a sample; from any thread.
  func note(_ sample: PassedOver) {
    let number = count.withLock { count in
      count += 1
      return count
    }
    guard !isQuiet, number <= Self.limit else { return }
    Terminal.complain("passed over: \(sample)")
    if number == Self.limit { Terminal.complain("further ones are not named") }
  }
}
