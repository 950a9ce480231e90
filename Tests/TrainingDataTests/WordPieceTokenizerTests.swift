import Testing
import TrainingData

@Suite("Word pieces")
struct WordPieceTokenizerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let pieces = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "un", "##aff", "##able", "##a", "cafe", ",", "!",
    "\u{4e2d}", "##s", "caf", "-", "afford",
  ]

  private func tokenizer(extra: [String] = []) throws -> WordPieceTokenizer {
    let path = try folder.write("vocab.txt", Self.pieces.joined(separator: "\n") + "\n")
    return try WordPieceTokenizer(vocabularyFile: path, extraTokens: extra)
  }

  @Test(
    "Words are cut into the longest pieces from their start",
    arguments: [
      ("unaffable", [5, 6, 7]), ("Caf\u{e9}s,", [9, 13, 10]), ("cafe\u{301}", [9]),
      ("a\u{4e2d}a!", [4, 12, 4, 11]), ("unaffordable", [1]), ("a b\u{0}a", [4, 1]),
      ("a-a", [4, 15, 4]), ("a\u{a0}a\u{200b}", [4, 4]), ("", []),
    ] as [(String, [Int32])])
  func byHand(text: String, ids: [Int32]) throws {
    #expect(try tokenizer().tokens(of: text) == ids)
  }

  @Test("Long words are unknown")
  func longWord() throws {
    let tokenizer = try tokenizer()
    #expect(tokenizer.tokens(of: "a" + String(repeating: "a", count: 99)).count == 100)
    #expect(tokenizer.tokens(of: String(repeating: "a", count: 101)) == [1])
  }

  @Test("Start, end, padding and added tokens")
  func special() throws {
    let tokenizer = try tokenizer(extra: ["[DEC]"])
    #expect(tokenizer.vocabularySize == 18 && tokenizer.id(of: "[DEC]") == 17)
    #expect(tokenizer.encode("a!", length: 6).ids == [2, 4, 11, 3, 0, 0])
    #expect(tokenizer.encode("a!", length: 6).endPosition == 3)
  }

  @Test("All faults of a vocabulary are reported with their lines")
  func malformed() throws {
    let path = try folder.write("bad.txt", "[PAD]\na\n\n[UNK]\na\n[CLS]\n")
    let error = #expect(throws: TrainingDataError.self) {
      try WordPieceTokenizer(vocabularyFile: path)
    }
    #expect(
      error?.description == """
        \(path):3: this line has no piece
        \(path):5: "a" stands in line 2 already
        \(path): [SEP] is missing
        """)
  }
}
