/// Why training data cannot be had, in words for the person who gave it.
public enum TrainingDataError: Error, Hashable, CustomStringConvertible {
  /// A setting that cannot be; the text says which, and what would do.
  case unusableSetting(String)
  /// The words need more ids than the model has.
  case vocabularyTooSmall(needed: Int, available: Int)
  /// A file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// A file is not what it should be; all that one pass found.
  case malformed([FileProblem])
  /// More samples of an epoch are damaged than allowed.
  case tooManyDamaged(limit: Int, examples: [PassedOver])
  /// An epoch went by without a sample that could be used; what was passed over.
  case noUsableSamples(String)
  /// A saved position belongs to a source with other settings.
  case stateOfAnotherSource(expected: String, found: String)

  /// A sentence for each fault, with the remedy where there is one.
  public var description: String {
    switch self {
    case .unusableSetting(let text): text
    case .vocabularyTooSmall(let needed, let available):
      "the tokenizer needs \(needed) ids and the model's vocabulary has \(available): "
        + "give the model at least \(needed)"
    case .unreadable(let file, let reason): "\(file): \(reason)"
    case .malformed(let problems): problems.map(\.description).joined(separator: "\n")
    case .tooManyDamaged(let limit, let examples):
      "more than \(limit) damaged samples, for example:\n"
        + examples.prefix(5).map(\.description).joined(separator: "\n")
    case .noUsableSamples(let report):
      "the shards have no sample of an image and a caption (\(report)); the files of a sample must "
        + "follow each other in the archive: make it with tar --sort=name"
    case .stateOfAnotherSource(let expected, let found):
      "the saved position belongs to data with other settings: saved with \"\(found)\", "
        + "now \"\(expected)\""
    }
  }
}
