private import Foundation

/// BERT's word pieces, uncased, with a `vocab.txt` that the user has.
///
/// Control characters go, accents go, letters become lower case, punctuation marks and Chinese
/// characters become words; then each word is cut from its start into the longest pieces there are.
///
/// Source: Devlin et al., BERT, NAACL 2019; github.com/google-research/bert, tokenization.py.
public struct WordPieceTokenizer: Tokenizer {
  /// Lines of the file, and the extra tokens.
  public let vocabularySize: Int
  /// The id of `[CLS]`.
  public let startToken: Int32
  /// The id of `[SEP]`.
  public let endToken: Int32
  /// The id of `[PAD]`.
  public let paddingToken: Int32
  /// The id of `[UNK]`, which stands for words that cannot be cut into pieces.
  public let unknownToken: Int32
  /// Keys are UTF-8: strings would hold different spellings of a letter to be equal.
  private let ids: [[UInt8]: Int32]

  /// Longer words are unknown.
  public static let longestWord: Int = 100

  /// Reads a vocabulary: one piece a line, whose ids are the lines from 0; `##` starts a piece that
  /// continues a word.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - extraTokens: Tokens that get the ids after the last line; BLIP-2 adds `[DEC]`.
  /// - Throws: `TrainingDataError`, with all lines that are wrong.
  public init(
    vocabularyFile path: String, extraTokens: [String] = []
  ) throws(TrainingDataError) {
    let lines = try TextFile.lines(of: path)
    var problems = FileProblems(file: path)
    var ids: [[UInt8]: Int32] = [:]
    for (index, line) in lines.enumerated() {
      let piece = line.trimmingCharacters(in: .whitespaces)
      if piece.isEmpty { problems.add(line: index + 1, "this line has no piece") }
      if let first = ids[Array(piece.utf8)] {
        problems.add(line: index + 1, "\"\(piece)\" stands in line \(first + 1) already")
      } else {
        ids[Array(piece.utf8)] = Int32(index)
      }
    }
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map { name in
      if ids[Array(name.utf8)] == nil { problems.add("\(name) is missing") }
      return ids[Array(name.utf8)] ?? 0
    }
    try problems.check()
    for (number, token) in extraTokens.enumerated() where ids[Array(token.utf8)] == nil {
      ids[Array(token.utf8)] = Int32(lines.count + number)
    }
    self.ids = ids
    vocabularySize = lines.count + extraTokens.count
    paddingToken = special[0]
    unknownToken = special[1]
    startToken = special[2]
    endToken = special[3]
  }

  /// The id of a piece or a special token; nil: there is none.
  public func id(of piece: String) -> Int32? { ids[Array(piece.utf8)] }

  /// The ids of the pieces of a text.
  public func tokens(of text: String) -> [Int32] {
    BERTWords.words(of: text).flatMap { pieces(of: $0) }
  }

  private func pieces(of word: [Unicode.Scalar]) -> [Int32] {
    guard word.count <= Self.longestWord else { return [unknownToken] }
    var pieces: [Int32] = []
    var start = 0
    while start < word.count {
      var end = word.count
      var found: Int32?
      while end > start, found == nil {
        var piece = Array((start > 0 ? "##" : "").utf8)
        for scalar in word[start..<end] { piece += Array(String(scalar).utf8) }
        found = ids[piece]
        if found == nil { end -= 1 }
      }
      guard let id = found else { return [unknownToken] }
      pieces.append(id)
      start = end
    }
    return pieces
  }
}
