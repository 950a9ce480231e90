/// Turns text into the ids that a text tower reads.
public protocol Tokenizer: Sendable {
  /// Every id is at least 0 and below this.
  var vocabularySize: Int { get }
  /// What a sequence starts with.
  var startToken: Int32 { get }
  /// What a sequence ends with.
  var endToken: Int32 { get }
  /// What fills a sequence up.
  var paddingToken: Int32 { get }

  /// The ids of a text, without start, end and padding.
  func tokens(of text: String) -> [Int32]
}

extension Tokenizer {
  /// The ids of a text in a row of fixed length: start, text, end, padding.
  ///
  /// A text that is too long loses its end; the last id is the end token then.
  ///
  /// - Precondition: `length` is at least 2.
  public func encode(_ text: String, length: Int) -> EncodedText {
    precondition(length >= 2, "\(length) tokens hold no start and end")
    let tokens = tokens(of: text)
    let kept = tokens.prefix(length - 2)
    let padding = repeatElement(paddingToken, count: length - 2 - kept.count)
    return EncodedText(
      ids: [startToken] + kept + [endToken] + padding, endPosition: kept.count + 1,
      isTruncated: kept.count < tokens.count)
  }

  /// Checks that a model's text tower has an entry for every id.
  ///
  /// - Throws: `TrainingDataError.vocabularyTooSmall`.
  public func check(vocabulary: Int) throws(TrainingDataError) {
    guard vocabularySize <= vocabulary else {
      throw .vocabularyTooSmall(needed: vocabularySize, available: vocabulary)
    }
  }
}

/// A text as a row of ids.
public struct EncodedText: Hashable, Sendable {
  /// As many as were asked for.
  public let ids: [Int32]
  /// Where the end token is: the position whose output stands for the text.
  public let endPosition: Int
  /// Whether the text was too long, and lost its end.
  public let isTruncated: Bool
}
