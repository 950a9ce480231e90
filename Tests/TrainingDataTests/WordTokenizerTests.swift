import Testing
import TrainingData

@Suite("Words as tokens")
struct WordTokenizerTests {
  private let tokenizer = WordTokenizer(vocabulary: [",", "a", "blue", "medium-sized", "ring"])

  @Test("Text becomes start, words, end and padding")
  func encode() {
    let text = tokenizer.encode("A medium-sized  blue ring,", length: 9)
    #expect(text.ids == [1, 5, 7, 6, 8, 4, 2, 0, 0])
    #expect(text.endPosition == 6)
    #expect(!text.isTruncated)
  }

  @Test("Unknown words have an id of their own")
  func unknown() {
    #expect(tokenizer.tokens(of: "a pink ring!") == [5, 3, 8, 3])
    #expect(tokenizer.word(of: 3) == "<unknown>")
    #expect(tokenizer.word(of: 6) == "blue")
    #expect(tokenizer.word(of: 9) == nil && tokenizer.word(of: -1) == nil)
  }

  @Test("A text that is too long keeps its start and an end token")
  func truncation() {
    let text = tokenizer.encode("a blue ring", length: 4)
    #expect(text.ids == [1, 5, 6, 2])
    #expect(text.endPosition == 3)
    #expect(text.isTruncated)
    #expect(!tokenizer.encode("a blue ring", length: 5).isTruncated)
    #expect(tokenizer.encode("", length: 3).ids == [1, 2, 0])
    #expect(tokenizer.encode("a", length: 2).ids == [1, 2])
  }

  @Test("The shapes' vocabulary fits small models, and says so where it does not")
  func vocabulary() throws {
    let tokenizer = try WordTokenizer.shapes(modelVocabulary: 4096)
    #expect(tokenizer.vocabularySize == CaptionGrammar.vocabulary.count + 4)
    let data = try shapes()
    for index in 0..<1000 as Range<UInt64> {
      let text = tokenizer.encode(data.caption(index), length: 32)
      #expect(!text.isTruncated && !text.ids.contains(tokenizer.unknownToken))
      #expect(text.ids[text.endPosition] == tokenizer.endToken)
      #expect(text.ids.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize })
    }
    let error = #expect(throws: TrainingDataError.self) {
      try WordTokenizer.shapes(modelVocabulary: 64)
    }
    #expect(
      error == .vocabularyTooSmall(needed: tokenizer.vocabularySize, available: 64))
  }
}
