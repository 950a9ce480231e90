import Foundation
import Testing
import TrainingData

@Suite("Byte pair encoding")
struct BPETokenizerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let merges = """
    "bpe_simple_vocab_16e6.txt#version: 0.2
    i n
    t h
    a n
    r e
    a r
    e r
    th e</w>
    in g</w>

    """

  private func tokenizer() throws -> BPETokenizer {
    try BPETokenizer(mergesFile: folder.write("merges.txt", Self.merges))
  }

  // Ids by hand: "!" to "~" are 0 to 93, so a letter is its code - 33; at the end of a word 256 more;
  // the merges are 512 to 519.
  @Test(
    "Words become the ids that the algorithm gives by hand",
    arguments: [
      // t h e</w> -> th e</w> -> the</w>
      ("the", [518]),
      // r i n g</w> -> r in g</w> -> r ing</w>
      ("ring", [81, 519]),
      // t h e r e</w> -> th e r e</w> -> th er e</w>; "r e" would need an e inside the word
      ("there", [513, 517, 324]),
      // a r e a -> "r e" (rank 3) comes before "a r" (rank 4)
      ("areas", [64, 515, 64, 338]),
      // All places of a pair are merged at once.
      ("inin", [512, 72, 333]),
      ("ininx", [512, 512, 343]),
      ("it's 20!", [72, 339, 6, 338, 273, 271, 256]),
      // Bytes C3 A9: 174... start at 106, so C3 is 127; 161... start at 94, so A9 is 102.
      ("\u{e9}", [127, 358]),
      ("\u{c9}", [127, 358]),
      ("", []), (" \t\n ", []),
    ] as [(String, [Int32])])
  func byHand(text: String, ids: [Int32]) throws {
    #expect(try tokenizer().tokens(of: text) == ids)
  }

  @Test(
    "Text is split as the published expression does",
    arguments: [
      ("The  RING", "the ring"), ("they'll've", "they 'll 've"), ("a1b22", "a 1 b 2 2"),
      ("x!!'s", "x !!' s"), ("rock'n'roll", "rock ' n ' roll"), ("don't", "don 't"),
      ("\u{fc}ber-\u{4e2d}\u{6587}", "\u{fc}ber - \u{4e2d}\u{6587}"), ("a\u{1c}b", "a b"),
      ("\u{3a3}\u{39f}\u{3a3} \u{3a3}", "\u{3c3}\u{3bf}\u{3c2} \u{3c3}"), ("_a_", "_ a _"),
      ("\u{b2}\u{bd}", "\u{b2} \u{bd}"),
    ])
  func splitting(text: String, words: String) throws {
    let tokenizer = try tokenizer()
    let wanted = words.split(separator: " ").flatMap { word -> [Int32] in
      // A word by itself; only these two split further on their own.
      switch word {
      case "!!'": [0, 0, 262]
      default: tokenizer.tokens(of: String(word))
      }
    }
    #expect(tokenizer.tokens(of: text) == wanted)
  }

  @Test("Start, end and padding")
  func special() throws {
    let tokenizer = try tokenizer()
    #expect(tokenizer.vocabularySize == 522 && tokenizer.mergeCount == 8)
    #expect(tokenizer.encode("the ring", length: 7).ids == [520, 518, 81, 519, 521, 0, 0])
    #expect(tokenizer.tokens(of: "the<|endoftext|>") == [518, 521])
    #expect(throws: TrainingDataError.vocabularyTooSmall(needed: 522, available: 500)) {
      try tokenizer.check(vocabulary: 500)
    }
  }

  @Test("Only as many merges are read as the vocabulary has room for")
  func limit() throws {
    let path = try folder.write("merges.txt", Self.merges)
    let tokenizer = try BPETokenizer(mergesFile: path, vocabularySize: 516)
    #expect(tokenizer.vocabularySize == 516 && tokenizer.startToken == 514)
    #expect(tokenizer.tokens(of: "there") == [513, 68, 81, 324])
    #expect(throws: TrainingDataError.self) {
      try BPETokenizer(mergesFile: path, vocabularySize: 513)
    }
  }

  @Test("A file compressed with gzip reads the same")
  func compressed() throws {
    // gzip -9n of the merges above, made by Python's zlib.
    let base64 =
      "H4sIAAAAAAACA1NKKkiNL87MLchJjS/LT05Mijc0SzXTK6koUS5LLSrOzM+zUjDQM+LKVMjjKlHI4EoE"
      + "0kUKqUC6iCsViEsyFFJt9MvtuDLzFNLBDACaEHLbUgAAAA=="
    let bytes = try #require(Data(base64Encoded: base64))
    let tokenizer = try BPETokenizer(mergesFile: folder.write("merges.txt.gz", bytes))
    #expect(tokenizer.tokens(of: "there ring") == [513, 517, 324, 81, 519])
    #expect(throws: TrainingDataError.self) {
      try BPETokenizer(mergesFile: folder.write("cut.txt.gz", bytes.prefix(60)))
    }
  }

  @Test("vocab.json and merges.txt give the ids of the vocabulary")
  func vocabularyFile() throws {
    // The same symbols, numbered backwards.
    let count = 522
    let symbols = Self.symbols()
    let object = Dictionary(
      uniqueKeysWithValues: symbols.enumerated().map { ($0.element, count - 1 - $0.offset) })
    let vocabulary = try folder.write("vocab.json", JSONEncoder().encode(object))
    let merges = try folder.write("merges.txt", Self.merges)
    let tokenizer = try BPETokenizer(vocabularyFile: vocabulary, mergesFile: merges)
    let plain = try self.tokenizer()
    for text in ["the ring there", "it's 20! \u{e9}", "areas inin"] {
      #expect(tokenizer.tokens(of: text) == plain.tokens(of: text).map { 521 - $0 })
    }
    #expect(tokenizer.startToken == 1 && tokenizer.endToken == 0)
  }

  /// All symbols in the order of the plain file's ids.
  private static func symbols() -> [String] {
    let printing = Array(33...126) + Array(161...172) + Array(174...255)
    let others = (256..<256 + 256 - printing.count)
    let characters = (printing + others).compactMap(Unicode.Scalar.init).map { String($0) }
    let merged = ["in", "th", "an", "re", "ar", "er", "the</w>", "ing</w>"]
    return characters + characters.map { $0 + "</w>" } + merged
      + ["<|startoftext|>", "<|endoftext|>"]
  }

  @Test("All faults of a merges file are reported with their lines")
  func malformedMerges() throws {
    let path = try folder.write(
      "bad.txt", "i n\nt h\nlonely\na b c\nt h\nzz y\nin g</w>\n a\n")
    let error = #expect(throws: TrainingDataError.self) { try BPETokenizer(mergesFile: path) }
    let first = """
      \(path):1: the first line must be the header, with "#version"
      \(path):3: a merge is two symbols with a space between: "lonely"
      \(path):4: a merge is two symbols with a space between: "a b c"
      \(path):5: the merge "t h" stands here for the second time
      \(path):8: a merge is two symbols with a space between: " a"
      """
    #expect(error?.description == first)
    let unknown = try folder.write("unknown.txt", "#version: 0.2\nzz y\nx y\nq in\n")
    let second = #expect(throws: TrainingDataError.self) { try BPETokenizer(mergesFile: unknown) }
    #expect(
      second?.description == """
        \(unknown):2: "zz" is neither a byte nor the result of a merge before
        \(unknown):4: "in" is neither a byte nor the result of a merge before
        """)
    let binary = try folder.write("binary.txt", [35, 10, 255, 254, 10, 97, 32, 98, 10, 200, 10])
    let third = #expect(throws: TrainingDataError.self) { try BPETokenizer(mergesFile: binary) }
    #expect(
      third?.description == """
        \(binary):2: this line is not UTF-8
        \(binary):4: this line is not UTF-8
        """)
    #expect(throws: TrainingDataError.self) {
      try BPETokenizer(mergesFile: folder.path("absent.txt"))
    }
  }

  @Test("All faults of a vocabulary file are reported")
  func malformedVocabulary() throws {
    let merges = try folder.write("merges.txt", Self.merges)
    var object: [String: Int] = [:]
    for (id, symbol) in Self.symbols().enumerated() { object[symbol] = id }
    object["in"] = 3
    object["ing</w>"] = 900
    object["A"] = nil
    object["<|endoftext|>"] = nil
    let path = try folder.write("vocab.json", JSONEncoder().encode(object))
    let error = #expect(throws: TrainingDataError.self) {
      try BPETokenizer(vocabularyFile: path, mergesFile: merges)
    }
    #expect(
      error?.description == """
        \(path): "$" and "in" both have id 3
        \(path): "<|startoftext|>" has id 520; 520 symbols need 0 to 519
        \(path): "ing</w>" has id 900; 520 symbols need 0 to 519
        \(path): "A" is missing
        \(path): "<|endoftext|>" is missing
        """)
    for text in ["[1, 2]", "{\"a\": \"b\"}", "{\"a\": 1", ""] {
      let broken = try folder.write("broken.json", text)
      let error = #expect(throws: TrainingDataError.self) {
        try BPETokenizer(vocabularyFile: broken, mergesFile: merges)
      }
      #expect(error?.description.hasPrefix("\(broken): not a JSON object") == true, "\(text)")
    }
  }

  @Test("A very long word ends, too")
  func longWord() throws {
    let word = String(repeating: "there", count: 400)
    let ids = try tokenizer().tokens(of: word)
    #expect(ids.count == 400 * 3)
    // "r e" comes before "e r", but the last e ends the word.
    #expect(ids.prefix(6) == [513, 68, 515, 513, 68, 515])
    #expect(ids.suffix(3) == [513, 517, 324])
  }
}
