/// CLIP's byte pair encoding, with a merges file that the user has.
///
/// Text is lower-cased, split into words, words into bytes; then neighbours are merged in the order of
/// the file. Unlike the published program it neither mends mis-decoded text nor HTML entities before.
///
/// Source: github.com/openai/CLIP, clip/simple_tokenizer.py.
public struct BPETokenizer: Tokenizer {
  /// Every id is below this.
  public let vocabularySize: Int
  /// What a sequence starts with.
  public let startToken: Int32
  /// What a sequence ends with.
  public let endToken: Int32
  /// CLIP fills up with zeros.
  public var paddingToken: Int32 { 0 }
  /// How many merges are in use.
  public var mergeCount: Int { pairs.merges.count }
  private let pairs: BytePairs

  /// The vocabulary of the published models.
  public static let publishedVocabularySize: Int = 49_408

  /// Reads a merges file in the form of `bpe_simple_vocab_16e6.txt`, plain or compressed with gzip.
  ///
  /// The first line is a header with `#version`; each further line is one merge: two symbols with a
  /// space between. Ids: 256 bytes, 256 bytes at the end of a word, the merges, start, end. Only as
  /// many merges are read as `vocabularySize` has room for.
  ///
  /// - Throws: `TrainingDataError`, with all lines that are wrong.
  public init(
    mergesFile path: String, vocabularySize limit: Int = Self.publishedVocabularySize
  ) throws(TrainingDataError) {
    guard limit >= 514 else {
      throw .unusableSetting(
        "a vocabulary of \(limit): the bytes, start and end take 514 without any merge")
    }
    let lines = try MergesFile(path: path, limit: limit - 514)
    var ids: [String: Int32] = [:]
    for (number, symbol) in BytePairs.alphabet.enumerated() {
      ids[String(symbol.character)] = Int32(number)
      ids[String(symbol.character) + BytePairs.wordEnd] = Int32(256 + number)
    }
    var problems = FileProblems(file: path)
    for (number, merge) in lines.merges.enumerated() {
      for part in [merge.left, merge.right] where ids[part] == nil {
        problems.add(
          line: merge.line, "\"\(part)\" is neither a byte nor the result of a merge before")
      }
      // Where two merges give the same symbol, it has the later one's id, as published.
      ids[merge.left + merge.right] = Int32(512 + number)
    }
    try problems.check()
    vocabularySize = 514 + lines.merges.count
    startToken = Int32(512 + lines.merges.count)
    endToken = startToken + 1
    pairs = BytePairs(lines.merges, ids: ids)
  }

  /// Reads the two files of Hugging Face: `vocab.json`, an object from symbol to id, and `merges.txt`.
  ///
  /// - Throws: `TrainingDataError`, with all lines and symbols that are wrong.
  public init(vocabularyFile: String, mergesFile: String) throws(TrainingDataError) {
    let lines = try MergesFile(path: mergesFile, limit: .max)
    let ids = try VocabularyFile.symbols(of: vocabularyFile)
    var problems = FileProblems(file: mergesFile)
    for merge in lines.merges {
      for symbol in [merge.left, merge.right, merge.left + merge.right] where ids[symbol] == nil {
        problems.add(line: merge.line, "\"\(symbol)\" is not in \(vocabularyFile)")
      }
    }
    try problems.check()
    vocabularySize = ids.count
    startToken = ids[CLIPWords.start] ?? 0
    endToken = ids[CLIPWords.end] ?? 0
    pairs = BytePairs(lines.merges, ids: ids)
  }

  /// The ids of a text; the start and end tokens' names in it stand for those tokens.
  public func tokens(of text: String) -> [Int32] {
    CLIPWords.words(of: text).flatMap { word -> [Int32] in
      switch word {
      case CLIPWords.start: [startToken]
      case CLIPWords.end: [endToken]
      default: pairs.ids(of: Array(word.utf8))
      }
    }
  }
}

extension BytePairs {
  /// Merges by their order, symbols by their ids; all of them have one.
  fileprivate init(_ lines: [MergesFile.Merge], ids: [String: Int32]) {
    inner = [Int32](repeating: 0, count: 256)
    last = inner
    for (byte, character) in Self.alphabet {
      inner[Int(byte)] = ids[String(character)] ?? 0
      last[Int(byte)] = ids[String(character) + Self.wordEnd] ?? 0
    }
    for (rank, merge) in lines.enumerated() {
      guard let left = ids[merge.left], let right = ids[merge.right],
        let id = ids[merge.left + merge.right]
      else { continue }
      let key = Self.key(left, right)
      if merges[key] == nil { merges[key] = Merge(rank: rank, id: id) }
    }
  }
}
