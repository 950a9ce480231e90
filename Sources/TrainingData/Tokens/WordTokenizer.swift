/// One id per lower-case word or punctuation mark of a known vocabulary.
///
/// Ids 0 to 3 are `<pad>`, `<start>`, `<end>` and `<unknown>`; the words follow in the order given.
public struct WordTokenizer: Tokenizer {
  /// The words, without the four special ones.
  public let vocabulary: [String]
  private let ids: [String: Int32]

  /// What a sequence is filled up with.
  public var paddingToken: Int32 { 0 }
  /// What a sequence starts with.
  public var startToken: Int32 { 1 }
  /// What a sequence ends with.
  public var endToken: Int32 { 2 }
  /// What stands for a word that is not in the vocabulary.
  public var unknownToken: Int32 { 3 }
  /// The words and the four special ones.
  public var vocabularySize: Int { vocabulary.count + 4 }

  /// A tokenizer for these words; where one stands twice, its first id counts.
  public init(vocabulary: [String]) {
    self.vocabulary = vocabulary
    ids = Dictionary(
      vocabulary.enumerated().map { ($0.element, Int32($0.offset + 4)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// A tokenizer for the captions and prompts of `ShapesDataset`.
  ///
  /// - Throws: `TrainingDataError.vocabularyTooSmall` where the model has fewer entries.
  public static func shapes(modelVocabulary: Int) throws(TrainingDataError) -> WordTokenizer {
    let tokenizer = WordTokenizer(vocabulary: CaptionGrammar.vocabulary)
    try tokenizer.check(vocabulary: modelVocabulary)
    return tokenizer
  }

  /// The ids of the words of a text.
  public func tokens(of text: String) -> [Int32] {
    Self.words(of: text).map { ids[$0] ?? unknownToken }
  }

  /// The word of an id; nil for ids that are not in use.
  public func word(of id: Int32) -> String? {
    let special = ["<pad>", "<start>", "<end>", "<unknown>"]
    let index = Int(id)
    if special.indices.contains(index) { return special[index] }
    return vocabulary.indices.contains(index - 4) ? vocabulary[index - 4] : nil
  }

  /// Splits a text into lower-case words and single punctuation marks.
  ///
  /// A word is a run of letters, digits, hyphens and apostrophes.
  public static func words(of text: String) -> [String] {
    var words: [String] = []
    var word = ""
    for character in text.lowercased() {
      if character.isLetter || character.isNumber || character == "-" || character == "'" {
        word.append(character)
        continue
      }
      if !word.isEmpty { words.append(word) }
      word = ""
      if !character.isWhitespace { words.append(String(character)) }
    }
    return word.isEmpty ? words : words + [word]
  }
}
