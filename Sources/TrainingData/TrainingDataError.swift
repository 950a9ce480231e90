/// Why training data cannot be had, in words for the person who gave it.
public enum TrainingDataError: Error, Hashable, CustomStringConvertible {
  /// A setting that cannot be; the text says which, and what would do.
  case unusableSetting(String)
  /// The words need more ids than the model has.
  case vocabularyTooSmall(needed: Int, available: Int)
  /// A saved position belongs to a source with other settings.
  case stateOfAnotherSource(expected: String, found: String)

  /// One sentence, with the remedy where there is one.
  public var description: String {
    switch self {
    case .unusableSetting(let text): text
    case .vocabularyTooSmall(let needed, let available):
      "the tokenizer needs \(needed) ids and the model's vocabulary has \(available): "
        + "give the model at least \(needed)"
    case .stateOfAnotherSource(let expected, let found):
      "the saved position belongs to data with other settings: saved with \"\(found)\", "
        + "now \"\(expected)\""
    }
  }
}
